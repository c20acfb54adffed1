"""Keeps models on disk, those of the best combinations, and none in memory."""

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession

MODELS = "models"


def how_many(keep: str | int) -> float:
    """Read how many models are to be kept.

    Parameters
    ----------
    keep : str or int
        "best", "all", "none", or a number.

    Raises
    ------
    ScanError
        If it is something else.

    Examples
    --------
    >>> how_many("best"), how_many("all"), how_many("3"), how_many(0)
    (1, inf, 3, 0)
    """
    words = {"best": 1, "all": math.inf, "none": 0}
    if keep in words:
        return words[str(keep)]
    if not re.fullmatch("[0-9]{1,6}", str(keep)):
        raise ScanError(f"--keep is {keep!r}: give best, all, none or a number of models")
    return int(keep)


def kept_before(folder: Path, recorded: object) -> str | int:
    """How many models a scan that is gone on with keeps: no fewer than it has.

    Parameters
    ----------
    folder : Path
        The scan's.
    recorded : Any
        What the scan began with; a damaged record counts as "best".

    Examples
    --------
    >>> kept_before(Path("no such folder"), "all")
    'all'
    """
    known = recorded if isinstance(recorded, str | int) else "best"
    there = len(list((folder / MODELS).glob("*.keras")))
    try:
        return known if how_many(known) >= there else there
    except ScanError:
        return max(there, 1)


class KeptModels:
    """The models of the best combinations so far: of each, that of its best round.

    A model is written beside the others and then put in its place, so that what lies there is
    whole. Those that are no longer among the best go when their better has been recorded. A
    combination that is to be trained again may yet turn out better or worse, so its model stays.
    Where the disk is full, the best model that is not on it waits in memory until there is room.

    Parameters
    ----------
    session : ScanSession
        Knows how good a round is; told once if models cannot be saved. It may have rounds of an
        earlier run already.
    folder : Path
        The scan's folder.
    count : float
        How many combinations' to keep; infinity for those of all rounds.
    """

    def __init__(self, session: ScanSession, folder: Path, count: float = 1) -> None:
        self._session = session
        self._folder = folder
        self._count = count
        done = (round_ for round_ in session.rounds if round_.status == "done")
        self._kept = [round_ for round_ in done if model_path(folder, round_.number).exists()]
        self._waiting: tuple[Round, Any] | None = None
        self.custom_objects: dict[str, type] = {}

    def drop_unrecorded(self) -> None:
        """Delete what an earlier run left of a round that was never recorded, or cut short."""
        known = {model_path(self._folder, round_.number) for round_ in self._kept}
        for path in (self._folder / MODELS).glob("*.keras"):
            if path not in known:
                _delete(path)

    def offer(self, round_: Round, model: Any) -> None:
        """Keep the model if its round is one of the best so far."""
        waiting = [] if self._waiting is None else [self._waiting[0]]
        if round_ in self._best([*self._kept, *waiting, round_]) and hasattr(model, "save"):
            self.custom_objects |= {kind.__name__: kind for kind in _own_layers(model)}
            try:
                self._write(round_, model)
            except Exception as error:  # noqa: BLE001  # a layer without get_config, a full disk
                if isinstance(error, OSError):
                    self._waiting = round_, model
                self._session.notice(f"the best model could not be saved: {_why(error)}")

    def tidy(self) -> None:
        """Write what waits, and delete the models that are no longer among the best."""
        self._write_waiting()
        best = self._best(self._kept)
        for round_ in self._kept:
            if round_ not in best:
                _delete(model_path(self._folder, round_.number))
        self._kept = best

    @property
    def unsaved(self) -> dict[int, Any]:
        """The model that waits for room, by its round."""
        return {} if self._waiting is None else {self._waiting[0].number: self._waiting[1]}

    def tell_missing(self) -> None:
        """Say which models are no longer where they were put."""
        gone = [r.number for r in self._kept if not model_path(self._folder, r.number).exists()]
        if gone:
            numbers = ", ".join(map(str, gone))
            self._session.notice(f"the model of round {numbers} was deleted from {self._folder}")

    def _write_waiting(self) -> None:
        if self._waiting is None:
            return
        round_, model = self._waiting
        if round_ not in self._best([*self._kept, round_]):
            self._waiting = None
            return
        with suppress(OSError):
            self._write(round_, model)
            self._waiting = None
            self._session.notice(f"the model of round {round_.number} is saved now")

    def _best(self, rounds: list[Round]) -> list[Round]:
        session = self._session
        if math.isinf(self._count) or not self._count:
            return rounds if self._count else []
        rounds = [round_ for round_ in rounds if math.isfinite(session.score(round_))]
        sign = 1 if session.minimize else -1
        rounds.sort(key=lambda round_: sign * session.score(round_))
        own = {r.number: session.combination(r.params) for r in rounds}
        best_of_each = {id(own[r.number]): r for r in reversed(rounds)}.values()
        means = {r.number: own[r.number].mean(session.metric) for r in best_of_each}
        first = {r.number: own[r.number].rounds[0].number for r in best_of_each}
        ranked = [round_ for round_ in best_of_each if math.isfinite(means[round_.number])]
        # As a ranking has it: of equal combinations the one that was trained first.
        ranked.sort(key=lambda round_: (sign * means[round_.number], first[round_.number]))
        is_over = [own[round_.number].has_ended(session.repeats) for round_ in ranked]
        over = [round_ for round_, ended in zip(ranked, is_over, strict=True) if ended]
        yet = [round_ for round_, ended in zip(ranked, is_over, strict=True) if not ended]
        return [*over[: int(self._count)], *yet]

    def _write(self, round_: Round, model: Any) -> None:
        path = model_path(self._folder, round_.number)
        path.parent.mkdir(exist_ok=True)  # without parents: a mount that is gone must not be made
        # Keras chooses the format by the ending, so a half-written file needs one too.
        partial = path.with_name(f"{round_.number}.partial.keras")
        try:
            model.save(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        self._kept.append(round_)


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:  # without the paths
        return f"{error.strerror}; it waits in memory"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else repr(error)


def _delete(path: Path) -> None:
    with suppress(OSError):  # a folder that cannot be written: the file is in nobody's way
        path.unlink(missing_ok=True)


def model_path(folder: Path, number: int) -> Path:
    """Where the model of a round lies, if it was kept."""
    return folder / MODELS / f"{number}.keras"


def _own_layers(model: Any) -> Iterator[type]:
    """Find the layers that the notebook defines: without their classes no model is loaded."""
    for layer in getattr(model, "layers", ()):
        if type(layer).__module__ == "__main__":
            yield type(layer)
        yield from _own_layers(layer)
