"""What an editor knows of the notebook around it."""

from collections.abc import Mapping
from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Float, HasTraits, Int, Set

from talos_magic.grid.condition import Condition
from talos_magic.scan.session import ScanSession

METRICS = {"loss", "val_loss", "accuracy", "val_accuracy", "acc", "val_acc"}


class Context(HasTraits):
    """The cell that will use the grid, and what this notebook's last scan has shown.

    Attributes
    ----------
    reads : set of str or None
        Keys of params that the cell reads; None if unknown.
    called : set of str
        Those whose values it calls, as in ``params["opt"]()``.
    where, rounds, fraction
        Options of the scan: which combinations are allowed, how many are drawn.
    seconds : float or None
        Mean duration of a round; None before one has run.
    metrics : set of str
        Names of metrics: the usual ones and those of the last scan.
    namespace : mapping
        The notebook's variables, in which typed expressions are evaluated.

    Examples
    --------
    >>> Context(reads={"lr"}, rounds=5).rounds
    5
    """

    reads: set[str] | None = Set(allow_none=True, default_value=None)  # type: ignore[assignment]
    called: set[str] = Set()  # type: ignore[assignment]
    where: Condition | None = AnyTrait(None)  # type: ignore[assignment]
    rounds = Int(None, allow_none=True)
    fraction = Float(None, allow_none=True)
    seconds = Float(None, allow_none=True)
    version = Int(help="Counts what was learned: the one trait to observe.")
    metrics: set[str] = Set(METRICS)  # type: ignore[assignment]
    namespace: Mapping[str, Any] = AnyTrait()  # type: ignore[assignment]

    def __init__(self, namespace: Mapping[str, Any] | None = None, **traits: Any) -> None:
        # Not copied: expressions see what the notebook has by then.
        super().__init__(namespace={} if namespace is None else namespace, **traits)

    def set(self, **traits: Any) -> None:
        """Learn several things at once; then, once, the version changes."""
        for name, value in traits.items():
            setattr(self, name, value)
        self.version += 1

    def learn(self, session: ScanSession) -> None:
        """Take from a scan how long a round lasts and which metrics there are."""
        done = [round_ for round_ in session.rounds if round_.status == "done"]
        if done:
            self.set(
                seconds=sum(round_.duration for round_ in done) / len(done),
                metrics=METRICS | {name for round_ in done for name in round_.metrics},
            )
