"""The best round as a plain Keras script: its data, params and seed, and the cell."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from talos_magic.analysis.best import best_info
from talos_magic.analysis.export.arrays import ARRAYS, SUFFIX, expression
from talos_magic.analysis.export.caveats import caveats, score_caveat
from talos_magic.analysis.export.cell_as_script import cell_as_script
from talos_magic.cell.names import reads_first
from talos_magic.cell.notebook_source import BACKEND, WHOLE, unwritten
from talos_magic.cell.syntax import DATA, packages
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.formatting import format_number
from talos_magic.grid.code import unwritten_params
from talos_magic.storage.saved_scan import CELL, PARAMS, SURROUNDINGS
from talos_magic.values.wrapping import INDENT, WIDTH

MARK = '"""Trains round '
IMPORTS = (ast.Import, ast.ImportFrom)
LOAD = """
def load():
    \"\"\"Load the data from the file beside this script.\"\"\"
    from pathlib import Path

    {imports}

    {arrays} = np.load(Path(__file__).with_suffix("{suffix}"))
    return {values}


{names} = load()"""

REPORT = '''
reported = {}


def report(epoch, **metrics):
    """Gather the metrics of an epoch."""
    for name, value in metrics.items():
        reported.setdefault(name, []).append(float(value))'''


class Script(NamedTuple):
    """A script, the arrays that it loads, and what the user has to know."""

    code: str
    arrays: dict[str, Any]  # the contents of the .npz beside it
    missing: list[str]  # what is neither code nor arrays: the user has to fill it in
    caveats: list[str]  # why it may not train the same curves


def script(
    result: ScanResult, metric: str | None = None, notebook: Mapping[str, Any] | None = None
) -> Script:
    """Write the best round of a scan as a script.

    The script gets the arrays that the cell reads from `notebook` as they are now. A scan that
    was loaded from disk has no data.
    """
    cell, around = (result.sources.get(name, "") for name in (CELL, SURROUNDINGS))
    if not cell.strip():
        raise ScanError("the scan has no recorded cell, so no script can be written")
    info = best_info(result, metric)
    params = result.sources.get(PARAMS, "")
    named = [
        f"params[{name!r}]" for name in unwritten_params(params, info.round.params, result.params)
    ]
    seeds = _seeding(info.round.seed or 0, [around, info.code, cell])
    start = [_without_imports(seeds), _without_imports(info.code)]
    start += [_to_fill_in(named)] if named else []
    nodes = (*ast.walk(ast.parse(around)), *ast.walk(ast.parse(cell)))
    reporting = REPORT if any(map(_imports_report, nodes)) else ""
    train = cell_as_script(
        _without_imports(cell, _is_replaced), "\n\n".join(start), reports=bool(reporting)
    )
    own = [name for name in DATA if name in reads_first(ast.parse(f"{around}\n{train}").body)]
    others = unwritten([seeds, reporting, around, info.code, train])
    rows = result.training_data and result.training_data.of_fold(info.round.fold)
    data = {name: getattr(rows, name) for name in own} if rows else {}
    held, whole = notebook or {}, {name: name.removesuffix(WHOLE) for name in others}
    data |= {name: held[of] for name, of in whole.items() if of in held}
    arrays: dict[str, Any] = {}
    known = dict(_known(data, arrays)) | ({"display": "print"} if "display" in others else {})
    missing = [name for name in (*own, *others) if name not in known]
    scan = f"{result.details['experiment_name']}/{result.run_dir.name}"
    score = f"{info.metric} {format_number(info.round.metrics[info.metric])}"
    blocks = [
        f'{MARK}{info.round.number} of the scan {_quoted(f"{scan}: {score}")}."""',
        _imports([seeds, around, info.code], future=cell),
        reporting,
        _loading(known, arrays),
        _to_fill_in(missing) if missing else "",  # before statements that need it
        _without_imports(around),
        train,
    ]
    code = "\n\n".join(block for block in blocks if block.strip()) + "\n"
    taken = [name for name in others if name in data and name in known]
    given = [name for name in own if name in known]
    why = caveats(result, given, taken, code, notebook or {})
    return Script(code, arrays, [*missing, *named], why + score_caveat(result, info.round))


def _quoted(text: str) -> str:
    """Escape what would end or change a docstring: names from a folder may hold anything."""
    return repr(text)[1:-1].replace('"', r"\"")


def _known(data: Mapping[str, Any], arrays: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Return each name and expression of the data that can be written; add its arrays."""
    for name, value in data.items():
        own: dict[str, Any] = {}
        try:
            yield name, expression(name, value, own)
        except LookupError:
            continue
        arrays |= own


def _loading(known: Mapping[str, str], arrays: Mapping[str, Any]) -> str:
    """Write the code that loads the data, in a function to keep its names apart."""
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


def _seeding(seed: int, code: Iterable[str]) -> str:
    """Write what seeds the generators that pieces of code may draw from, as a round does."""
    used = {package for text in code for package in packages(ast.parse(text))}
    seeded = {"import keras": "keras.utils.set_random_seed"}
    if "torch" in used:
        plain = {
            "import random as python_random": "python_random.seed",
            "import numpy": "numpy.random.seed",
        }
        seeded = plain if used.isdisjoint({"keras", "tensorflow"}) else seeded
        seeded |= {"import torch": "torch.manual_seed"}
    return "\n".join([*seeded, *(f"{function}({seed})" for function in seeded.values())])


def _imports(code: Sequence[str], future: str) -> str:
    """Write the imports of the script, each once, after what must precede them."""
    found = [(ast.unparse(node), node) for text in code for node in ast.parse(text).body]
    lines = {
        line for line, node in found if isinstance(node, IMPORTS) and not _imports_report(node)
    }
    first = [ast.unparse(n) for n in ast.parse(future).body if _module(n) == "__future__"]
    backend = [line for line, node in found if _is_backend(node)]
    first += ["import os", *backend] if backend else []
    rest = sorted(lines - {*first}, key=lambda line: (line.startswith("from"), line))
    return "\n".join([*first, *rest])


def _is_import(node: ast.stmt) -> bool:
    """Whether a statement stands at the beginning of the script."""
    return isinstance(node, IMPORTS) or _is_backend(node)


def _is_replaced(node: ast.stmt) -> bool:
    return _module(node) == "__future__" or _imports_report(node)


def _is_backend(node: ast.stmt) -> bool:
    return ast.unparse(node).startswith(BACKEND)


def _imports_report(node: ast.AST) -> bool:
    """Whether code imports `report` of this package, which does nothing in a script."""
    if not isinstance(node, ast.ImportFrom) or packages(node) != {"talos_magic"}:
        return False
    return "report" in [alias.asname or alias.name for alias in node.names]


def _without_imports(code: str, chosen: Callable[[ast.stmt], bool] = _is_import) -> str:
    """Remove the imports, or the statements that are `chosen`."""
    lines = code.splitlines()
    body = ast.parse(code).body
    taken = [node for node in body if chosen(node)]
    others = {line for node in body if node not in taken for line in (node.lineno, node.end_lineno)}
    for node in taken:
        for line in {*range(node.lineno, (node.end_lineno or 0) + 1)} - others:
            lines[line - 1] = ""
    return "\n".join(lines).strip("\n")


def _module(node: ast.stmt) -> str | None:
    return node.module if isinstance(node, ast.ImportFrom) else None


def _to_fill_in(names: Sequence[str]) -> str:
    text = f"replace this line by the notebook's own: {', '.join(names)}"
    return f"raise SystemExit({text!r})"
