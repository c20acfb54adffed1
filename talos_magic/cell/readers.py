"""Which code has the params dict, and which of its keys that code reads."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from talos_magic.cell.names import Comprehension, stores, walk_seeing
from talos_magic.cell.notebook_cells import definition
from talos_magic.cell.syntax import parameters, returns
from talos_magic.values.source import parse_or_empty

Definition = ast.FunctionDef | ast.Lambda


class Reader:
    """Code that has a dict under a name: the cell, or a function that gets it as an argument."""

    def __init__(
        self,
        statements: Sequence[ast.AST],
        name: str,
        title: str = "the cell",
        line: int = 0,  # of the call in the cell that leads here; 0 if this is the cell
    ) -> None:
        self.name = name
        self.title = title
        self.line = line
        self._always = set() if line else {*_always(statements)}
        self.nodes = list(walk_seeing(statements, name))
        self.calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        self.compares = [node for node in self.nodes if isinstance(node, ast.Compare)]
        # Each name['key'] and name.get('key').
        self.keys = [(n, key) for n in self.nodes if (key := self._key(n)) is not None]
        self.passed = 0  # times that it passes the dict to a function that is a reader, too

    @property
    def shows_reads(self) -> bool:
        """Whether it reads no keys that its text, or that of another reader, does not show."""
        return self._uses <= len(self.keys) + self.passed

    @property
    def shows_writes(self) -> bool:
        """Whether it adds no keys that its text does not show, nor binds its name anew."""
        given = [value for call in self.calls for value in _values(call)]
        sought = [part for compare in self.compares for part in compare.comparators]
        return self._uses <= len(self.keys) + sum(map(self._is_dict, given + sought))

    @property
    def read(self) -> set[str]:
        """The keys that it reads."""
        return {key for node, key in self.keys if _is_read(node)}

    @property
    def called(self) -> set[str]:
        """The keys whose values it calls, as in ``name['key']()``, or by another name of theirs."""
        names = {
            target.id: key
            for node in self.nodes
            if isinstance(node, ast.Assign) and (key := self._key(node.value)) is not None
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        keys = (self._key(c.func) or names.get(getattr(c.func, "id", "")) for c in self.calls)
        return {key for key in keys if key is not None}

    @property
    def required(self) -> dict[str, int]:
        """The keys that must be there, each with the first line that reads it."""
        reads = [(n, key) for n, key in self.keys if isinstance(n, ast.Subscript) and _is_read(n)]
        return {key: node.lineno for node, key in reversed(reads)}

    @property
    def certain(self) -> set[str]:
        """The keys that the cell itself uses in every round, under no condition."""
        return {key for node, key in self.keys if node in self._always}

    @property
    def optional(self) -> set[str]:
        """The keys that it assigns, looks for, or reads with a default."""
        keys = {key for n, key in self.keys if isinstance(n, ast.Call) or not _is_read(n)}
        sought = (compare.left for compare in self.compares)
        return keys | {str(key.value) for key in sought if isinstance(key, ast.Constant)}

    @property
    def passing(self) -> list[tuple[str, ast.Call]]:
        """The calls that pass the dict to something with a plain name, with that name."""
        calls = [call for call in self.calls if any(map(self._is_dict, _values(call)))]
        return [(call.func.id, call) for call in calls if isinstance(call.func, ast.Name)]

    def passes_to(self, function: Definition, call: ast.Call) -> str | None:
        """Return the parameter by which a call passes the dict to a function."""
        names = parameters(function)
        if getattr(function, "name", "") == "__init__":
            names = names[1:]
        # How many places a starred argument takes is not known.
        placed = [] if any(isinstance(each, ast.Starred) for each in call.args) else call.args
        given = [*zip(names, placed, strict=False), *((k.arg, k.value) for k in call.keywords)]
        return next((name for name, value in given if self._is_dict(value)), None)

    @property
    def _uses(self) -> int:
        return sum(map(self._is_dict, self.nodes))

    def _is_dict(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self.name

    def _key(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Subscript):
            owner, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr not in ("get", "pop", "setdefault"):
                return None
            owner, key = node.func.value, node.args[0]
        else:
            return None
        return str(key.value) if self._is_dict(owner) and isinstance(key, ast.Constant) else None


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _always(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk what is sure to be evaluated, up to a statement that may return."""
    for node in nodes:
        yield node
        # A block may be skipped, and so may what belongs to an `if`, `and`, `or` or `for`.
        if not (hasattr(node, "body") or isinstance(node, ast.Match | ast.BoolOp | Comprehension)):
            yield from _always(ast.iter_child_nodes(node))
        if isinstance(node, ast.stmt) and returns([node]):
            return


def _is_read(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def readers(
    statements: Sequence[ast.AST],
    name: str,
    own: Mapping[str, Definition | None],
    namespace: Mapping[str, Any],
) -> list[Reader]:
    """Return the cell as a reader of the dict, and each function to which a reader passes it.

    `own` are the names of the cell, with their functions; the others are looked up in the
    notebook's `namespace`.
    """
    found = [Reader(statements, name)]
    seen: set[tuple[str, str]] = set()
    for reader in found:  # it grows
        for called, call in reader.passing:
            is_own = called in own
            function = own[called] if is_own else _notebook_function(called, namespace)
            if function is None or (parameter := reader.passes_to(function, call)) is None:
                continue
            reader.passed += 1
            if (called, parameter) not in seen:
                seen.add((called, parameter))
                body = [function.body] if isinstance(function, ast.Lambda) else function.body
                line = reader.line or call.lineno
                found.append(Reader(body, parameter, f"{called}()", line))
    return found


def keys_read(found: Sequence[Reader]) -> set[str] | None:
    """Return the keys that readers read; None if one uses the dict as a whole."""
    if not all(reader.shows_reads for reader in found):
        return None
    return set().union(*(reader.read for reader in found))


def functions(statements: Iterable[ast.AST]) -> dict[str, Definition | None]:
    """Return the names that statements bind, each with its function, for a class its ``__init__``.

    It is None if the text does not tell what a call runs: of a name that is bound twice or under a
    condition, or that is decorated.
    """
    found: dict[str, Definition | None] = {}
    for node in dict.fromkeys(statements):
        for name in stores([node]):
            found[name] = None if name in found else _defined(node)
    return found


def _defined(statement: ast.AST) -> Definition | None:
    match statement:
        case ast.FunctionDef(decorator_list=[]):
            return statement
        case ast.Assign(targets=[ast.Name()], value=ast.Lambda() as function):
            return function
        case ast.ClassDef(decorator_list=[]):
            return functions(statement.body).get("__init__")
    return None


def _notebook_function(name: str, namespace: Mapping[str, Any]) -> Definition | None:
    """Return the code of a function of the notebook; None if it has none."""
    value = namespace.get(name)
    text = definition(name, value, namespace) if callable(value) else ""
    return functions(parse_or_empty(text).body).get(name)
