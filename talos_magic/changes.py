"""What has changed since a scan began: its cell, what that calls, the params, the data."""

import ast
import difflib
from collections.abc import Iterator, Mapping, Sequence

from talos_magic.grid.spec import key
from talos_magic.notebook_changes import kept_arrays, notebook_changes
from talos_magic.scan.events import Label
from talos_magic.scan.saved import CELL, SavedScan
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
        *_diff("the notebook", *notebook_changes(saved.sources, sources)),
        *_params_changes(saved.first_params, label_lists),
        *_data_changes(saved.identity.get("data"), identity.get("data")),
        *_data_changes(*(kept_arrays(of, sources) for of in (saved.identity, identity))),
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
