"""Checkpoints on disk are complete or not there; a lost one costs its round's epochs only."""

import errno
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from talos_magic.scan.checkpoint import Checkpoint
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.storage.checkpoints import CHECKPOINTS, Checkpoints, checkpoints_in

STATE = {"next": 3, "nan": float("nan"), "list": [1, "a", None]}


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(total=9)
    session.begin()
    return session


@pytest.fixture
def checkpoints(session: ScanSession, tmp_path: Path) -> Checkpoints:
    return Checkpoints(session, tmp_path)


def saved_epochs(folder: Path) -> dict[int, int]:
    return {number: known.epoch for number, known in checkpoints_in(folder).items()}


def checkpoint(epoch: int = 3, **arrays: Any) -> Checkpoint:
    return Checkpoint(epoch, 0.5, arrays or {"a": np.arange(6.0).reshape(2, 3)}, STATE)


def file_of(number: int, folder: Path) -> Path:
    return folder / CHECKPOINTS / f"round_{number}.npz"


def paused(session: ScanSession, checkpoints: Checkpoints, lr: float = 0.1) -> Round:
    round_ = session.start_round({"lr": lr})
    session.end_epoch({"loss": 1.0})
    checkpoints.save(round_, checkpoint())
    return session.pause_round()


ARRAYS = [
    np.float32([[1, 2], [3, np.nan]]),
    np.array(7),
    np.array(["a", "long"]),
    np.array([True, False]),
    np.zeros((0, 3)),
    np.array([1, 2], ">i4"),
    np.arange(5, dtype=ml_dtypes.bfloat16),
    np.array(1.5, ml_dtypes.bfloat16),
    np.arange(3, dtype=ml_dtypes.float8_e4m3fn),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype))
