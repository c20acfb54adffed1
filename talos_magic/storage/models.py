"""Keeps the models of the best combinations: on disk, or in memory what cannot be loaded safely."""

import copy
import gc
import math
import re
import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from talos_magic.errors import InvalidInputError
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.storage.folders import is_own_file
from talos_magic.storage.keras_files import cause, is_keras, why_lost

MODELS = "models"


def parse_keep(keep: str | int) -> float:
    """Return the number of models that ``--keep`` requests.

    >>> parse_keep("best"), parse_keep("all"), parse_keep("3"), parse_keep(0)
    (1, inf, 3, 0)
    """
    words = {"best": 1, "all": math.inf, "none": 0}
    if keep in words:
        return words[str(keep)]
    if not re.fullmatch("[0-9]{1,6}", str(keep)):
        raise InvalidInputError(f"--keep is {keep!r}: give best, all, none or a number of models")
    return int(keep)


def earlier_keep(folder: Path, recorded: object, rounds: Iterable[int]) -> str | int:
    """Return ``--keep`` for a resumed scan as it is on record.

    If it is not, as in Talos's folders, or damaged: the number of models of the recorded rounds.
    """
    if isinstance(recorded, str | int):
        with suppress(InvalidInputError):
            parse_keep(recorded)
            return recorded
    return max(sum(is_own_file(model_path(folder, number)) for number in rounds), 1)


def model_path(folder: Path, number: int) -> Path:
    """Return the path of a round's model; it exists if the model was kept."""
    return folder / MODELS / f"{number}.keras"


class Held(dict[int, Any]):
    """Models in memory, by their round; to a plain dict, there is no weak reference."""


_held: WeakValueDictionary[Path, Held] = WeakValueDictionary()


def held_models(folder: Path) -> Held:
    """Return the models of a scan that are in this kernel's memory as long as its result is."""
    return _held.setdefault(folder.resolve(), Held())


