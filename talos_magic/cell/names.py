"""Which names code binds, and which it reads from elsewhere."""

import ast
from collections.abc import Iterable, Iterator, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def walk_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk statements, but not the bodies of the functions and classes that they define."""
    for node in nodes:
        yield node
        if not isinstance(node, SCOPES):
            yield from walk_scope(ast.iter_child_nodes(node))


def walk_seeing(nodes: Iterable[ast.AST], name: str) -> Iterator[ast.AST]:
    """Walk statements, but not the functions and comprehensions that have a variable so called."""
    for node in nodes:
        yield node
        inner: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, Function) and name in _own_names(node):
            inner = _around(node)
        elif isinstance(node, Comprehension) and name in _targets(node):
            inner = [node.generators[0].iter]
        yield from walk_seeing(inner, name)


def stores(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that statements bind; ``*`` for a star import, which may bind any."""
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
    """Return the names that code declares ``global``."""
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Global))
    return {name for node in nodes for name in node.names}


def bound_anywhere(tree: ast.AST) -> set[str]:
    """Return the names that code binds in any scope, parameters included, as `stores` does."""
    scopes = [node for node in ast.walk(tree) if isinstance(node, (*SCOPES, ast.comprehension))]
    names = stores([tree])
    for scope in scopes:
        names |= stores(ast.iter_child_nodes(scope))
    return names | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def reads_first(statements: Sequence[ast.AST]) -> set[str]:
    """Return the names that statements may read before they bind them."""
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
        # The guard of a case sees the names in its pattern.
        reads |= _loads(*heads) - (inside if isinstance(statement, ast.match_case) else bound)
        always = isinstance(statement, ast.With)  # other blocks may be skipped
        for block in blocks:
            reads |= _reads(block, inside if always else set(inside))
        if always:
            bound |= inside
    return reads


def _blocks(statement: ast.AST) -> Iterator[list[ast.AST]]:
    """Find the blocks of a compound statement; each handler or case is a block."""
    for _, value in ast.iter_fields(statement):
        if not isinstance(value, list) or not value:
            continue
        if isinstance(value[0], ast.stmt):
            yield value
        elif isinstance(value[0], ast.ExceptHandler | ast.match_case):
            yield from ([part] for part in value)


def _loads(*nodes: ast.AST) -> set[str]:
    """Return the names that nodes read from outside the functions and classes among them."""
    return set[str]().union(*map(_loads_of, nodes))


def _loads_of(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, Function):
        return _loads_of_function(node)
    if isinstance(node, ast.ClassDef):
        # Methods do not see the names that the class body binds.
        methods = [part for part in node.body if isinstance(part, SCOPES)]
        around = [*node.decorator_list, *node.bases, *node.keywords]
        return _loads(*around) | _loads(*methods) - {node.name} | reads_first(node.body)
    inside = _loads(*ast.iter_child_nodes(node))
    if isinstance(node, Comprehension):
        return inside - _targets(node) | _loads(node.generators[0].iter)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        inside.add(node.target.id)
    return inside


def _loads_of_function(node: Function) -> set[str]:
    return _loads(*_around(node)) | _loads(*_body(node)) - _own_names(node)


def _own_names(node: Function) -> set[str]:
    """Return the names that a function binds for itself, its own name among them."""
    own = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    own |= {getattr(node, "name", "")}  # bound when the function runs
    return own | (stores(_body(node)) - globals_of([node]))


def _body(node: Function) -> list[ast.AST]:
    return [*node.body] if isinstance(node.body, list) else [node.body]


def _around(node: Function) -> list[ast.AST]:
    """Return what is evaluated where a function is defined, such as its defaults."""
    body = _body(node)
    return [part for part in ast.iter_child_nodes(node) if part not in body]


def _targets(node: Comprehension) -> set[str]:
    return stores(generator.target for generator in node.generators)
