"""A cell's text as a model function: what it reads, what it returns, what is wrong with it.

Three forms are understood: (1) one function with Talos's five parameters; (2) statements that
``return history, model``; (3) statements that leave ``history`` and ``model`` behind, or only
``model``, or end in the ``model.fit(...)`` expression. One that calls ``report`` may leave nothing:
what it reported is its history. Statements run as in a normal cell, in a fresh copy of the
notebook's namespace each round, so that no name leaks from round to round.
"""

import ast
import copy
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, NoReturn

from talos_magic.errors import ScanError
from talos_magic.names import SCOPES, reads_first, stores, walk_scope
from talos_magic.syntax import (
    ARGUMENTS,
    DATA,
    code_of,
    first_return,
    imports_keras,
    is_cell_magic,
    keys_called,
    keys_read,
    model_definition,
    parameters,
    reports,
    returns,
    returns_value,
)

NO_AWAIT = (
    "await does not work in a scan, which trains while the cell blocks: "
    "await in a cell before, and use the result here"
)
_TAIL = "talos_scan"  # tracebacks show it as the name of the function
_LAST = "__talos_last__"


class ModelCell:
    """The body of a ``%%talos_scan`` cell.

    Parameters
    ----------
    source : str
        Python source, magics already transformed, with the cell's own line numbers.
    filename : str
        Name that tracebacks show.
    parse : callable, optional
        Parses source and filename to a module; IPython's applies its AST transformers.
    flags : int
        Compiler flags, such as those of the notebook's ``from __future__`` imports.

    Raises
    ------
    SyntaxError
        The cell's own.
    ScanError
        If the cell cannot be a model function.

    Examples
    --------
    >>> cell = ModelCell("return {'loss': [params['lr'] * 2]}, None")
    >>> cell.param_reads
    {'lr'}
    >>> cell.model_function({})(None, None, None, None, {"lr": 0.5})
    ({'loss': [1.0]}, None)
    """

    def __init__(
        self,
        source: str,
        filename: str = "<talos_scan>",
        *,
        parse: Callable[[str, str], ast.Module] = ast.parse,
        flags: int = 0,
    ) -> None:
        self.source = source
        self.filename = filename
        self.tree = parse(source, filename)
        self._function = model_definition(self.tree)
        self._returns = self._function is None and returns(self.tree.body)
        # Of its own: a function that the cell only defines may never be called.
        self._reports = reports(walk_scope((self._function or self.tree).body))
        self._check()
        # Compiled at once, so that what only the compiler sees is reported before anything runs.
        tree = self.tree if self._function is not None else _executable(self.tree)
        self._code = compile(tree, filename, "exec", flags=flags, dont_inherit=True)

    @property
    def identity(self) -> str:
        """Hash of the code that comments, blank lines and the cell's position do not change."""
        return code_of(self.tree)

    @property
    def data_reads(self) -> set[str]:
        """Which of x_train, y_train, x_val, y_val the cell reads."""
        if self._function is None:
            return set(DATA) & reads_first(self.tree.body)
        names = parameters(self._function)
        used = reads_first(self._function.body)
        return {given for given, name in zip(DATA, names, strict=False) if name in used}

    @property
    def params_name(self) -> str:
        """What the cell calls params."""
        return "params" if self._function is None else parameters(self._function)[4]

    @property
    def param_reads(self) -> set[str] | None:
        """Which keys of params the cell reads; None if it passes params on as a whole."""
        body = self.tree.body if self._function is None else self._function.body
        return keys_read(body, self.params_name)

    @property
    def param_calls(self) -> set[str]:
        """Keys of params whose values the cell calls, as in ``params["opt"](0.01)``."""
        body = self.tree.body if self._function is None else self._function.body
        return keys_called(body, self.params_name)

    @property
    def imports_keras(self) -> bool:
        """Whether the cell itself brings Keras in."""
        return imports_keras(self.tree)

    def model_function(self, namespace: Mapping[str, Any]) -> Callable[..., Any]:
        """Make the function that Talos calls.

        Parameters
        ----------
        namespace : mapping
            The notebook's globals. They are copied; the cell never writes to them.

        Returns
        -------
        callable
            Takes x_train, y_train, x_val, y_val, params.
        """
        if self._function is None:
            return self._reported(lambda *data: self._run_statements(namespace, data))
        scope = dict(namespace)
        exec(self._code, scope)  # noqa: S102  # the person's own cell
        return self._reported(scope[self._function.name])

    def _reported(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a cell that reports its epochs return nothing: they are its history."""
        if not self._reports:
            return function

        @wraps(function)
        def with_history(*data: Any) -> Any:
            returned = function(*data)
            return (None, None) if returned is None else returned

        return with_history

    def _run_statements(self, namespace: Mapping[str, Any], arguments: Iterable[Any]) -> Any:
        scope = {**namespace, **dict(zip(ARGUMENTS, arguments, strict=True))}
        exec(self._code, scope)  # noqa: S102  # the person's own cell
        if self._returns:
            returned = scope[_TAIL]()
            if returned is not None:
                return returned
        left = {
            name: scope[name]
            for name in ("history", "model")
            if scope.get(name) is not namespace.get(name)
        }
        last = scope.get(_LAST)
        if not left:
            return last
        history = left.get("history")
        if history is None and hasattr(last, "history"):
            history = last  # the cell ends in the fit that it left nowhere else
        return history, left.get("model")

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
            self._refuse(body[0], "a %%magic takes the whole cell: take it out of this one")
        if self._reports:  # which tells the history
            return
        if self._function is not None:
            if not returns_value(self._function.body):
                self._refuse(
                    self._function,
                    f"{self._function.name}() returns nothing: end it with `return history, model`",
                )
            return
        statements = [node for node in body if not isinstance(node, SCOPES)]
        gives = isinstance(body[-1], ast.Expr) or {"history", "model", "*"} & stores(statements)
        if not gives and not returns_value(body):
            self._refuse_without_result(body)

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
    """Make statements that may ``return`` into a module that can be run.

    What stands before the first ``return`` stays as it is. The rest becomes a function, in which
    all names are global, so that it returns as any function does and sees and leaves names as any
    cell does.
    """
    tree = copy.deepcopy(tree)  # identity is that of the cell as written
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
    """Drops annotations of names, which Python forbids where the names are global."""

    def visit(self, node: ast.AST) -> Any:
        return node if isinstance(node, SCOPES) else super().visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:  # ast's own naming
        if not isinstance(node.target, ast.Name):
            return node
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)
