"""One writer per folder; a dead one holds no lock."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from talos_magic.errors import ScanError
from talos_magic.storage.lock import FolderLock, is_locked

HOLD = """\
import sys, time
from pathlib import Path
from talos_magic.storage.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_another_process_that_writes_is_refused_until_it_dies(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_locked(tmp_path)
        with pytest.raises(ScanError, match="is being written by another scan"):
            FolderLock(tmp_path).acquire()
        holder.kill()
    assert not is_locked(tmp_path)
    lock = FolderLock(tmp_path)
    lock.acquire()
    assert is_locked(tmp_path)
    lock.release()


def test_a_folder_that_was_never_written_to_is_free(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_locks_does_without(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path / "missing")
    lock.acquire()
    lock.release()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are what this is about")
@pytest.mark.parametrize("killed", [False, True])
def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path, killed: bool) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    if killed:
        os.close(lock._lock._context.lock_file_fd or 0)  # all that happens when a process dies
    else:
        lock.release()
    free = any(not is_locked(tmp_path) or time.sleep(0.05) for _ in range(100))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert free
