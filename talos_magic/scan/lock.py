"""Keeps two writers out of one folder: the operating system's lock, which dies with its process."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

from talos_magic.errors import ScanError

LOCK = "lock"
PATIENCE = 0.5  # seconds: who only looks whether it is locked holds the lock for a moment

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _give(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class FolderLock:
    """A lock on a scan's folder, to be held as long as it is written to.

    Parameters
    ----------
    folder : Path
        The scan's; it exists.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mine = FolderLock(Path(folder))
    ...     mine.acquire()
    ...     is_locked(Path(folder))
    ...     mine.release()
    ...     is_locked(Path(folder))
    True
    False
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. A file system that knows no locks, or takes no file, does without.

        Raises
        ------
        ScanError
            If another process, or another scan of this one, writes to the folder.
        """
        end = time.monotonic() + PATIENCE
        _HELD.add(self)
        try:
            self._descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT)
        except OSError:
            return
        while not _is_taken(self._descriptor):
            if time.monotonic() > end:
                self.release()
                raise ScanError(
                    f"{self._folder} is being written by another scan: wait for its end, stop it, "
                    "or begin another beside it with --fresh"
                )
            time.sleep(PATIENCE / 10)

    def renew(self) -> None:
        """Take it again in a folder that was deleted and made anew, as well as may be."""
        if self._descriptor is not None:
            self.release()
            with suppress(ScanError):  # another was quicker; the rounds of this one go on
                self.acquire()

    def leave_to_parent(self) -> None:
        """Let go of it in a forked child, which may outlive the scan."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def release(self) -> None:
        """Give it back."""
        if self._descriptor is not None:
            with suppress(OSError):  # closing is not enough: a forked child may hold it open
                _give(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None


def is_locked(folder: Path) -> bool:
    """Tell whether a folder is being written to right now."""
    try:
        # Windows locks what may be written only; elsewhere the folder may be another's.
        descriptor = os.open(folder / LOCK, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _is_taken(descriptor)
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    """Take the lock if nobody has it."""
    try:
        _take(descriptor)
    except BlockingIOError:
        return False
    except PermissionError:  # Windows's word for it
        return False
    except OSError:  # no locks here
        return True
    return True


_HELD: "WeakSet[FolderLock]" = WeakSet()


def _leave_all_to_parent() -> None:
    for lock in _HELD:
        lock.leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all_to_parent)
