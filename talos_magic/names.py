"""Which names code binds, and which it reads from elsewhere."""

import ast
from collections.abc import Iterable, Iterator, Sequence

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def walk_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk statements without going into the functions and classes they define."""
    for node in nodes:
        yield node
        if not isinstance(node, SCOPES):
            yield from walk_scope(ast.iter_child_nodes(node))


def stores(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that statements bind; ``*`` for a star import, which may bind anything.

    Examples
    --------
    >>> sorted(stores(ast.parse("a = [n := i for i in b]; from c import d as e").body))
    ['a', 'e', 'n']
    """
    names: set[str] = set()
    found = list(walk_scope(nodes))
    loops = [node.target for node in found if isinstance(node, ast.comprehension)]
    own = {id(name) for target in loops for name in ast.walk(target)}
    for node in found:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names |= {node.id} if id(node) not in own else set()
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
    return names


def globals_of(trees: Iterable[ast.AST]) -> set[str]:
    """Names that functions declare to be the module's."""
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Global))
    return {name for node in nodes for name in node.names}


def bound_anywhere(tree: ast.AST) -> set[str]:
    """Names that code binds in any scope, arguments included; ``*`` for a star import."""
    scopes = [node for node in ast.walk(tree) if isinstance(node, (*SCOPES, ast.comprehension))]
    names = stores([tree])
    for scope in scopes:
        names |= stores(ast.iter_child_nodes(scope))
    return names | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def reads_first(statements: Sequence[ast.AST]) -> set[str]:
    r"""Names that statements may read before they have bound them themselves.

    Examples
    --------
    >>> code = "n = a\ndef f(x, y=b): return n + x + c\n[i + d for i in n]"
    >>> sorted(reads_first(ast.parse(code).body))
    ['a', 'b', 'c', 'd']
    """
    return _reads(statements, set())


def _reads(statements: Sequence[ast.AST], bound: set[str]) -> set[str]:
    reads: set[str] = set()
    for statement in statements:
        blocks = list(_blocks(statement))
        if not blocks or isinstance(statement, SCOPES):
            reads |= _loads(statement) - bound
            bound |= stores([statement])
            continue
        nested = {id(node) for block in blocks for node in block}
        heads = [n for n in ast.iter_child_nodes(statement) if id(n) not in nested]
        inside = bound | stores(heads)
        if isinstance(statement, ast.ExceptHandler):
            inside.add(statement.name or "")
        # The guard of a case sees what its pattern has bound.
        reads |= _loads(*heads) - (inside if isinstance(statement, ast.match_case) else bound)
        always = isinstance(statement, ast.With)  # the others may skip what they hold
        for block in blocks:
            reads |= _reads(block, inside if always else set(inside))
        if always:
            bound |= inside
    return reads


def _blocks(statement: ast.AST) -> Iterator[list[ast.AST]]:
    """Lists of statements that a compound one holds; a handler or a case is one of its own."""
    for _, value in ast.iter_fields(statement):
        if not isinstance(value, list) or not value:
            continue
        if isinstance(value[0], ast.stmt):
            yield value
        elif isinstance(value[0], ast.ExceptHandler | ast.match_case):
            yield from ([part] for part in value)


def _loads(*nodes: ast.AST) -> set[str]:
    """Names that nodes read from outside: what a function or a class binds is its own."""
    return set[str]().union(*map(_loads_of, nodes))


def _loads_of(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, FUNCTIONS):
        return _loads_of_function(node)
    if isinstance(node, ast.ClassDef):
        # Its methods do not see what its body binds.
        methods = [part for part in node.body if isinstance(part, SCOPES)]
        around = [*node.decorator_list, *node.bases, *node.keywords]
        return _loads(*around) | _loads(*methods) - {node.name} | reads_first(node.body)
    inside = _loads(*ast.iter_child_nodes(node))
    if isinstance(node, COMPREHENSIONS):
        targets = stores(generator.target for generator in node.generators)
        return inside - targets | _loads(node.generators[0].iter)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        inside.add(node.target.id)
    return inside


def _loads_of_function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    body = node.body if isinstance(node.body, list) else [node.body]
    own = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    own |= {getattr(node, "name", "")}  # bound by the time that it runs
    others = [part for part in ast.iter_child_nodes(node) if part not in body]
    return _loads(*others) | _loads(*body) - own - (stores(body) - globals_of([node]))
