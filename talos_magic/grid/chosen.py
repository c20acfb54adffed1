"""The code of one combination, taken out of the code of its grid. Nothing of it is run."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence

from talos_magic.grid.layout import INDENT, WIDTH
from talos_magic.grid.spec import key
from talos_magic.scan.events import Label


def combination_code(
    source: str, labels: Mapping[str, Label], lists: Mapping[str, Sequence[Label]]
) -> str:
    r"""Write a combination as a dict of values, with the imports that it needs.

    Parameters
    ----------
    source : str
        The grid as `to_code` wrote it; a value that it lacks is written as it is called.
    labels : mapping of str to label
        The combination.
    lists : mapping of str to sequence of label
        What the values in `source` are called, in their order.

    Returns
    -------
    str
        Lines of Python.

    Examples
    --------
    >>> source = 'from math import inf, pi\n\nparams = {"lr": [0.1, pi], "act": ["relu", None]}'
    >>> lists = {"lr": [0.1, "pi"], "act": ["relu", None]}
    >>> print(combination_code(source, {"lr": "pi", "act": "relu"}, lists))
    from math import pi
    <BLANKLINE>
    params = {"lr": pi, "act": "relu"}
    """
    tree = _parsed(source)
    written = _written(tree)
    items: list[str] = []
    used: set[str] = set()
    for name, label in labels.items():
        value = _find(label, written.get(name, []), lists.get(name, []))
        text = _own(label)
        if value is not None:
            text = ast.get_source_segment(source, value) or text
            used |= {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        items.append(f"{json.dumps(name)}: {text}")
    line = f"params = {{{', '.join(items)}}}"
    if len(line) > WIDTH:
        line = "\n".join(["params = {", *(f"{INDENT}{item}," for item in items), "}"])
    imports = list(_imports(tree, used))
    return "\n".join([*imports, *([""] if imports else []), line])


def unwritten_params(
    source: str, labels: Mapping[str, Label], lists: Mapping[str, Sequence[Label]]
) -> list[str]:
    """Name the hyperparameters of which a combination's code has only what the value is called.

    Parameters
    ----------
    source, labels, lists
        As of `combination_code`.

    Examples
    --------
    >>> source = 'params = {"act": ["relu"]}'
    >>> lists = {"act": ["relu"], "opt": ["Mine"], "lr": [0.1]}
    >>> unwritten_params(source, {"act": "relu", "opt": "Mine", "lr": 0.1}, lists)
    ['opt']
    """
    written = _written(_parsed(source))
    return [
        name
        for name, label in labels.items()
        if isinstance(label, str) and _find(label, written.get(name, []), lists[name]) is None
    ]


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _written(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Find the expressions of each hyperparameter's values, each once."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            return {
                str(name.value): list({ast.unparse(value): value for value in values.elts}.values())
                for name, values in zip(node.value.keys, node.value.values, strict=True)
                if isinstance(name, ast.Constant) and isinstance(values, ast.List)
            }
    return {}


def _find(label: Label, written: Sequence[ast.expr], labels: Sequence[Label]) -> ast.expr | None:
    """Find the expression that is called so; None where there is none."""
    places = [key(known) for known in labels]
    if key(label) in places and len(places) == len(written):
        return written[places.index(key(label))]
    return None


def _own(label: Label) -> str:
    return json.dumps(label) if isinstance(label, str) else repr(label)


def _imports(tree: ast.Module, used: set[str]) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in used]
            if names and isinstance(node, ast.Import):
                yield ast.unparse(ast.Import(names))
            elif names and isinstance(node, ast.ImportFrom):
                yield ast.unparse(ast.ImportFrom(node.module, names, node.level))
