"""Writes a scan into a file whose name says what is wanted: a table, a page, a script."""

import ast
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from talos_magic.errors import ScanError
from talos_magic.export import page, script
from talos_magic.export.arrays import SUFFIX
from talos_magic.export.table import FIRST, table
from talos_magic.scan.result import ScanResult
from talos_magic.syntax import packages
from talos_magic.words import size_in_words

SEAL = "# Written over by the next export, unless it has been edited: "
OURS = "talos_magic"  # an array of this name marks a file of arrays as an export
MARKS = {".csv": ",".join(FIRST), ".html": page.MARK, ".py": script.MARK}


def export(
    result: ScanResult,
    path: Path,
    metric: str | None = None,
    notebook: Mapping[str, Any] | None = None,
) -> list[str]:
    """Write a scan into a file.

    Parameters
    ----------
    result : ScanResult
        A scan.
    path : Path
        Ends in ``.csv``: the table; ``.html``: a page with its figures; ``.py``: a Keras script
        that trains its best round, with the data in an ``.npz`` beside it.
    metric : str, optional
        What ranks the rounds; the scan's own metric if not given.
    notebook : mapping of str to Any, optional
        The notebook's variables, for the script.

    Returns
    -------
    list of str
        What was written, and what the person has to know of it.

    Raises
    ------
    ScanError
        If the file is another's, cannot be written, or there is nothing to write.

    Examples
    --------
    >>> import tempfile
    >>> from talos_magic import run_scan
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     result = run_scan(model, {"lr": [0.5, 1.0]}, root=root)
    ...     _ = export(result, Path(root, "scan.csv"))
    ...     Path(root, "scan.csv").read_text().splitlines()[0]
    'round,status,seed,epochs,seconds,lr,loss'
    """
    kind = path.suffix.lower()
    if kind not in MARKS:
        raise ScanError(f"{path} ends in none of {', '.join(MARKS)}: give one such as scan.html")
    try:
        _check_is_ours(path, MARKS[kind])
        if kind == ".csv":
            table(result).to_csv(path, index=False)
        elif kind == ".html":
            path.write_text(page.page(result, metric), encoding="utf-8")
        else:
            return _write_script(path, script.script(result, metric, notebook))
    except OSError as error:
        raise ScanError(f"{path} cannot be written: {error.strerror or error}") from None
    return [f"wrote {path}"]


def _check_is_ours(path: Path, mark: str) -> None:
    """Refuse to write over a file that is not an earlier export, or not of one."""
    is_script, beside = path.suffix.lower() == ".py", path.with_suffix(SUFFIX)
    foreign = None
    if path.exists():
        own = path.read_bytes()
        foreign = None if own.startswith(mark.encode()) else path
        if is_script and foreign is None and not _is_unedited(own):
            raise ScanError(f"{path} has been edited since it was exported: choose another name")
    if foreign is None and is_script and beside.exists() and not _is_our(beside):
        foreign = beside
    if foreign is not None:
        raise ScanError(f"{foreign} is there already and no export: choose another name")


def _is_unedited(script: bytes) -> bool:
    """Whether a script still is what its last line says that it was."""
    before, _, said = script.rpartition(SEAL.encode())
    return said.strip() == _hash(before)


def _hash(script: bytes) -> bytes:
    return hashlib.blake2b(script, digest_size=8).hexdigest().encode()


def _is_our(file: Path) -> bool:
    """Whether a file of arrays was written here."""
    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as arrays:
            return OURS in arrays
    except (OSError, ValueError, EOFError, BadZipFile):
        return False


def _write_script(path: Path, written: script.Script) -> list[str]:
    import numpy as np

    if path.stem in packages(ast.parse(written.code)):
        raise ScanError(f"{path.name} would hide the module of that name: choose another name")
    told = [f"wrote {path}"]
    if written.arrays:
        beside = path.with_suffix(SUFFIX)
        np.savez(beside, **{OURS: np.array(path.name), **written.arrays})
        told = [f"wrote {path} and {beside} ({size_in_words(beside.stat().st_size)} of data)"]
    code = f"{written.code}\n".encode()
    path.write_bytes(code + SEAL.encode() + _hash(code) + b"\n")
    if written.missing:
        told += [f"to put in by hand, the script says where: {', '.join(written.missing)}"]
    return told + written.doubts
