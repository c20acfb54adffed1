"""A cell's text as a model function: what it reads, what it returns, what is wrong with it.

Three forms are understood: (1) one function with Talos's five parameters; (2) statements that
``return history, model``; (3) statements that leave ``history`` and ``model`` behind, or only
``model``, or end in the ``model.fit(...)`` expression. Statements run as in a normal cell, in a
fresh copy of the notebook's namespace each round, so that nothing leaks from round to round.
"""

import ast
import copy
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from talos_magic.errors import ScanError

DATA = ("x_train", "y_train", "x_val", "y_val")
ARGUMENTS = (*DATA, "params")
_RETURN = "__talos_return__"
_LAST = "__talos_last__"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


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
        self._flags = flags
        self._tree = parse(source, filename)
        self._function = _model_definition(self._tree)
        self._check()
        # Compiled at once, so that what only the compiler sees is reported before anything runs.
        self._code = compile(self._executable(), filename, "exec", flags=flags, dont_inherit=True)

    @property
    def identity(self) -> str:
        """Hash of the code that comments, blank lines and the cell's position do not change."""
        return hashlib.sha256(ast.unparse(self._tree).encode()).hexdigest()

    @property
    def data_reads(self) -> set[str]:
        """Which of x_train, y_train, x_val, y_val the cell needs."""
        if self._function is None:
            return set(DATA) & (_loads(self._tree) - _stores(self._tree.body))
        names = _parameters(self._function)
        used = set().union(*map(_loads, self._function.body))
        return {given for given, name in zip(DATA, names, strict=False) if name in used}

    @property
    def param_reads(self) -> set[str] | None:
        """Which keys of params the cell reads; None if it passes params on as a whole."""
        name = "params" if self._function is None else _parameters(self._function)[4]
        body: list[ast.stmt] = self._tree.body if self._function is None else self._function.body
        nodes = [node for statement in body for node in ast.walk(statement)]
        keys = [key for node in nodes if (key := _key_read(node, name)) is not None]
        uses = sum(isinstance(node, ast.Name) and node.id == name for node in nodes)
        return set(keys) if uses == len(keys) else None

    @property
    def imports_keras(self) -> bool:
        """Whether the cell itself brings Keras in."""
        return any(
            name.partition(".")[0] in ("keras", "tensorflow")
            for node in ast.walk(self._tree)
            for name in _imported(node)
        )

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
            return lambda *arguments: self._run_statements(namespace, arguments)
        scope = dict(namespace)
        exec(self._code, scope)  # noqa: S102  # the person's own cell
        function: Callable[..., Any] = scope[self._function.name]
        return function

    def _run_statements(self, namespace: Mapping[str, Any], arguments: Iterable[Any]) -> Any:
        scope = {**namespace, **dict(zip(ARGUMENTS, arguments, strict=True)), _RETURN: _Returned}
        try:
            exec(self._code, scope)  # noqa: S102  # the person's own cell
        except _Returned as returned:
            return returned.value
        left = {
            name: scope[name]
            for name in ("history", "model")
            if scope.get(name) is not namespace.get(name)
        }
        last = scope.get(_LAST)
        if not left:
            return last
        history = left.get("history")
        return (last if _is_history(history, last) else history), left.get("model")

    def _check(self) -> None:
        for node in _walk_scope(self._tree.body):
            if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
                self._refuse(
                    node,
                    "await does not work in a scan, which trains while the cell blocks: "
                    "await in a cell before, and use the result here",
                )
        body = self._tree.body
        if not body:
            raise ScanError("the cell is empty: write a model function that returns history, model")
        if self._function is not None:
            if not any(map(_returns_value, _walk_scope(self._function.body))):
                self._refuse(
                    self._function,
                    f"{self._function.name}() returns nothing: end it with `return history, model`",
                )
            return
        gives = isinstance(body[-1], ast.Expr) or {"history", "model", "*"} & _stores(body)
        if not gives and not any(map(_returns_value, _walk_scope(body))):
            self._refuse(body[-1], "the cell returns nothing: end it with `return history, model`")

    def _refuse(self, node: ast.AST, text: str) -> NoReturn:
        raise ScanError(f"line {getattr(node, 'lineno', 1)}: {text}")

    def _executable(self) -> ast.Module:
        """Rewrite what Python allows only inside functions: ``return`` and the last value."""
        if self._function is not None:
            return self._tree
        # A copy, because identity is that of the cell as written.
        tree: ast.Module = _ReturnsRaised().visit(copy.deepcopy(self._tree))
        last = tree.body[-1]
        if isinstance(last, ast.Expr):
            tree.body[-1] = ast.copy_location(
                ast.Assign([ast.Name(_LAST, ast.Store())], last.value), last
            )
        return ast.fix_missing_locations(tree)


class _Returned(BaseException):
    """Carries the value of a ``return`` out of the cell, past any ``except Exception``."""

    def __init__(self, value: Any = None) -> None:
        super().__init__()
        self.value = value


class _ReturnsRaised(ast.NodeTransformer):
    """Turns each ``return value`` of the cell, not of its functions, into a raise."""

    def visit(self, node: ast.AST) -> Any:
        return node if isinstance(node, _SCOPES) else super().visit(node)

    def visit_Return(self, node: ast.Return) -> ast.Raise:  # ast's own naming
        value = node.value or ast.Constant(None)
        call = ast.Call(ast.Name(_RETURN, ast.Load()), [value], [])
        return ast.copy_location(ast.Raise(call), node)


def _model_definition(tree: ast.Module) -> ast.FunctionDef | None:
    """Find the function with Talos's five parameters, unless statements do the training."""
    if any(isinstance(node, ast.Return) for node in _walk_scope(tree.body)):
        return None
    if {"history", "model"} & _stores(node for node in tree.body if not isinstance(node, _SCOPES)):
        return None
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and len(_parameters(node)) == len(ARGUMENTS)
    ]
    named = [node for node in found if _parameters(node)[4] in ("params", "p")]
    return (named or found)[-1] if found else None


def _parameters(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]


def _walk_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk statements without going into the functions and classes they define."""
    for node in nodes:
        yield node
        if not isinstance(node, _SCOPES):
            yield from _walk_scope(ast.iter_child_nodes(node))


def _loads(tree: ast.AST) -> set[str]:
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _stores(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that statements define; ``*`` for a star import, which may define anything."""
    names: set[str] = set()
    for node in _walk_scope(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


def _returns_value(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and node.value is not None


def _key_read(node: ast.AST, name: str) -> str | None:
    """Key of ``params['key']`` or ``params.get('key')``, if the node is one."""
    if isinstance(node, ast.Subscript):
        owner, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr not in ("get", "pop", "setdefault"):
            return None
        owner, key = node.func.value, node.args[0]
    else:
        return None
    if not (isinstance(owner, ast.Name) and owner.id == name and isinstance(key, ast.Constant)):
        return None
    return str(key.value)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _is_history(left: Any, last: Any) -> bool:
    """Whether the value the cell ends with is the history that it left nowhere else."""
    return left is None and hasattr(last, "history")