class ModelStore:
    """The models of the best combinations so far: the model of the best round of each.

    A model is written to a temporary file, then renamed: every model file is complete. A model is
    deleted only after a better round has been recorded, and not before all repeats of its
    combination have ended. Nothing is pickled: models of other libraries than Keras stay in memory,
    as do Keras models that their file does not give back; of all rounds' models, only the best of
    these. If the disk is full, the best model waits in memory until there is room.
    """

    def __init__(self, session: ScanSession, folder: Path, count: float = 1) -> None:
        self._session = session  # it may have rounds of an earlier run already
        self.folder = folder
        self._count = count  # of combinations; infinity for the models of all rounds
        self.unsaved = held_models(folder)  # an earlier run in this kernel may have some
        done = (round_ for round_ in session.rounds if round_.status == RoundStatus.DONE)
        self._kept = [round_ for round_ in done if self._has(round_)]
        self._waiting: Round | None = None  # its model is in memory until there is room on disk
        self._said: set[str] = set()
        self.custom_objects: dict[str, Any] = {}

    def drop_unrecorded(self) -> None:
        """Delete the models of rounds that an earlier run did not record."""
        known = {round_.number for round_ in self._kept}
        for number in self.unsaved.keys() - known:
            del self.unsaved[number]
        for path in (self.folder / MODELS).glob("*.keras"):
            if path not in {model_path(self.folder, number) for number in known}:
                _delete(path)

    def wants(self, round_: Round) -> bool:
        """Return whether the model of a round is one of those to keep."""
        waiting = [] if self._waiting is None else [self._waiting]
        return math.isinf(self._count) or round_ in self._best([*self._kept, *waiting, round_])

    def offer(self, round_: Round, model: Any) -> None:
        """Keep the model if its round is one of the best so far."""
        if model is None or not self.wants(round_):
            return
        try:
            self._keep(round_, model)
        except OSError as error:
            self._stop_waiting()
            self._waiting, self.unsaved[round_.number] = round_, model
            why = f"{error.strerror or error}; it waits in memory"  # without the path
            self._session.notice(f"the best model could not be saved: {why}")

    def tidy(self) -> None:
        """Save the model that waits, and delete those that are no longer among the best."""
        self._write_waiting()
        keeps_all = math.isinf(self._count)
        rivals = [r for r in self._kept if r.number in self.unsaved or not keeps_all]
        best = self._best(rivals)
        dropped = [round_ for round_ in rivals if round_ not in best]
        for round_ in dropped:
            if self.unsaved.pop(round_.number, None) is not None:
                gc.collect()  # a model is part of a cycle
            if not keeps_all:
                _delete(model_path(self.folder, round_.number))
        self._kept = [round_ for round_ in self._kept if round_ not in dropped]

    def report_missing(self) -> None:
        """Show a notice of models that somebody has deleted."""
        gone = [round_.number for round_ in self._kept if not self._has(round_)]
        if gone:
            numbers = ", ".join(map(str, gone))
            self._session.notice(f"the model of round {numbers} was deleted from {self.folder}")

    def _has(self, round_: Round) -> bool:
        number = round_.number
        return number in self.unsaved or is_own_file(model_path(self.folder, number))

    def _write_waiting(self) -> None:
        round_ = self._waiting
        if round_ is None:
            return
        if not self.wants(round_):
            self._stop_waiting()
            return
        with suppress(OSError):
            self._keep(round_, self.unsaved[round_.number])
            self._waiting = None
            self._session.notice(f"the model of round {round_.number} is saved now")

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            del self.unsaved[self._waiting.number]
            self._waiting = None

    def _best(self, rounds: list[Round]) -> list[Round]:
        """Return the best round of each of the best combinations."""
        if not self._count:
            return []
        session = self._session
        sign = 1 if session.minimize else -1
        scored = [round_ for round_ in rounds if math.isfinite(session.score(round_))]
        best: dict[int, tuple[Combination, Round]] = {}  # by the combination's first round
        for round_ in sorted(scored, key=lambda round_: sign * session.score(round_)):
            combination = session.combination(round_.params)
            best.setdefault(combination.rounds[0].number, (combination, round_))
        means = {first: entry[0].mean(session.metric) for first, entry in best.items()}
        known = [first for first in best if math.isfinite(means[first])]
        # Of equal combinations, the first is the best, as in the ranking.
        ranked = [best[first] for first in sorted(known, key=lambda n: (sign * means[n], n))]
        ended = [r for combination, r in ranked if combination.has_ended(session.repeats)]
        repeated = [r for combination, r in ranked if not combination.has_ended(session.repeats)]
        count = 1 if math.isinf(self._count) else int(self._count)  # memory holds one of all
        return [*ended[:count], *repeated]

    def _keep(self, round_: Round, model: Any) -> None:
        """Write a model, or hold it in memory; OSError if the disk has no room for it."""
        why = f"only Keras models are written to disk, not a {type(model).__name__}"
        if is_keras(model):
            path = model_path(self.folder, round_.number)
            try:
                _write(path, model)
                why = self._why_in_memory(path, model)
            except OSError:
                raise
            except Exception as error:  # noqa: BLE001  # a layer without get_config
                why = f"Keras cannot write it to disk ({cause(error)})"
        self._kept.append(round_)
        if why:
            self.unsaved[round_.number] = _own_copy(model)
            what = "models stay" if 1 < self._count < math.inf else "model stays"
            others = ", and the others are not kept" if math.isinf(self._count) else ""
            self._say(f"the best {what} in memory, as long as the result does{others}", why)
        else:
            self.unsaved.pop(round_.number, None)

    def _why_in_memory(self, path: Path, model: Any) -> str:
        """Return why a file is not enough; of all models, what `compile` sets may be lost."""
        why = why_lost(path, model, self.custom_objects)
        are_all = math.isinf(self._count)  # memory could not hold them
        if why and are_all and not why_lost(path, model, self.custom_objects, compiled=False):
            self._say("the models come back without loss, metrics and optimizer", why)
            return ""
        return why

    def _say(self, what: str, why: str) -> None:
        """Show a notice once: the reason may name the round's objects."""
        if what not in self._said:
            self._said.add(what)
            self._session.notice(f"{what}: {why}")


def _write(path: Path, model: Any) -> None:
    path.parent.mkdir(exist_ok=True)  # without parents: a lost mount must not be replaced
    # Keras chooses the format by the ending.
    partial = path.with_name(f"{path.stem}.partial.keras")
    try:
        with warnings.catch_warnings(action="ignore"):  # `why_lost` says what matters
            model.save(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _delete(path: Path) -> None:
    with suppress(OSError):  # a folder that cannot be written keeps the file
        path.unlink(missing_ok=True)


def _own_copy(model: Any) -> Any:
    """Copy an estimator or a torch module: the cell may train the same object in the next round."""
    if is_keras(model) or not (hasattr(model, "get_params") or hasattr(model, "state_dict")):
        return model
    try:
        return copy.deepcopy(model)
    except Exception:  # noqa: BLE001  # of any library
        return model
