"""The texts that are saved beside a scan's results."""

from collections.abc import Mapping
from typing import Any

from talos_magic.cell.notebook_source import notebook_source
from talos_magic.cell.syntax import DATA
from talos_magic.errors import ScanError
from talos_magic.grid.code import to_code
from talos_magic.grid.grid import Grid
from talos_magic.storage.saved_scan import CELL, PARAMS, SURROUNDINGS
from talos_magic.training.data import TrainingData

MAX_VALUES = 1000  # of a hyperparameter whose code is saved


def sources_of(
    grid: Grid, cell: str, data: TrainingData, namespace: Mapping[str, Any] | None
) -> dict[str, str]:
    """Return the code of the cell, the params and what both read from the notebook, by file."""
    params = _params_code(grid, namespace)
    held = namespace or {}
    given = [name for name in DATA if getattr(data, name) is held.get(name, data)]
    notebook = notebook_source([params, cell], held, given)
    return {CELL: cell, PARAMS: params, SURROUNDINGS: notebook}


def _params_code(grid: Grid, namespace: Mapping[str, Any] | None) -> str:
    """Return the params as code, without those that have none or too many values to be read."""
    params = grid.to_dict()
    for dimension in grid.active:
        try:
            if len(dimension.values) > MAX_VALUES:
                raise ScanError(f"{dimension.name} has {len(dimension.values)} values")
            to_code({dimension.name: params[dimension.name]}, namespace=namespace)
        except ScanError:
            del params[dimension.name]
    return to_code(params, namespace=namespace) + "\n"
