"""The grid of an earlier scan, with the edits that were made while it ran."""

import ast
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.formatting import format_number
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.storage.saved_scan import PARAMS, SavedScan
from talos_magic.values.labels import label_key
from talos_magic.values.source import parse_or_empty


def added_values(saved: SavedScan, grid: Grid) -> str:
    """List the values that were added to the grid since; empty if there are none."""
    added = []
    for name, labels in grid.label_lists.items():
        before = [*saved.first_params.get(name, []), *saved.params.get(name, [])]
        known = {label_key(label) for label in before}
        new = [format_number(label) for label in labels if label_key(label) not in known]
        added += [f"{name} {', '.join(new)}"] if new else []
    return "; ".join(added)


def grid_as_edited(saved: SavedScan, grid: Grid) -> Grid:
    """Return the grid with the edits that were made while the earlier scan ran.

    Values that were removed are left out; numbers that were typed in are added. A label typed in
    cannot be mapped back to its object. `grid` has the params that the scan began with, and any
    values that were added since.
    """
    edited = Grid()
    dimensions = {d.name: _dimension_as_edited(saved, d) for d in grid.active}
    names = [name for name in saved.edited if name in dimensions]  # in the edited order
    if len(names) < len(dimensions):
        names = list(dimensions)
    edited.dimensions = tuple(dimensions[name] for name in names)
    return edited


def ranges_as_edited(
    saved: SavedScan, ranges: Mapping[str, Dimension], grid: Grid
) -> dict[str, Dimension]:
    """Return the ranges that --continuous searches, with the edits of the earlier scan.

    The edited grid includes the values found between the ends of the ranges. The code of the
    earlier params is parsed, not run.
    """
    written = _literals(saved.sources.get(PARAMS, ""))
    edited = {}
    for name, own in ranges.items():
        candidates = [own, grid[name]]
        with suppress(ScanError):
            candidates.insert(0, Dimension.of(name, written.get(name, [])))
        edited[name] = next(each for each in candidates if each.ends == grid[name].ends)
    return edited


def _literals(source: str) -> dict[str, Any]:
    """Read the entries of the params dict that are literals."""
    found = {}
    for node in ast.walk(parse_or_empty(source)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                with suppress(ValueError, TypeError, SyntaxError):
                    found[ast.literal_eval(key or "")] = ast.literal_eval(value)
            break
    return found


def _dimension_as_edited(saved: SavedScan, dimension: Dimension) -> Dimension:
    began = {label_key(label) for label in saved.first_params.get(dimension.name, [])}
    ended = {label_key(label): label for label in saved.params.get(dimension.name, [])}
    own = dict(zip(map(label_key, dimension.labels), dimension.values, strict=True))
    new = [label for label in own if label not in began and label not in ended]
    typed_in = {k for k, label in ended.items() if k not in began and not isinstance(label, str)}
    there = [label for label in ended if label in own or label in typed_in]
    if [label for label in own if label in ended] == there:  # values were removed, or none
        values = [value for label, value in own.items() if label in ended or label in new]
    else:
        values = [own.get(label, ended.get(label)) for label in (*there, *new)]
    return dimension if values == list(own.values()) else Dimension.of(dimension.name, values)
