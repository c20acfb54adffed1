"""How code, params and data differ, in lines that a user reads."""

import ast
import difflib
from collections.abc import Iterator, Mapping, Sequence

from talos_magic.formatting import format_number
from talos_magic.values.labels import Label, label_key
from talos_magic.values.source import parse_or_empty

MAX_DIFF = 12  # lines


def code_changes(what: str, before: str, now: str) -> Iterator[str]:
    """Compare code whose hash differs, as Python writes it: layout and comments do not count."""
    lines = [ast.unparse(parse_or_empty(text)).splitlines() for text in (before, now)]
    if before and any(lines):
        yield from diff(what, *lines)  # none where another Python only hashed it otherwise
    else:
        yield f"{what} has changed"


def diff(what: str, before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Show which lines differ, if any do.

    >>> list(diff("the cell", ["a = 1", "b = 2"], ["a = 1", "b = 3"]))
    ['the cell has changed:', '  -b = 2', '  +b = 3']
    """
    changed = [
        line
        for line in difflib.unified_diff(before, now, n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    if changed:
        yield f"{what} has changed:"
    yield from (f"  {line}" for line in changed[:MAX_DIFF])
    if len(changed) > MAX_DIFF:
        yield f"  and {len(changed) - MAX_DIFF} more lines"


def params_changes(
    before: Mapping[str, list[Label]], now: Mapping[str, list[Label]]
) -> Iterator[str]:
    """List hyperparameters that were added or removed, and values that were removed."""
    if removed := [name for name in before if name not in now]:
        yield f"params no longer has {', '.join(removed)}"
    if added := [name for name in now if name not in before]:
        yield f"params has a new hyperparameter: {', '.join(added)}"
    for name in [name for name in before if name in now]:
        known = {label_key(label) for label in now[name]}
        lost = [format_number(label) for label in before[name] if label_key(label) not in known]
        if lost:
            yield f"params[{name!r}] no longer has {', '.join(lost)}"


def data_changes(before: Mapping[str, str] | None, now: Mapping[str, str] | None) -> Iterator[str]:
    """Compare fingerprints of arrays; None means that nothing is known of them.

    >>> list(data_changes({"x": "(3,) #a", "y": "(3,) #b"}, {"x": "(4,) #c", "y": "(3,) #d"}))
    ['x was (3,), is now (4,)', 'y has other values: (3,) #d, before (3,) #b']
    """
    if before is None or now is None:
        return
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name, "missing"), now.get(name, "missing")
        shapes = [text.partition(" #")[0] for text in (old, new)]
        if shapes[0] != shapes[1]:
            yield f"{name} was {shapes[0]}, is now {shapes[1]}"
        elif old != new:
            yield f"{name} has other values: {new}, before {old}"
