"""What is wrong with a cell, told in a moment rather than at the end of its first round.

Only what would go wrong for certain is refused; what may be meant that way is noticed.
"""

import ast
import builtins
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from talos_magic.cell import ModelCell
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.names import bound_anywhere
from talos_magic.syntax import ARGUMENTS, fits, keys_demanded

# A cell that uses one of these may bind names that its text does not show.
HIDDEN = {"exec", "eval", "globals", "locals", "vars", "get_ipython"}
VALIDATION = {"validation_data", "validation_split"}
FIT_WITH_VALIDATION = 7  # positional arguments


def check_cell(
    cell: ModelCell, grid: Grid, namespace: Collection[str], *, metric: str | None = None
) -> list[str]:
    """Look for mistakes that training would show much later.

    Parameters
    ----------
    cell : ModelCell
        The cell.
    grid : Grid
        The params.
    namespace : collection of str
        Names of the notebook's variables.
    metric : str, optional
        The metric that was asked for.

    Returns
    -------
    list of str
        What the person should know.

    Raises
    ------
    ScanError
        If the cell reads a name, or a key of params, that is nowhere, or a metric of validation
        data that it does not pass on.

    Examples
    --------
    >>> cell = ModelCell("history = {'loss': [params['lr'] * rate]}")
    >>> check_cell(cell, Grid({"lr": [1]}), {"keras"})
    Traceback (most recent call last):
        ...
    talos_magic.errors.ScanError: line 1: rate is neither in the cell nor in the notebook
    """
    for line, text in (
        *_undefined(cell.tree, namespace),
        *_missing_keys(cell, grid),
        *_unvalidated(cell.tree, metric),
    ):
        raise ScanError(f"line {line}: {text}")
    return [*_own_data(cell), *_trained_only(cell.tree, metric)]


def _own_data(cell: ModelCell) -> Iterator[str]:
    if next(fits(cell.tree), None) is not None and "x_train" not in cell.data_reads:
        yield (
            "the cell never reads x_train: it trains on data of its own, which are neither split "
            "nor compared by --resume"
        )


def _trained_only(tree: ast.Module, metric: str | None) -> Iterator[str]:
    calls = list(fits(tree))
    if metric is None and calls and not any(map(_validates, calls)) and not _names_validation(tree):
        yield (
            "fit() gets no validation data, so rounds are ranked by how well they learn by heart: "
            "give it validation_data=(x_val, y_val)"
        )


def _undefined(tree: ast.Module, namespace: Collection[str]) -> Iterator[tuple[int, str]]:
    bound = bound_anywhere(tree)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id: node.lineno for node in reversed(names) if isinstance(node.ctx, ast.Load)}
    if "*" in bound or HIDDEN & read.keys() or _catches(tree, "NameError"):
        return
    own = {*bound, *namespace, *ARGUMENTS}
    for name, line in sorted(read.items(), key=lambda item: item[1]):
        if name not in {*own, *dir(builtins), "__class__"}:
            close = get_close_matches(name, own, n=1)
            hint = f": did you mean {close[0]}?" if close else ""
            yield line, f"{name} is neither in the cell nor in the notebook{hint}"


def _missing_keys(cell: ModelCell, grid: Grid) -> Iterator[tuple[int, str]]:
    if cell.param_reads is None or _catches(cell.tree, "KeyError"):
        return
    for key, line in keys_demanded(cell.tree, cell.params_name).items():
        if key not in grid:
            close = get_close_matches(key, [d.name for d in grid.active], n=1)
            hint = f"did you mean {close[0]!r}?" if close else "add it, or read it with .get()"
            yield line, f"the cell reads {key!r}, which params has not: {hint}"


def _unvalidated(tree: ast.Module, metric: str | None) -> Iterator[tuple[int, str]]:
    if metric is None or not metric.startswith("val_"):
        return
    if _names_validation(tree):
        return  # the cell makes it itself
    calls = list(fits(tree))
    if calls and not any(map(_validates, calls)):
        yield (
            calls[0].lineno,
            f"fit() gets no validation data, so there is no {metric}: give it "
            "validation_data=(x_val, y_val), or choose another metric with -m",
        )


def _names_validation(tree: ast.Module) -> bool:
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and text.startswith("val_") for text in texts)


def _validates(fit: ast.Call) -> bool:
    keywords = {keyword.arg for keyword in fit.keywords}
    many = len(fit.args) >= FIT_WITH_VALIDATION or any(isinstance(a, ast.Starred) for a in fit.args)
    return bool(many or None in keywords or VALIDATION & keywords)


def _catches(tree: ast.Module, error: str) -> bool:
    """Whether the cell is prepared for an error, and so may well run into it."""
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    kinds = [ast.unparse(handler.type) if handler.type else error for handler in handlers]
    return any(name in kind for kind in kinds for name in (error, "Exception", "LookupError"))
