"""Checkpoints in a scan's folder: the state from which a round can go on.

A file is one archive of numpy's, without pickle. Any file may be damaged or foreign, which is then
no checkpoint.
"""

import json
import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from talos_magic.scan.checkpoint import Checkpoint
from talos_magic.scan.events import Event, RoundStarted
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession

CHECKPOINTS = "checkpoints"
NAME = re.compile(r"round_(\d{1,9})\.npz")
ENTRIES = ("epoch", "seconds", "state", "types")  # of what is no array
REST, ARRAY = "checkpoint", "array "  # the entry of what is no array, as JSON; and of an array


class Checkpoints:
    """The checkpoints of a scan's rounds, one of each that can go on.

    A checkpoint is written to a temporary file, then renamed: every file is complete. If the disk
    has no room, those of paused rounds make place, the oldest first: such a round is trained from
    its first epoch if it is to go on.
    """

    def __init__(self, session: ScanSession, folder: Path) -> None:
        self._session = session
        self._folder = folder
        session.subscribe(self._drop_of_earlier_attempt)

    def save(self, round_: Round, checkpoint: Checkpoint) -> None:
        """Write a checkpoint of a round, and note its epoch; if that fails, add a notice."""
        for paused in [*self._saved_paused(round_), None]:
            try:
                _write(self._path(round_.number), checkpoint)
            except OSError as error:
                if paused is None:  # an earlier checkpoint of the round is still there
                    why = error.strerror or error  # without the path
                    self._session.notice(f"a checkpoint could not be saved: {why}")
                else:
                    self._make_room(paused)
            else:
                round_.saved_epochs = checkpoint.epoch
                return

    def load(self, round_: Round) -> Checkpoint | None:
        """Read the checkpoint of a round; None if there is none that is intact."""
        checkpoint = _read(self._path(round_.number))
        return checkpoint if checkpoint and checkpoint.epoch == round_.saved_epochs else None

    def start(self, round_: Round) -> Checkpoint | None:
        """Return the state from which a round goes on; without it, the round begins again."""
        checkpoint = self.load(round_) if round_.saved_epochs else None
        if round_.saved_epochs and checkpoint is None:
            self._session.restart_round(round_.number)
        return checkpoint

    def drop(self, number: int) -> None:
        """Delete the checkpoint of a round."""
        path = self._path(number)
        with suppress(OSError):  # a folder that cannot be written keeps the file
            if _is_own(path):
                path.unlink()

    def tidy(self) -> None:
        """Delete the checkpoints of rounds that have ended."""
        rounds = self._session.rounds
        for number in _files(self._folder):
            if number >= len(rounds) or rounds[number].status.is_finished():
                self.drop(number)

    def close(self) -> None:
        """Tidy, and remove the folder if it is empty."""
        self._session.unsubscribe(self._drop_of_earlier_attempt)
        self.tidy()
        with suppress(OSError):  # it is not empty, or not there
            (self._folder / CHECKPOINTS).rmdir()

    def _path(self, number: int) -> Path:
        return self._folder / CHECKPOINTS / f"round_{number}.npz"

    def _saved_paused(self, round_: Round) -> list[Round]:
        """Return the other paused rounds with a checkpoint, the oldest first."""
        return [r for r in self._session.paused if r.saved_epochs and r is not round_]

    def _make_room(self, paused: Round) -> None:
        self.drop(paused.number)
        paused.saved_epochs = 0
        self._session.notice(
            "the disk has no room for the checkpoints of all paused rounds: the oldest ones start "
            "from their first epoch if they go on"
        )

    def _drop_of_earlier_attempt(self, event: Event) -> None:
        if isinstance(event, RoundStarted):
            self.drop(event.round)


def checkpoints_in(folder: Path) -> dict[int, Checkpoint]:
    """Return the checkpoints in a scan's folder, without arrays, by the number of their round."""
    found = {number: _read(path, whole=False) for number, path in _files(folder).items()}
    return {number: known for number, known in found.items() if known}


def _files(folder: Path) -> dict[int, Path]:
    """Return the files of checkpoints by the number of their round."""
    found = {}
    with suppress(OSError):
        for path in sorted((folder / CHECKPOINTS).iterdir()):
            name = NAME.fullmatch(path.name)
            if name and _is_own(path):
                found[int(name[1])] = path
    return found


def _is_own(path: Path) -> bool:
    """Return whether a path is a regular file; neither it nor its folder may be a link."""
    try:
        return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
    except OSError:
        return False


def _write(path: Path, checkpoint: Checkpoint) -> None:
    import numpy as np

    rest = {
        "epoch": checkpoint.epoch,
        "seconds": checkpoint.seconds,
        "state": checkpoint.state,
        "types": {name: str(array.dtype) for name, array in checkpoint.arrays.items()},
    }
    arrays = checkpoint.arrays.items()
    entries: Any = {ARRAY + name: _known_to_numpy(array) for name, array in arrays}
    entries[REST] = np.array(json.dumps(rest))
    path.parent.mkdir(exist_ok=True)  # without parents: a lost mount must not be replaced
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            np.savez(file, **entries)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _read(path: Path, *, whole: bool = True) -> Checkpoint | None:
    """Read a checkpoint, or only what is no array; None if it is damaged, or not one."""
    import numpy as np

    if not _is_own(path):
        return None
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            rest = json.loads(str(file[REST]))
            epoch, seconds, state, types = (rest[name] for name in ENTRIES)
            arrays = {name: _as_saved(file[ARRAY + name], types[name]) for name in types if whole}
    except Exception:  # noqa: BLE001  # zipfile, zlib, json and numpy have errors of their own
        return None
    is_one = type(epoch) is int and epoch > 0 and isinstance(state, Mapping)
    is_one &= type(seconds) is float and math.isfinite(seconds)
    return Checkpoint(epoch, seconds, arrays, dict(state)) if is_one else None


def _known_to_numpy(array: Any) -> Any:
    """Return an array as numpy can write it: bfloat16 and its like are types of another package."""
    return array if array.dtype.isbuiltin != 2 else array.view(f"u{array.dtype.itemsize}")


def _as_saved(array: Any, type_: str) -> Any:
    import numpy as np

    if str(array.dtype) == type_:
        return array
    import ml_dtypes  # noqa: F401  # comes with Keras, and registers the names of its types

    return array.view(np.dtype(type_))
