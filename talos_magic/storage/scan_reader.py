"""Reads the text files of a scan's folder, which may be foreign.

Only regular files are read: a link may show any file of this machine, a FIFO or a device may never
end.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from talos_magic.errors import DamagedScanError

LARGEST = 2**30  # bytes: a sparse file may claim more than memory holds
# Windows has neither; the link is looked for before, too.
SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def read_text(path: Path) -> str:
    """Return the text of a file; empty if there is none."""
    return "".join(text_lines(path))


def text_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file; none if there is no file. Damaged bytes are replaced."""
    try:
        with _open(path) as file:
            yield from file
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise DamagedScanError(f"{path} cannot be read: {error.strerror or error}") from None


def _open(path: Path) -> IO[str]:
    if path.is_symlink():
        raise refusal(path)
    descriptor = os.open(path, os.O_RDONLY | SAFELY)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        os.close(descriptor)
        raise refusal(path)
    return os.fdopen(descriptor, encoding="utf-8", errors="replace", newline="\n")


def refusal(path: Path) -> DamagedScanError:
    """Return the error that says what a path in a scan's folder must not be."""
    what = "a link" if path.is_symlink() else "no regular file, or larger than a gigabyte"
    return DamagedScanError(f"{path} is {what}, which no scan makes: replace or delete it")
