"""The folder of a scan, which may fill up, refuse or vanish: the scan goes on in memory then.

All that is written can be made anew from what the scan has in memory, so nothing waits in a queue:
as soon as the folder takes writes again, every file is written anew.
"""

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from talos_magic.scan.session import ScanSession

RETRY = 5.0  # seconds: a mount that is gone may take long to say so


class Disk:
    r"""Writes files of one folder as long as it can, and again when it can.

    Parameters
    ----------
    session : ScanSession
        Told once that the folder cannot be written, and once that it can again.
    folder : Path
        ``root/NAME/SCAN``; the root is made, the rest when something is written.
    made_anew : callable
        Called when the folder has been made once more.

    Raises
    ------
    OSError
        If the root cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     disk = Disk(ScanSession(), Path(root) / "demo" / "1")
    ...     disk.append("epochs.jsonl", "{}")
    ...     disk.close()
    ...     (disk.folder / "epochs.jsonl").read_text()
    '{}\n'
    """

    def __init__(
        self, session: ScanSession, folder: Path, made_anew: Callable[[], None] = lambda: None
    ) -> None:
        self.folder = folder
        self._made_anew = made_anew
        self._session = session
        self._root = folder.parent.parent
        self._root.mkdir(parents=True, exist_ok=True)
        # Where a mount is gone, its empty folder may be left, on another device.
        self._device = self._root.stat().st_dev
        self._open: dict[str, IO[bytes]] = {}
        self._wholes: dict[str, Callable[[], str]] = {}  # of files that grow
        self._texts: dict[str, str] = {}  # of the others
        self._existed = False
        self._failed = ""
        self._tried = 0.0

    def grow(self, name: str, whole: Callable[[], str]) -> None:
        """Say how to make the whole text of a file, one that is appended to as a rule."""
        self._wholes[name] = whole

    def append(self, name: str, line: str, *, sync: bool = False) -> None:
        """Add a line to a file that `grow` was told of.

        Parameters
        ----------
        name : str
            The file's.
        line : str
            Without its end.
        sync : bool
            Whether it must outlive the machine, not only the kernel.
        """

        def write() -> None:
            file = self._file(name)
            data = f"{line}\n".encode()
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if sync:
                os.fsync(file.fileno())

        self._write(write)

    def replace(self, name: str, text: str) -> None:
        """Write a whole file, which is either the old or the new one, whatever happens."""
        if name not in self._wholes:
            self._texts[name] = text
        self._write(lambda: self._replace(name, text))

    def close(self) -> None:
        """Try for the last time, and say what is in memory only."""
        if self._failed:
            self._tried = 0.0
            self._write(lambda: None)
        self._forget_files()
        if self._failed:
            names = ", ".join(sorted({*self._wholes, *self._texts}))
            self._session.notice(
                f"only in memory, not in {self.folder}: the last of {names}; %talos_export writes "
                "tables of it elsewhere"
            )

    def _write(self, action: Callable[[], None]) -> None:
        if self._failed and time.monotonic() - self._tried < RETRY:
            return
        try:
            self._be_there()
            if self._failed:
                self._write_anew()
            else:
                action()
        except OSError as error:
            self._note(error)

    def _be_there(self) -> None:
        if self._root.stat().st_dev != self._device:
            raise FileNotFoundError(errno.ENOENT, f"{self._root} is not mounted")
        if not self.folder.is_dir():
            self.folder.parent.mkdir(exist_ok=True)
            self.folder.mkdir(exist_ok=True)
            if self._existed:
                self._failed = "it was deleted"
                self._made_anew()
        # A file that was deleted while it is open takes lines that nobody will read.
        elif any(os.fstat(file.fileno()).st_nlink == 0 for file in self._open.values()):
            self._failed = "files in it were deleted"
            self._made_anew()
        self._existed = True

    def _write_anew(self) -> None:
        self._forget_files()
        texts = self._texts | {name: whole() for name, whole in self._wholes.items()}
        for name, text in texts.items():
            if text:
                self._replace(name, text)
        self._session.notice(f"{self.folder} is written anew, because {self._failed}")
        self._failed = ""

    def _note(self, error: OSError) -> None:
        self._tried = time.monotonic()
        self._forget_files()
        if not self._failed:
            self._failed = error.strerror or str(error)
            self._session.notice(
                f"{self.folder} cannot be written ({self._failed}): the scan goes on in memory, "
                "and writes when it can"
            )

    def _file(self, name: str) -> IO[bytes]:
        if name not in self._open:
            path = self.folder / name
            is_torn = path.exists() and not _ends_a_line(path)
            # No buffer: a write that fails leaves nothing behind that would be written later.
            self._open[name] = file = path.open("ab", buffering=0)
            file.write(b"\n" if is_torn else b"")
        return self._open[name]

    def _replace(self, name: str, text: str) -> None:
        partial = self.folder / f"{name}.tmp"
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        self._forget_file(name)
        partial.replace(self.folder / name)

    def _forget_files(self) -> None:
        for name in list(self._open):
            self._forget_file(name)

    def _forget_file(self, name: str) -> None:
        file = self._open.pop(name, None)
        if file is not None:
            with suppress(OSError):
                file.close()


def _ends_a_line(path: Path) -> bool:
    """Whether the next line can follow: a crash may have cut the last one short."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 1, 0))
        return file.read(1) in (b"", b"\n")