def test_arrays_of_all_types_come_back(
    array: Any, session: ScanSession, checkpoints: Checkpoints
) -> None:
    round_ = session.start_round({"lr": 0.1})
    checkpoints.save(round_, checkpoint(array=array))
    loaded = checkpoints.load(round_)
    assert loaded is not None
    assert (loaded.epoch, round_.saved_epochs) == (3, 3)
    back = loaded.arrays["array"]
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_the_rest_comes_back_and_names_are_free(
    session: ScanSession, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    round_ = session.start_round({"lr": 0.1})
    checkpoints.save(round_, checkpoint(file=np.ones(1), args=np.ones(2)))
    loaded = checkpoints.load(round_)
    assert loaded is not None
    assert repr(loaded.state) == repr(STATE)
    assert loaded.arrays.keys() == {"file", "args"}
    assert saved_epochs(tmp_path) == {0: 3}
    assert [path.name for path in (tmp_path / CHECKPOINTS).iterdir()] == ["round_0.npz"]


def test_nothing_is_there_of_other_rounds(
    session: ScanSession, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    assert checkpoints.load(session.start_round({"lr": 0.1})) is None
    assert saved_epochs(tmp_path) == saved_epochs(tmp_path / "nowhere") == {}
    checkpoints.drop(0)
    checkpoints.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:900] = bytes(800)
    path.write_bytes(content)


def write_a_pickle(path: Path) -> None:
    np.savez(path, checkpoint=np.array([object()]))


def write_another(path: Path) -> None:
    np.savez(path, weights=np.ones(3))


def write_a_list(path: Path) -> None:
    np.savez(path, checkpoint=np.array("[1, 2]"))


def link(path: Path) -> None:
    other = path.rename(path.parent.parent / "other.npz")
    path.symlink_to(other)


@pytest.mark.parametrize(
    "damage",
    [cut, flip, write_a_pickle, write_another, write_a_list, link, Path.unlink],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_or_foreign_file_is_no_checkpoint(
    damage: Any, session: ScanSession, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    round_ = session.start_round({"lr": 0.1})
    checkpoints.save(round_, checkpoint())
    damage(file_of(0, tmp_path))
    assert checkpoints.load(round_) is None
    assert saved_epochs(tmp_path) == {} or damage is flip  # of the arrays, which it does not read


@pytest.mark.parametrize("name", ["round_x.npz", "round_1.npz.partial", "round_-1.npz", "1.npz"])
def test_other_files_are_left_alone(
    name: str, session: ScanSession, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    paused(session, checkpoints)
    other = file_of(0, tmp_path).with_name(name)
    other.write_text("mine")
    checkpoints.close()
    assert saved_epochs(tmp_path) == {0: 3}
    assert other.read_text() == "mine"


def test_a_checkpoint_of_another_epoch_is_not_loaded(
    session: ScanSession, checkpoints: Checkpoints
) -> None:
    round_ = paused(session, checkpoints)
    round_.saved_epochs = 2
    assert checkpoints.load(round_) is None


def test_those_of_ended_rounds_are_deleted_in_the_end(
    session: ScanSession, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    paused(session, checkpoints)
    done = session.start_round({"lr": 0.2})
    checkpoints.save(done, checkpoint())
    session.finish_round({"loss": [1.0]})
    checkpoints.tidy()
    assert saved_epochs(tmp_path) == {0: 3}
    session.drop_paused()
    checkpoints.close()
    assert list(tmp_path.iterdir()) == []


def test_one_of_a_round_in_flight_stays(
    session: ScanSession, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    checkpoints.save(session.start_round({"lr": 0.1}), checkpoint())
    session.drop_rounds()
    checkpoints.close()
    assert saved_epochs(tmp_path) == {0: 3}


def test_one_of_an_earlier_attempt_is_deleted(
    session: ScanSession, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    checkpoints.save(session.start_round({"lr": 0.1}), checkpoint())
    session.restart_round(0)
    assert saved_epochs(tmp_path) == {}


class FullDisk:
    """Has room for a number of files of checkpoints."""

    def __init__(self, folder: Path, room: int) -> None:
        self.folder, self.room, self.save = folder, room, np.savez

    def __call__(self, file: Any, **entries: Any) -> None:
        there = len(saved_epochs(self.folder))
        file.write(b"the beginning")
        if there >= self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        file.seek(0)
        self.save(file, **entries)


def test_a_full_disk_drops_those_of_the_oldest_paused_rounds(
    session: ScanSession,
    checkpoints: Checkpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = [paused(session, checkpoints, lr) for lr in (0.1, 0.2, 0.3)]
    monkeypatch.setattr(np, "savez", FullDisk(tmp_path, 2))
    rounds.append(paused(session, checkpoints, 0.4))
    assert [round_.saved_epochs for round_ in rounds] == [0, 0, 3, 3]
    assert saved_epochs(tmp_path) == {2: 3, 3: 3}
    assert len(session.notices) == 1
    assert "no room for the checkpoints of all paused rounds" in session.notices[0]


def test_without_room_for_one_that_is_said_and_the_round_goes_on(
    session: ScanSession,
    checkpoints: Checkpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(np, "savez", FullDisk(tmp_path, 0))
    assert paused(session, checkpoints).saved_epochs == 0
    assert session.notices == ["a checkpoint could not be saved: No space left on device"]
    assert list((tmp_path / CHECKPOINTS).iterdir()) == []


def test_the_earlier_one_of_the_same_round_stays_if_the_disk_is_full(
    session: ScanSession,
    checkpoints: Checkpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    round_ = session.start_round({"lr": 0.1})
    checkpoints.save(round_, checkpoint(3))
    monkeypatch.setattr(np, "savez", FullDisk(tmp_path, 0))
    checkpoints.save(round_, checkpoint(5))
    assert round_.saved_epochs == 3
    assert checkpoints.load(round_) is not None


def test_a_folder_that_has_been_deleted_is_not_made_again(
    session: ScanSession, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    checkpoints = Checkpoints(session, gone)
    paused(session, checkpoints)
    checkpoints.close()
    assert not gone.exists()
    assert "a checkpoint could not be saved" in session.notices[0]
