"""What has changed since a scan began: its cell, what that calls, the params, the data."""

import ast
import difflib
from collections.abc import Iterator, Mapping, Sequence

from talos_magic.grid.spec import key
from talos_magic.scan.events import Label
from talos_magic.scan.saved import CELL, SURROUNDINGS, SavedScan
from talos_magic.words import number

LONGEST_DIFF = 12  # lines


def changes(
    saved: SavedScan,
    *,
    sources: Mapping[str, str],
    identity: Mapping[str, object],
    label_lists: Mapping[str, list[Label]],
) -> list[str]:
    """Say what is another now than when a scan began.

    Parameters
    ----------
    saved : SavedScan
        The scan.
    sources : mapping of str to str
        Texts that are kept beside the results, by file.
    identity : mapping
        "code", the hash of the model function, and "data", the fingerprints of the data.
    label_lists : mapping of str to list
        The params. Values that were added are no change.

    Returns
    -------
    list of str
        Lines; none if all is the same, or not known.
    """
    return [
        *_code_changes(saved, sources.get(CELL, ""), str(identity.get("code", ""))),
        *_notebook_changes(saved, sources),
        *_params_changes(saved.first_params, label_lists),
        *_data_changes(saved.identity.get("data"), identity.get("data")),
    ]


def _code_changes(saved: SavedScan, source: str, code: str) -> Iterator[str]:
    if code in ("", saved.identity.get("code")) or not saved.identity.get("code"):
        return  # the same, or a function whose text Python does not know
    began = saved.sources[CELL]
    try:
        before, now = map(_lines, (began, source))
    except (SyntaxError, ValueError):
        began = ""
    if began:
        yield from _diff("the cell", before, now)
    else:
        yield "the cell has changed"


def _lines(source: str) -> list[str]:
    """Give code as Python writes it: where a line breaks and what a comment says does not count."""
    return ast.unparse(ast.parse(source)).splitlines()


def _diff(what: str, before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Tell lines that differ; none do where only another Python hashed the same code otherwise."""
    changed = [
        line
        for line in difflib.unified_diff(before, now, n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    if changed:
        yield f"{what} has changed:"
    yield from (f"  {line}" for line in changed[:LONGEST_DIFF])
    if len(changed) > LONGEST_DIFF:
        yield f"  and {len(changed) - LONGEST_DIFF} lines more"


def _notebook_changes(saved: SavedScan, sources: Mapping[str, str]) -> Iterator[str]:
    """Compare the functions, classes and constants that the cell takes from the notebook.

    Imports are left out: where a name comes from may be told in several ways.
    """
    before, now = (_bound(text.get(SURROUNDINGS, "")) for text in (saved.sources, sources))
    trees = [_tree(text) for text in sources.values()]
    names = [name for name in before if name in now and _is_constant(name, now[name], trees)]
    yield from _diff(
        "the notebook",
        *([line for name in names for line in known[name].splitlines()] for known in (before, now)),
    )


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a file may hold anything
        return ast.Module([], [])


def _bound(source: str) -> dict[str, str]:
    """Find the statement that binds each name, functions and assignments alike."""
    found = {}
    for statement in _tree(source).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = ast.unparse(statement)
            case ast.Assign(targets=[ast.Name(id=name), *_]):
                found[name] = ast.unparse(statement)
    return found


def _is_constant(name: str, source: str, trees: Sequence[ast.Module]) -> bool:
    """Tell what stays as it is while rounds train from what they may count or collect in."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if any(isinstance(node, ast.Global) and name in node.names for node in nodes):
        return False
    match _tree(source).body:
        case [ast.Assign(value=ast.List() | ast.Dict() | ast.Set())]:
            looked_up = [
                node.value
                for node in nodes
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
            ]
            uses = [n for n in nodes if isinstance(n, ast.Name) and n.id == name]
            return all(use in looked_up or isinstance(use.ctx, ast.Store) for use in uses)
    return True


def _params_changes(
    before: Mapping[str, list[Label]], now: Mapping[str, list[Label]]
) -> Iterator[str]:
    if gone := [name for name in before if name not in now]:
        yield f"params has no {', '.join(gone)} any more"
    if new := [name for name in now if name not in before]:
        yield f"params has got {', '.join(new)}"
    for name in before.keys() & now.keys():
        known = {key(label) for label in now[name]}
        if lost := [number(label) for label in before[name] if key(label) not in known]:
            yield f"params[{name!r}] has no {', '.join(lost)} any more"


def _data_changes(before: object, now: object) -> Iterator[str]:
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return
    for name in sorted(before.keys() | now.keys()):
        old, new = str(before.get(name, "not there")), str(now.get(name, "not there"))
        shapes = [text.partition(" #")[0] for text in (old, new)]
        if shapes[0] != shapes[1]:
            yield f"{name} was {shapes[0]}, is {shapes[1]}"
        elif old != new:
            yield f"{name} holds other values: {new}, not {old}"
