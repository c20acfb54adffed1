"""The texts that are kept beside a scan's results."""

from collections.abc import Mapping
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.code import to_code
from talos_magic.grid.grid import Grid
from talos_magic.scan.saved import CELL, PARAMS, SURROUNDINGS
from talos_magic.surroundings import surroundings

MOST_WRITTEN = 1000  # values of a hyperparameter


def sources_of(grid: Grid, cell: str, namespace: Mapping[str, Any] | None) -> dict[str, str]:
    """Give the texts that are kept beside the results, by file."""
    params = _code(grid, namespace)
    return {CELL: cell, PARAMS: params, SURROUNDINGS: surroundings([params, cell], namespace or {})}


def _code(grid: Grid, namespace: Mapping[str, Any] | None) -> str:
    """Write the params as code, without those that have none, or too many values to be read."""
    params = grid.to_dict()
    for dimension in grid.active:
        try:
            if len(dimension.values) > MOST_WRITTEN:
                raise ScanError(f"{dimension.name} has {len(dimension.values)} values")
            to_code({dimension.name: params[dimension.name]}, namespace=namespace)
        except ScanError:
            del params[dimension.name]
    return to_code(params, namespace=namespace) + "\n"
