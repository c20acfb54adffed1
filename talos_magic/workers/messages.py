"""What a scan and the processes that train its rounds tell each other."""

from dataclasses import dataclass, field
from typing import Any

from talos_magic.scan.checkpoint import Checkpoint
from talos_magic.values.labels import Label


@dataclass(frozen=True)
class Order:
    """A round to train.

    Attributes
    ----------
    params : dict
        Its labels.
    values : dict
        The values of the labels: what the model function gets.
    seed, fold : int or None
    metric, second_metric : str or None
        Those that the scan asks for.
    minimize : bool or None
    by_best_epoch : bool
    share_graphs : bool
    keeps_model : bool
        Whether the model may be one of the best.
    trial : dict
        The round for Talos's callbacks.
    start : Checkpoint or None
        From which the round goes on.
    curves : dict
        Its epochs so far.
    """

    params: dict[str, Label]
    values: dict[str, Any]
    seed: int | None
    fold: int | None
    metric: str | None
    second_metric: str
    minimize: bool | None
    by_best_epoch: bool
    share_graphs: bool
    keeps_model: bool
    trial: dict[str, Any]
    start: Checkpoint | None = None
    curves: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How a round has ended.

    Attributes
    ----------
    status : str
        "done", "failed", "paused", "cut" (it was skipped or pruned), "stopped" or "refused" (an
        error that ends the scan if no round is done).
    curves, phases : dict, list
        All epochs, of which some may not have been told, and where another fit began.
    history : dict
        What the model function has returned.
    epoch : int or None
        Whose weights the model has, over all phases; None: the last.
    model : bytes or None
        The pickled model; None if there is none, or none that is kept.
    has_model : bool
    regression : str
        The loss, if it is one of regression.
    error, traceback, place : str
        The place is the line of the model function.
    notices : list of str
    printed : str
        What the round has printed.
    checkpoint : Checkpoint or None
        From which a paused round can go on.
    """

    status: str
    curves: dict[str, list[float]] = field(default_factory=dict)
    phases: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)
    epoch: int | None = None
    model: bytes | None = None
    has_model: bool = False
    regression: str | None = None
    error: str = ""
    traceback: str = ""
    place: str = ""
    notices: list[str] = field(default_factory=list)
    printed: str = ""
    checkpoint: Checkpoint | None = None
