"""The best round as a plain Keras script: its data, its params, its seed, the cell."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from talos_magic.errors import ScanError
from talos_magic.export.arrays import ARRAYS, SUFFIX, expression
from talos_magic.review.best import best_info
from talos_magic.scan.result import ScanResult
from talos_magic.scan.saved import CELL, SURROUNDINGS
from talos_magic.surroundings import unwritten
from talos_magic.syntax import DATA, model_definition, reads_first, returns, stores
from talos_magic.words import number

MARK = '"""Trains round '
LOADS = f'{ARRAYS} = np.load(Path(__file__).with_suffix("{SUFFIX}"))'
INDENT = "    "
UNPACK = "history = returned[0] if isinstance(returned, tuple) else returned"
IMPORTS = (ast.Import, ast.ImportFrom)
END = """curves = getattr(history, "history", history)
print({name: values[-1] for name, values in curves.items()})"""


class Script(NamedTuple):
    """A script, the arrays that it loads, and the names that a person has to put in.

    Attributes
    ----------
    code : str
        Python source.
    arrays : dict of str to array
        To be saved beside it, with its name and the suffix ``.npz``.
    missing : list of str
        What is neither code nor arrays.
    """

    code: str
    arrays: dict[str, Any]
    missing: list[str]


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
    cell = result.sources.get(CELL, "")
    if not cell.strip():
        raise ScanError("the scan has not recorded its cell, so there is no script to write")
    info = best_info(result, metric)
    around = result.sources.get(SURROUNDINGS, "")
    train = _training(cell)
    names = [name for name in DATA if name in reads_first(ast.parse(train).body)]
    data = {name: getattr(result, name) for name in names if hasattr(result, name)}
    for name in unwritten([around, info.code, train]):
        names.append(name)
        data |= {name: notebook[name]} if notebook and name in notebook else {}
    arrays: dict[str, Any] = {}
    known = dict(_known(data, arrays))
    missing = [name for name in names if name not in known]
    score = f"{info.metric} {number(info.round.metrics[info.metric])}"
    blocks = [
        f'{MARK}{info.round.number} of the scan {_name(result)}: {score}."""',
        _imports([around, info.code], known.values(), arrays),
        LOADS if arrays else "",
        "\n".join(f"{name} = {text}" for name, text in known.items()),
        _without_imports(around),  # not before, as it may use np or Path as names of its own
        *([_to_fill_in(missing)] if missing else []),
        _without_imports(info.code),
        f"keras.utils.set_random_seed({info.round.seed})",
        train.strip("\n"),
        END,
    ]
    code = "\n\n".join(block for block in blocks if block.strip()) + "\n"
    return Script(code, arrays, missing)


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


def _imports(code: Iterable[str], expressions: Iterable[str], arrays: Mapping[str, Any]) -> str:
    """Write the imports of the script itself and of its pieces, each once."""
    lines = {"import keras"}
    if arrays:
        lines |= {"from pathlib import Path", "import numpy as np"}
    if any("pd." in text for text in expressions):
        lines |= {"import pandas as pd"}
    for text in code:
        lines |= {ast.unparse(node) for node in ast.parse(text).body if isinstance(node, IMPORTS)}
    return "\n".join(sorted(lines, key=lambda line: (line.startswith("from"), line)))


def _without_imports(code: str) -> str:
    lines = code.splitlines()
    for node in ast.parse(code).body:
        if isinstance(node, IMPORTS):
            for place in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[place] = ""
    return "\n".join(lines).strip("\n")


def _to_fill_in(names: Sequence[str]) -> str:
    told = ", ".join(names)
    return f'raise SystemExit("put the notebook\'s own here, in place of this line: {told}")'


def _training(cell: str) -> str:
    """Write a cell so that it leaves ``history`` behind when a module runs it."""
    cell = _without_magics(cell)
    tree = ast.parse(cell)
    function = model_definition(tree)
    if function is not None:
        return f"{cell}\n\n{_call(function.name)}"
    if returns(tree.body):
        head = f"def train({', '.join(DATA)}, params):"
        return f"{head}\n{_indented(cell, tree)}\n\n{_call('train')}"
    last = tree.body[-1]
    if "history" in stores(tree.body):
        return cell
    if not isinstance(last, ast.Expr):
        return f"{cell}\nhistory = model.history"
    lines = cell.splitlines()
    lines[last.lineno - 1] = f"returned = {lines[last.lineno - 1]}"
    return "\n".join([*lines, "", UNPACK])


def _without_magics(cell: str) -> str:
    """Leave out magics and shell commands, as far as nothing is made of what they return."""
    lines = cell.splitlines()
    for node in ast.walk(ast.parse(cell)):
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith("get_ipython()."):
            lines[node.lineno - 1] = f"{' ' * node.col_offset}pass  # {ast.unparse(node)}"
    return "\n".join(lines)


def _call(name: str) -> str:
    return f"returned = {name}({', '.join(DATA)}, params)\n{UNPACK}"


def _indented(source: str, tree: ast.Module) -> str:
    """Indent code, but not the lines that lie inside its texts."""
    inside = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for line in range(node.lineno + 1, (node.end_lineno or 0) + 1)
    }
    lines = enumerate(source.splitlines(), 1)
    return "\n".join(
        line if place in inside or not line else f"{INDENT}{line}" for place, line in lines
    )
