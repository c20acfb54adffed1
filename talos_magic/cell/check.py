"""Finds mistakes in a cell that would otherwise show after a round of training.

What is certain to fail is an error; what may be intended is a notice.
"""

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from talos_magic.cell.model_cell import ModelCell
from talos_magic.cell.names import bound_anywhere, stores, walk_scope
from talos_magic.cell.syntax import ARGUMENTS, fits, model_definition
from talos_magic.errors import ScanError

# With one of these, a cell can bind names that its text does not show.
HIDDEN = {"exec", "eval", "globals", "locals", "vars", "get_ipython"}
VALIDATION = {"validation_data", "validation_split"}
FIT_WITH_VALIDATION = 7  # positional arguments


def check_cell(
    cell: ModelCell,
    hyperparameters: Collection[str],
    namespace: Mapping[str, Any],
    *,
    metric: str | None = None,
) -> list[str]:
    """Check a cell and return notices about it.

    Raise ScanError if the cell reads an undefined name or a missing key of params, or if it passes
    no validation data to fit() and the metric that was requested needs them.
    """
    for text in _undefined(cell.tree, namespace):
        raise ScanError(text)
    notices = []
    for is_certain, text in _missing_keys(cell, hyperparameters, namespace):
        if is_certain:
            raise ScanError(text)
        notices.append(text)
    unvalidated = _unvalidated_fit(cell.tree)
    if (
        unvalidated is not None
        and (metric or "").startswith("val_")
        and "callbacks" not in _keywords(unvalidated)  # they may add the metric,
        and not {"x_val", "y_val"} & cell.data_reads  # and so may what reads these
    ):
        raise ScanError(
            f"line {unvalidated.lineno}: fit() gets no validation data, so there is no {metric}: "
            "pass validation_data=(x_val, y_val), or choose another metric with -m"
        )
    if any(fits(cell.tree)) and "x_train" not in cell.data_reads:
        notices.append(
            "the cell never reads x_train: it trains on its own data, which is neither split nor "
            "checked by --resume"
        )
    if unvalidated is not None and metric is None:
        notices.append(
            "fit() gets no validation data, so rounds are ranked by a training metric, which "
            "favours overfitting: pass validation_data=(x_val, y_val)"
        )
    return notices


def _undefined(tree: ast.Module, namespace: Collection[str]) -> Iterator[str]:
    bound = bound_anywhere(tree)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id: node.lineno for node in reversed(names) if isinstance(node.ctx, ast.Load)}
    if "*" in bound or HIDDEN & read.keys() or _catches(ast.walk(tree), "NameError"):
        return
    own = {*bound, *namespace, *ARGUMENTS}
    for name, line in sorted(read.items(), key=lambda item: item[1]):
        if name not in {*own, *dir(builtins), "__class__"}:
            close = get_close_matches(name, own, n=1)
            hint = f": did you mean {close[0]}?" if close else ""
            yield f"line {line}: {name} is defined neither in the cell nor in the notebook{hint}"


def _missing_keys(
    cell: ModelCell, hyperparameters: Collection[str], namespace: Mapping[str, Any]
) -> Iterator[tuple[bool, str]]:
    """Find the keys that params lacks, and say whether the cell is certain to need them."""
    found = cell.params_readers(namespace)
    adds_unseen = not all(reader.shows_writes for reader in found)
    if adds_unseen or _catches(ast.walk(cell.tree), "KeyError"):
        return
    known = {*hyperparameters}.union(*(reader.optional for reader in found))
    decorators = getattr(model_definition(cell.tree), "decorator_list", [])
    all_known = not decorators and all(reader.shows_reads for reader in found)
    for reader in found:
        required = {} if _catches(reader.nodes, "KeyError") else reader.required
        for key, line in required.items():
            if key not in known:
                close = get_close_matches(key, hyperparameters, n=1)
                hint = f"did you mean {close[0]!r}?" if close else "add it, or read it with .get()"
                text = f"{reader.title} reads {key!r}, which is not in params: {hint}"
                # A cell may serve other grids, too, by branches that this one does not enter.
                is_certain = all_known and key in reader.certain
                yield is_certain, f"line {reader.line or line}: {text}"


def _unvalidated_fit(tree: ast.Module) -> ast.Call | None:
    """Return the only fit() if it makes the history, without validation data.

    A cell that names a ``val_`` metric adds it by itself.
    """
    nodes = list(ast.walk(tree))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    texts += [node.arg for node in nodes if isinstance(node, ast.keyword)]
    named = any(isinstance(text, str) and text.startswith("val_") for text in texts)
    match list(fits(tree)):
        case [fit] if not (named or _validates(fit)) and _histories(tree) == [fit]:
            return fit
    return None


def _histories(tree: ast.Module) -> list[ast.expr]:
    """Return the values that a cell assigns to history, or returns as such, or ends in."""
    body = (model_definition(tree) or tree).body
    nodes = list(walk_scope(body))
    found = [_history_of(n.value) for n in nodes if isinstance(n, ast.Return) and n.value]
    names = {"history", *(value.id for value in found if isinstance(value, ast.Name))}
    found = [value for value in found if not isinstance(value, ast.Name)]
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and names & stores([node]):
            found.append(_history_of(node.value))
    last = body[-1]
    return found or ([last.value] if isinstance(last, ast.Expr) else [])


def _history_of(value: ast.expr) -> ast.expr:
    """Return the history in ``history, model`` and in ``history.history``."""
    match value:
        case ast.Tuple(elts=[first, *_]):
            return _history_of(first)
        case ast.Attribute(value=inner, attr="history"):
            return inner
    return value


def _validates(fit: ast.Call) -> bool:
    many = len(fit.args) >= FIT_WITH_VALIDATION or any(isinstance(a, ast.Starred) for a in fit.args)
    return bool(many or {None, *VALIDATION} & _keywords(fit))


def _keywords(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}


def _catches(nodes: Iterable[ast.AST], error: str) -> bool:
    """Whether code handles an error, so that it may expect it."""
    handlers = [node for node in nodes if isinstance(node, ast.ExceptHandler)]
    kinds = [ast.unparse(handler.type) if handler.type else error for handler in handlers]
    return any(name in kind for kind in kinds for name in (error, "Exception", "LookupError"))
