"""Writes a scan into a table, a page, a script or a study, by the suffix of the file."""

import ast
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from talos_magic.analysis.export import page, script
from talos_magic.analysis.export.arrays import SUFFIX
from talos_magic.analysis.export.table import FIRST, table, to_csv
from talos_magic.cell.syntax import packages
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.formatting import format_bytes

SEAL = "# The next export overwrites this file unless it has been edited: "
OURS = "talos_magic"  # the array that marks a file of arrays as an export
MARKS = {".csv": ",".join(FIRST), ".html": page.MARK, ".py": script.MARK, ".db": "SQLite format 3"}


def export(
    result: ScanResult,
    path: Path,
    metric: str | None = None,
    notebook: Mapping[str, Any] | None = None,
    picture: Callable[[ScanResult, str | None], str] | None = None,
) -> list[str]:
    """Write a scan into a file, and say what was written, with the caveats of a script.

    The suffix is ``.csv`` for the table, ``.html`` for a page with figures, ``.py`` for a Keras
    script that trains the best round, with its data in an ``.npz`` beside it: `notebook` has the
    notebook's variables; ``.db`` for a study that Optuna and its dashboard open. The page begins
    with what `picture` returns of a scan and a metric. A file that exists and is not an unedited
    export raises ScanError.
    """
    kind = path.suffix.lower()
    if kind not in MARKS:
        raise ScanError(f"{path} does not end in {', '.join(MARKS)}: give a name such as scan.html")
    try:
        _check_is_ours(path, MARKS[kind])
        if kind == ".csv":
            path.write_text(to_csv(table(result)), encoding="utf-8")
        elif kind == ".html":
            path.write_text(page.page(result, metric, picture), encoding="utf-8")
        elif kind == ".db":
            from talos_magic.analysis.export import optuna_study  # it imports Optuna: a second

            optuna_study.write_study(result, path, metric)
        else:
            return _write_script(path, script.script(result, metric, notebook))
    except OSError as error:
        raise ScanError(f"{path} cannot be written: {error.strerror or error}") from None
    return [f"wrote {path}"]


def _check_is_ours(path: Path, mark: str) -> None:
    """Refuse to overwrite a file that is not an unedited export."""
    is_script, arrays = path.suffix.lower() == ".py", path.with_suffix(SUFFIX)
    foreign = None
    if path.exists():
        own = path.read_bytes()
        is_export = own.startswith(mark.encode()) and _is_whole(path)
        foreign = None if is_export else path
        if is_script and foreign is None and not _is_unedited(own):
            raise ScanError(f"{path} has been edited since it was exported: choose another name")
    if foreign is None and is_script and arrays.exists() and not _is_ours(arrays):
        foreign = arrays
    if foreign is not None:
        raise ScanError(f"{foreign} exists and is not an export: choose another name")


def _is_whole(path: Path) -> bool:
    """Whether nothing was added to a study; of other files, their beginning tells enough."""
    if path.suffix.lower() != ".db":
        return True
    from talos_magic.analysis.export.optuna_study import is_ours

    return is_ours(path)


def _is_unedited(script: bytes) -> bool:
    """Whether the hash in a script's last line is that of the script."""
    code, _, hashed = script.rpartition(SEAL.encode())
    return hashed.strip() == _hash(code)


def _hash(script: bytes) -> bytes:
    return hashlib.blake2b(script, digest_size=8).hexdigest().encode()


def _is_ours(file: Path) -> bool:
    """Whether a file of arrays is an export."""
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
    lines = [f"wrote {path}"]
    if written.arrays:
        beside = path.with_suffix(SUFFIX)
        np.savez(beside, **{OURS: np.array(path.name), **written.arrays})
        lines = [f"wrote {path} and {beside} ({format_bytes(beside.stat().st_size)} of data)"]
    code = f"{written.code}\n".encode()
    path.write_bytes(code + SEAL.encode() + _hash(code) + b"\n")
    if written.missing:
        lines += [f"fill in by hand where the script says so: {', '.join(written.missing)}"]
    return lines + written.caveats
