"""The best round as a plain Keras script: its data, its params, its seed, the cell."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from talos_magic.errors import ScanError
from talos_magic.export.arrays import ARRAYS, SUFFIX, expression
from talos_magic.export.doubts import doubts
from talos_magic.export.training import INDENT, training
from talos_magic.grid.chosen import unwritten_params
from talos_magic.grid.layout import WIDTH
from talos_magic.names import reads_first
from talos_magic.review.best import best_info
from talos_magic.scan.result import ScanResult
from talos_magic.scan.saved import CELL, PARAMS, SURROUNDINGS
from talos_magic.surroundings import unwritten
from talos_magic.syntax import DATA
from talos_magic.words import number

MARK = '"""Trains round '
IMPORTS = (ast.Import, ast.ImportFrom)
LOAD = """
def load():
    \"\"\"Read the data, which lie beside this script.\"\"\"
    from pathlib import Path

    {imports}

    {arrays} = np.load(Path(__file__).with_suffix("{suffix}"))
    return {values}


{names} = load()"""


class Script(NamedTuple):
    """A script, the arrays that it loads, and what a person has to know of it.

    Attributes
    ----------
    code : str
        Python source.
    arrays : dict of str to array
        To be saved beside it, with its name and the suffix ``.npz``.
    missing : list of str
        Names of what is neither code nor arrays: a person has to put it in.
    doubts : list of str
        Sentences: why it may not give the same curves.
    """

    code: str
    arrays: dict[str, Any]
    missing: list[str]
    doubts: list[str]


def script(
    result: ScanResult, metric: str | None = None, notebook: Mapping[str, Any] | None = None
) -> Script:
    """Write the best round of a scan as a script.

    Parameters
    ----------
    result : ScanResult
        A scan. One that was loaded from disk has no data.
    metric : str, optional
        What makes a round best; the scan's own metric if not given.
    notebook : mapping of str to Any, optional
        The notebook's variables: arrays that the cell reads from there go along, as they are now.

    Raises
    ------
    ScanError
        If no round is done, or the scan has not recorded its cell.

    Examples
    --------
    >>> import tempfile
    >>> from talos_magic import run_scan
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     result = run_scan(model, {"lr": [0.1]}, root=root)
    >>> script(result).missing
    []
    """
    cell, around = (result.sources.get(name, "") for name in (CELL, SURROUNDINGS))
    if not cell.strip():
        raise ScanError("the scan has not recorded its cell, so there is no script to write")
    info = best_info(result, metric)
    params = result.sources.get(PARAMS, "")
    named = [
        f"params[{name!r}]" for name in unwritten_params(params, info.round.params, result.params)
    ]
    start = [f"keras.utils.set_random_seed({info.round.seed})", _without_imports(info.code)]
    start += [_to_fill_in(named)] if named else []
    train = training(_without_imports(cell, of="__future__"), "\n\n".join(start))
    own = [name for name in DATA if name in reads_first(ast.parse(f"{around}\n{train}").body)]
    others = unwritten(["import keras", around, info.code, train])
    data = {name: getattr(result, name) for name in own if hasattr(result, name)}
    data |= {name: notebook[name] for name in others if notebook and name in notebook}
    arrays: dict[str, Any] = {}
    known = dict(_known(data, arrays)) | ({"display": "print"} if "display" in others else {})
    missing = [name for name in (*own, *others) if name not in known]
    score = f"{info.metric} {number(info.round.metrics[info.metric])}"
    blocks = [
        f'{MARK}{info.round.number} of the scan {_name(result)}: {score}."""',
        _imports([around, info.code], future=cell),
        _loading(known, arrays),
        _without_imports(around),
        _to_fill_in(missing) if missing else "",
        train,
    ]
    code = "\n\n".join(block for block in blocks if block.strip()) + "\n"
    taken = [name for name in others if name in data and name in known]
    told = doubts(result, [name for name in own if name in known], taken, code, notebook or {})
    return Script(code, arrays, [*missing, *named], told)


def _name(result: ScanResult) -> str:
    return f"{result.details['experiment_name']}/{result.run_dir.name}"


def _known(data: Mapping[str, Any], arrays: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Write what data there is; the arrays of what cannot be written stay out."""
    for name, value in data.items():
        own: dict[str, Any] = {}
        try:
            yield name, expression(name, value, own)
        except LookupError:
            continue
        arrays |= own


def _loading(known: Mapping[str, str], arrays: Mapping[str, Any]) -> str:
    """Write how the data are read: in a function, whose names are not the notebook's."""
    if not arrays:
        return "\n".join(f"{name} = {text}" for name, text in known.items())
    values = ", ".join(known.values())
    imports = ["import numpy as np", *["import pandas as pd"][: "pd." in values]]
    if len(values) > WIDTH:
        values = "".join(f"\n{INDENT * 2}{text}," for text in known.values()) + f"\n{INDENT}"
    return LOAD.format(
        arrays=ARRAYS,
        suffix=SUFFIX,
        imports=f"\n{INDENT}".join(imports),
        values=values if len(known) == 1 else f"({values})",
        names=", ".join(known),
    )


def _imports(code: Iterable[str], future: str) -> str:
    """Write the imports of the script and of its pieces, each once."""
    lines = {"import keras"}
    for text in code:
        lines |= {ast.unparse(node) for node in ast.parse(text).body if isinstance(node, IMPORTS)}
    first = [ast.unparse(n) for n in ast.parse(future).body if _module(n) == "__future__"]
    return "\n".join([*first, *sorted(lines, key=lambda line: (line.startswith("from"), line))])


def _without_imports(code: str, of: str | None = None) -> str:
    """Leave out the lines that only import; with `of`, those from that module."""
    lines = code.splitlines()
    body = ast.parse(code).body
    taken = [node for node in body if isinstance(node, IMPORTS) and of in (None, _module(node))]
    others = {line for node in body if node not in taken for line in (node.lineno, node.end_lineno)}
    for node in taken:
        for line in {*range(node.lineno, (node.end_lineno or 0) + 1)} - others:
            lines[line - 1] = ""
    return "\n".join(lines).strip("\n")


def _module(node: ast.stmt) -> str | None:
    return node.module if isinstance(node, ast.ImportFrom) else None


def _to_fill_in(names: Sequence[str]) -> str:
    told = f"put the notebook's own here, in place of this line: {', '.join(names)}"
    return f"raise SystemExit({told!r})"
