"""Locks a scan's folder against a second writer; the lock ends with its process."""

from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from talos_magic.errors import ScanError

LOCK = "lock"
PATIENCE = 0.5  # seconds: `is_locked` holds the lock for a moment


class FolderLock:
    """A lock on a scan's folder, held for as long as the scan writes to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = _lock_of(folder)

    def acquire(self) -> None:
        """Take the lock, or raise if another scan holds it; do without where there are no locks."""
        if not self._folder.is_dir():  # the lock would make it, even where a mount is lost
            return
        try:
            self._lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise ScanError(
                f"{self._folder} is being written by another scan: wait for its end, stop it, "
                "or start a new scan with --fresh"
            ) from None
        except (OSError, NotImplementedError):
            return

    def renew(self) -> None:
        """Take the lock again in a folder that was deleted and made again."""
        if self._lock.is_locked:
            self.release()
            with suppress(ScanError):  # another scan was faster; this one continues without it
                self.acquire()

    def release(self) -> None:
        """Release the lock."""
        with suppress(OSError):  # on a lost mount
            self._lock.release(force=True)


def is_locked(folder: Path) -> bool:
    """Return whether a scan is writing to a folder right now."""
    if not (folder / LOCK).exists():  # a check must not make a file
        return False
    probe = _lock_of(folder)
    try:
        probe.acquire(timeout=0)
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False
    probe.release(force=True)
    return False


def _lock_of(folder: Path) -> FileLock:
    return FileLock(folder / LOCK, thread_local=False, is_singleton=False)
