"""Writes the files of a scan's folder. If the disk is full or vanishes, the scan continues.

The scan has all of it in memory, so nothing waits in a queue: as soon as the folder can be written
again, every file is rewritten as a whole.
"""

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from talos_magic.scan.session import ScanSession
from talos_magic.values.labels import encodable

RETRY = 5.0  # seconds: a lost mount may block for a while before it fails


class ScanWriter:
    """Writes the files of one folder, and again after a failure.

    The folder is ``root/NAME/SCAN``: the root is made at once, which raises if it cannot be made,
    the rest for the first file. `on_remake` is called when a deleted folder has been made again.
    """

    def __init__(
        self, session: ScanSession, folder: Path, on_remake: Callable[[], None] = lambda: None
    ) -> None:
        self.folder = folder
        self._on_remake = on_remake
        self._session = session
        self._root = folder.parent.parent
        self._root.mkdir(parents=True, exist_ok=True)
        # An unmounted disk leaves its empty mount point, which is on another device.
        self._device = self._root.stat().st_dev
        self._open: dict[str, IO[bytes]] = {}
        self._growing: dict[str, Callable[[], str]] = {}
        self._texts: dict[str, str] = {}
        self._existed = False
        self._failed = ""
        self._tried = 0.0

    def declare(self, name: str, whole: Callable[[], str]) -> None:
        """Register a file that grows by `append`, with a function that returns its whole text."""
        self._growing[name] = whole

    def append(self, name: str, line: str, *, sync: bool = False) -> None:
        """Add a line to a declared file; with `sync`, it survives a crash of the machine, too."""

        def write() -> None:
            file = self._file(name)
            data = f"{encodable(line)}\n".encode()
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if sync:
                os.fsync(file.fileno())

        self._write(write)

    def rewrite(self, name: str) -> None:
        """Write the whole text of a declared file."""
        self._write(lambda: self._replace(name, self._growing[name]()))

    def replace(self, name: str, text: str) -> None:
        """Replace a file in one step: after a crash it holds the old or the new text."""
        self._texts[name] = text
        self._write(lambda: self._replace(name, text))

    def close(self) -> None:
        """Try a last time, and report the files that are in memory only."""
        if self._failed:
            self._tried = 0.0
            self._write(lambda: None)
        self._close_files()
        if self._failed:
            names = ", ".join(sorted({*self._growing, *self._texts}))
            self._session.notice(
                f"{self.folder} could not be written: the end of {names} is only in memory; "
                "%talos_export writes its tables elsewhere"
            )

    def _write(self, action: Callable[[], None]) -> None:
        if self._failed and time.monotonic() - self._tried < RETRY:
            return
        try:
            self._ensure_folder()
            if self._failed:
                self._rewrite_all()
            else:
                action()
        except OSError as error:
            self._note_failure(error)

    def _ensure_folder(self) -> None:
        device = self._root.stat().st_dev
        is_remounted = device != self._device
        if not self.folder.is_dir():
            if is_remounted:
                raise FileNotFoundError(errno.ENOENT, f"{self._root} is not mounted")
            self.folder.parent.mkdir(exist_ok=True)
            self.folder.mkdir(exist_ok=True)
            if self._existed:
                self._rewrite_because("it was deleted")
        elif is_remounted:  # the disk may have another number than before
            self._device = device
            self._rewrite_because("its disk was mounted again")
        # Lines written to a file that was deleted while open are lost.
        elif any(os.fstat(file.fileno()).st_nlink == 0 for file in self._open.values()):
            self._rewrite_because("files in it were deleted")
        self._existed = True

    def _rewrite_because(self, reason: str) -> None:
        self._failed = reason
        self._on_remake()

    def _rewrite_all(self) -> None:
        self._close_files()
        texts = self._texts | {name: whole() for name, whole in self._growing.items()}
        for name, text in texts.items():
            if text:
                self._replace(name, text)
        self._session.notice(f"{self.folder} was written anew, because {self._failed}")
        self._failed = ""

    def _note_failure(self, error: OSError) -> None:
        self._tried = time.monotonic()
        self._close_files()
        if not self._failed:
            self._failed = error.strerror or str(error)
            self._session.notice(
                f"{self.folder} cannot be written ({self._failed}): the scan continues in memory "
                "and writes as soon as it can"
            )

    def _file(self, name: str) -> IO[bytes]:
        if name not in self._open:
            path = self.folder / name
            # A crash may have cut its last line short.
            is_torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
            # Without a buffer, nothing of a failed write is written later.
            self._open[name] = file = path.open("ab", buffering=0)
            file.write(b"\n" if is_torn else b"")
        return self._open[name]

    def _replace(self, name: str, text: str) -> None:
        partial = self.folder / f"{name}.tmp"
        with partial.open("w", encoding="utf-8") as file:
            file.write(encodable(text))
            file.flush()
            os.fsync(file.fileno())
        self._close_file(name)
        partial.replace(self.folder / name)

    def _close_files(self) -> None:
        for name in list(self._open):
            self._close_file(name)

    def _close_file(self, name: str) -> None:
        if name in self._open:
            with suppress(OSError):
                self._open.pop(name).close()
