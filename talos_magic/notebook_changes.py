"""What the cell takes from the notebook, compared with what it took when a scan began."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from talos_magic.scan.saved import SURROUNDINGS
from talos_magic.surroundings import ORIGIN, POLICY, SETTINGS

# Methods that change a list, a dict, a set or an array; of other objects any method may.
CHANGING = {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update"}
CHANGING |= {"setdefault", "popitem", "add", "discard", "fill", "put", "resize", "partition"}
ARRAYS = "notebook"  # where the identity of a scan has the fingerprints of the notebook's arrays


class Bound(NamedTuple):
    """How a name is bound.

    Attributes
    ----------
    node : ast.stmt
        The statement, with the value that the name had.
    origin : str
        The notebook's own statement, where it says it otherwise: ``t = time.time()``.
    """

    node: ast.stmt
    origin: str

    @property
    def lines(self) -> list[str]:
        """As Python writes it: layout does not count."""
        return ast.unparse(self.node).splitlines()


def notebook_changes(
    before: Mapping[str, str], now: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Give the lines that bind what the cell reads, as they were and as they are.

    Left out are imports, because where a name comes from may be told in several ways; what the
    rounds themselves may have changed; and what is another in each kernel, such as a time.

    Parameters
    ----------
    before, now : mapping of str to str
        Texts that are kept beside the results, by file.

    Returns
    -------
    tuple of two lists of str
        Lines of code.

    Examples
    --------
    >>> notebook_changes({"notebook.py": "n = 1"}, {"notebook.py": "n = 2"})
    (['n = 1'], ['n = 2'])
    >>> texts = [{"notebook.py": f"n = {n}  # n = now()"} for n in (1, 2)]
    >>> notebook_changes(*texts)
    ([], [])
    """
    old, new = (_bound(texts.get(SURROUNDINGS, "")) for texts in (before, now))
    nodes = [node for text in now.values() for node in ast.walk(_tree(text))]
    names = [
        name
        for name in old
        if name in new and old[name].lines != new[name].lines
        if _stays(name, new[name], nodes) and not _varies(old[name], new[name])
    ]
    return [line for n in names for line in old[n].lines], [
        line for n in names for line in new[n].lines
    ]


def varying_constants(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Tell which constants have another value although they are made in the same way.

    Examples
    --------
    >>> texts = [{"notebook.py": f"n = {n}  # n = now()"} for n in (1, 2)]
    >>> list(varying_constants(*texts))
    ['n = 2, and was 1 when the scan began']
    """
    old, new = (_bound(texts.get(SURROUNDINGS, "")) for texts in (before, now))
    for name in old.keys() & new.keys():
        match old[name].node, new[name].node:
            case ast.Assign(value=then), ast.Assign(value=value):
                is_other = ast.unparse(then) != ast.unparse(value)
                if is_other and _varies(old[name], new[name]):
                    yield f"{name} = {ast.unparse(value)}, and was {ast.unparse(then)} when " + (
                        "the scan began"
                    )


def kept_arrays(identity: Mapping[str, object], sources: Mapping[str, str]) -> dict[str, str]:
    """Give the fingerprints of the notebook's arrays that the rounds leave as they are."""
    arrays = identity.get(ARRAYS)
    nodes = [node for text in sources.values() for node in ast.walk(_tree(text))]
    known = arrays.items() if isinstance(arrays, Mapping) else ()
    return {name: str(text) for name, text in known if not _is_changed(name, nodes, CHANGING)}


def changed_by_rounds(code: Sequence[str]) -> list[str]:
    """Name the variables that rounds may leave in another state than they found them.

    Examples
    --------
    >>> changed_by_rounds(["rng = default_rng(3)", "rng.random()"])
    ['rng']
    >>> changed_by_rounds(["rng = default_rng(3)", "f(rng)"])
    []
    """
    nodes = [node for text in code for node in ast.walk(_tree(text))]
    known = {name: bound for text in code for name, bound in _bound(text).items()}
    return sorted(
        name
        for name, bound in known.items()
        if isinstance(bound.node, ast.Assign | ast.AnnAssign) and not _stays(name, bound, nodes)
    )


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a file may hold anything
        return ast.Module([], [])


def _bound(source: str) -> dict[str, Bound]:
    """Find the statement that binds each name; one that only does something goes by its text."""
    found = _keras_own() if source else {}
    lines = source.splitlines()
    tree = _tree(source)
    homes = _Homes(tree)
    for statement in map(homes.visit, tree.body):
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = Bound(statement, "")
            case (
                ast.Assign(targets=[ast.Name(id=name), *_])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                line = lines[(statement.end_lineno or 1) - 1].encode()
                rest = line[statement.end_col_offset or 0 :].decode()
                found[name] = Bound(statement, rest.removeprefix(ORIGIN))
            case ast.Expr(value=ast.Call(func=function)):
                found[ast.unparse(function)] = Bound(statement, "")
    return found


def _keras_own() -> dict[str, Bound]:
    """Settings that are not written are Keras's own."""
    calls = [f"keras.config.set_{name}({usual!r})" for name, usual in SETTINGS.items()]
    trees = [ast.parse(call).body[0] for call in [*calls, POLICY.format("float32")]]
    return {ast.unparse(tree).partition("(")[0]: Bound(tree, "") for tree in trees}


class _Homes(ast.NodeTransformer):
    """Calls what is imported by its whole name: where it is imported from does not count."""

    def __init__(self, tree: ast.Module) -> None:
        self._homes: dict[str, str] = {}
        for node in tree.body:
            match node:
                case ast.Import(names=names):
                    self._homes |= {a.asname: a.name for a in names if a.asname}
                case ast.ImportFrom(module=str(module), names=names):
                    self._homes |= {a.asname or a.name: f"{module}.{a.name}" for a in names}

    def visit_Name(self, node: ast.Name) -> ast.AST:  # ast's own naming
        home = self._homes.get(node.id)
        return node if home is None else ast.copy_location(ast.Name(home, node.ctx), node)


def _stays(name: str, bound: Bound, nodes: Sequence[ast.AST]) -> bool:
    """Tell what stays as it is while rounds train from what they may count or collect in."""
    match bound.node:
        case ast.Assign(value=ast.Constant() | ast.Tuple()) | ast.FunctionDef() | ast.ClassDef():
            return not any(isinstance(node, ast.Global) and name in node.names for node in nodes)
        case ast.Assign(value=ast.Call(func=function)) if _last_name(function) != "array":
            return not _is_changed(name, nodes, None)
    return not _is_changed(name, nodes, CHANGING)


def _varies(before: Bound, now: Bound) -> bool:
    """Tell a value that a call makes anew in each kernel: a time, a temporary folder."""
    is_same = before.origin == now.origin != ""
    return is_same and any(isinstance(node, ast.Call) for node in ast.walk(_tree(now.origin)))


def _is_changed(name: str, nodes: Sequence[ast.AST], changing: Collection[str] | None) -> bool:
    """Tell whether code changes what a name holds: its items, its attributes, by its methods."""
    for node in nodes:
        match node:
            case ast.Global(names=names) if name in names:
                return True
            case ast.Subscript(ctx=ctx) | ast.Attribute(ctx=ctx) if not isinstance(ctx, ast.Load):
                if _root(node) == name:
                    return True
            case ast.Call(func=ast.Attribute(attr=a)) if changing is None or a in changing:
                if _root(node.func) == name:
                    return True
    return False


def _last_name(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _root(node: ast.AST) -> str:
    """Name that a chain of attributes and items begins with."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
