"""A cell as a model function.

A cell has one of three forms: (1) a function with Talos's five parameters; (2) statements that
``return history, model``; (3) statements that assign ``history`` and ``model``, or only one of
them, or end in the expression ``model.fit(...)``. A cell that calls ``report`` need do none of
this: the epochs that it reports are its history. Each round runs the statements in a fresh copy of
the notebook's namespace, so that no name leaks from round to round.
"""

import ast
import copy
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, NoReturn

from talos_magic.cell.names import SCOPES, reads_first, stores, walk_scope
from talos_magic.cell.readers import Reader, functions, keys_read, readers
from talos_magic.cell.syntax import (
    ARGUMENTS,
    DATA,
    code_of,
    first_return,
    imports_keras,
    is_cell_magic,
    misplaced,
    model_definition,
    parameters,
    reports,
    returns,
    returns_value,
)
from talos_magic.errors import ScanError

NO_AWAIT = (
    "await does not work in a scan, which blocks the event loop: "
    "await in an earlier cell and use the result here"
)
_TAIL = "talos_scan"  # the name of the function in tracebacks
_LAST = "__talos_last__"


class ModelCell:
    """The body of a ``%%talos_scan`` cell, its magics transformed, with the cell's line numbers.

    Raise SyntaxError if it does not compile, ScanError if it cannot be a model function.
    """

    def __init__(
        self,
        source: str,
        filename: str = "<talos_scan>",
        *,
        parse: Callable[[str, str], ast.Module] = ast.parse,  # IPython's has AST transformers
        flags: int = 0,  # of the compiler, such as those of ``from __future__`` imports
    ) -> None:
        self.source = source
        self.filename = filename
        self.tree = parse(source, filename)
        self._function = model_definition(self.tree)
        self._returns = self._function is None and returns(self.tree.body)
        self._body = (self._function or self.tree).body
        self._reports = reports(self._body)
        self._check()
        # Compile now: the compiler finds errors that the parser does not.
        tree = self.tree if self._function is not None else _executable(self.tree)
        self._code = compile(tree, filename, "exec", flags=flags, dont_inherit=True)

    @property
    def identity(self) -> str:
        """Hash of the code, whatever its comments and layout."""
        return code_of(self.tree)

    @property
    def data_reads(self) -> set[str]:
        """Which of x_train, y_train, x_val, y_val the cell reads."""
        names = DATA if self._function is None else parameters(self._function)
        used = reads_first(self._body)
        return {given for given, name in zip(DATA, names, strict=False) if name in used}

    @property
    def params_name(self) -> str:
        """The cell's name for params."""
        return "params" if self._function is None else parameters(self._function)[4]

    @property
    def param_reads(self) -> set[str] | None:
        """Which keys of params the cell reads; None if it uses params as a whole."""
        return keys_read(self.params_readers({}))

    @property
    def param_calls(self) -> set[str]:
        """Keys of params whose values the cell calls, as in ``params["opt"](0.01)``."""
        return set().union(*(reader.called for reader in self.params_readers({})))

    def params_readers(self, namespace: Mapping[str, Any]) -> list[Reader]:
        """Return the cell and the functions, its own and the notebook's, that get its params."""
        own = functions([*self.tree.body, *self._body])
        return readers(self._body, self.params_name, own, namespace)

    @property
    def imports_keras(self) -> bool:
        """Whether the cell imports Keras or TensorFlow."""
        return imports_keras(self.tree)

    def model_function(self, namespace: Mapping[str, Any]) -> Callable[..., Any]:
        """Return the cell as a function of Talos's five arguments; it copies `namespace` to run."""
        if self._function is None:
            return self._reported(lambda *data: self._run_statements(namespace, data))
        scope = dict(namespace)
        exec(self._code, scope)  # noqa: S102  # the user's cell
        return self._reported(scope[self._function.name])

    def _reported(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Allow a cell that reports its epochs to return nothing."""
        if not self._reports:
            return function

        @wraps(function)
        def with_history(*data: Any) -> Any:
            returned = function(*data)
            return (None, None) if returned is None else returned

        return with_history

    def _run_statements(self, namespace: Mapping[str, Any], arguments: Iterable[Any]) -> Any:
        scope = {**namespace, **dict(zip(ARGUMENTS, arguments, strict=True))}
        exec(self._code, scope)  # noqa: S102  # the user's cell
        if self._returns:
            returned = scope[_TAIL]()
            if returned is not None:
                return returned
        assigned = {
            name: scope[name]
            for name in ("history", "model")
            if scope.get(name) is not namespace.get(name)
        }
        last = scope.get(_LAST)
        if not assigned:
            return last
        history = assigned.get("history")
        if history is None and hasattr(last, "history"):
            history = last  # the cell ends in model.fit(...)
        return history, assigned.get("model")

    def _check(self) -> None:
        for node in walk_scope(self.tree.body):
            if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
                self._refuse(node, NO_AWAIT)
            if isinstance(node, ast.comprehension) and node.is_async:
                self._refuse(node.iter, NO_AWAIT)
        body = self.tree.body
        if not body:
            raise ScanError("the cell is empty: write a model function that returns history, model")
        if is_cell_magic(body[0]):
            self._refuse(body[0], "another %%magic does not work in a scan: remove it")
        if self._function is not None:
            self._check_function(self._function)
            return
        if self._reports:
            return
        statements = [node for node in body if not isinstance(node, SCOPES)]
        assigns = {"history", "model", "*"} & stores(statements)
        if not (assigns or isinstance(body[-1], ast.Expr) or returns_value(body)):
            self._refuse_without_result(body)

    def _check_function(self, function: ast.FunctionDef) -> None:
        if wrong := misplaced(parameters(function)):
            self._refuse(function, f"{function.name}() {wrong}")
        if not (self._reports or returns_value(function.body)):
            self._refuse(
                function,
                f"{function.name}() returns nothing: end it with `return history, model`",
            )

    def _refuse_without_result(self, body: list[ast.stmt]) -> NoReturn:
        for node in body:
            if isinstance(node, ast.FunctionDef) and {"params", "p"} & set(parameters(node)):
                self._refuse(
                    node,
                    f"{node.name}() takes {len(parameters(node))} parameters: a model function "
                    f"takes the five {', '.join(ARGUMENTS)}",
                )
        self._refuse(body[-1], "the cell returns nothing: end it with `return history, model`")

    def _refuse(self, node: ast.AST, text: str) -> NoReturn:
        raise ScanError(f"line {getattr(node, 'lineno', 1)}: {text}")


def _executable(tree: ast.Module) -> ast.Module:
    """Turn statements that may ``return`` into a module that can be executed.

    From the first ``return`` on, they become a function in which all names are global.
    """
    tree = copy.deepcopy(tree)  # the identity needs the cell as written
    first = first_return(tree)
    if first is not None:
        (function,) = ast.parse(f"def {_TAIL}(): pass").body
        assert isinstance(function, ast.FunctionDef)  # noqa: S101  # for mypy
        tail = [_Unannotated().visit(node) for node in tree.body[first:]]
        names = sorted(stores(tail) - {"*"})
        function.body = [ast.Global(names), *tail] if names else tail
        tree.body[first:] = [ast.copy_location(function, tail[0])]
    elif isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        assignment = ast.Assign([ast.Name(_LAST, ast.Store())], last.value)
        tree.body[-1] = ast.copy_location(assignment, last)
    return ast.fix_missing_locations(tree)


class _Unannotated(ast.NodeTransformer):
    """Removes annotations, which Python forbids for global names."""

    def visit(self, node: ast.AST) -> Any:
        return node if isinstance(node, SCOPES) else super().visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:  # ast's own naming
        if not isinstance(node.target, ast.Name):
            return node
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)
