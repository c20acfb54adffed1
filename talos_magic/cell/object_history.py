"""What the cells of a notebook did to an object, from the statement that made it on.

A statement changes the objects of which it binds a part, those whose methods it calls, unless these
are known to look only, and what the notebook's functions that it calls change. A few other
functions, as ``shuffle``, change their arguments. What the rest do to theirs is not known.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from types import BuiltinMethodType, MethodType, ModuleType
from typing import Any, NamedTuple

from talos_magic.cell.names import Function, bound_anywhere, globals_of, stores, walk_scope
from talos_magic.cell.notebook_cells import DEFINITIONS, Statement, statements
from talos_magic.values.source import parse_or_empty

CHANGE_ARGUMENTS = ("heapify", "heappush", "insort", "next", "setattr", "shuffle")
# Methods that do not change their objects: those of values that never change, and others.
LOOKS = {*dir(str), *dir(tuple), *dir(frozenset), *dir(Mapping)}
LOOKS |= {"summary", "predict", "evaluate", "transform", "get_vocabulary", "vocabulary_size"}
LOOKS |= {"most_common", "take", "skip", "map", "batch", "prefetch"}
SHARED = "random's own"  # the generators that all code shares: to draw from them changes them


class Step(NamedTuple):
    """A statement of a cell, and what it changes."""

    place: int  # in the order of all statements that have run
    statement: Statement
    assigns_into: set[str]  # the objects of which it binds a part, as in ``a[0] = 1``
    changes: set[str]  # these, and objects that calls may change

    def makes(self, name: str) -> bool:
        """Whether it binds a name to something else than what the name was bound to."""
        return name in self.statement.binds - self.statement.reads

    @property
    def defines(self) -> bool:
        """Whether it is a function or class, whose decorators may change other objects."""
        return isinstance(self.statement.node, DEFINITIONS)

    @property
    def is_for_notebooks(self) -> bool:
        """Whether it awaits, or draws numbers that depend on all that the session drew before."""
        awaits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
        nodes = walk_scope([self.statement.node])
        return SHARED in self.changes or any(isinstance(node, awaits) for node in nodes)


class History:
    """What the cells of a notebook have done, in the order in which they have run."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._steps = list(_steps(namespace))

    def of(self, name: str) -> list[Step]:
        """Return the step that made an object and those that may have changed it since.

        They are none if no cell has made it.
        """
        found: list[Step] = []
        for step in self._steps:
            if step.makes(name):
                found = [step]
            elif found and name in step.statement.binds | step.changes:
                found.append(step)
        return found

    def is_unchanged(self, name: str, since: int, *, in_place: bool = False) -> bool:
        """Whether a name is still what it was before the step at a place.

        Methods are taken to change it only where they do so `in_place`, as those of lists.
        """
        same = ""
        for step in self._steps:
            if step.place < since:
                same = step.statement.text if step.makes(name) else same
                continue
            changed = step.changes if in_place and step.place > since else step.assigns_into
            # A cell that ran again has bound its names to what they were.
            is_again = step.makes(name) and step.statement.text == same
            if name in step.statement.binds | changed and not is_again:
                return False
        return True


def without_bodies(code: str) -> str:
    """Return code without what it runs later only: the bodies of its functions."""
    tree = parse_or_empty(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            node.body = ast.Constant(None)
        elif isinstance(node, Function):
            node.body = [ast.Pass()]
    return ast.unparse(tree)


def _steps(namespace: Mapping[str, Any]) -> Iterator[Step]:
    ran = list(statements(namespace))
    own: dict[str, set[str]] = {}  # what the notebook's functions change; "" for an argument
    for statement in (*ran, *ran):  # twice, since a function may call one that comes after it
        if isinstance(statement.node, ast.FunctionDef):
            own[statement.node.name] = _changed_inside(statement.node, own, namespace)
    wholes: dict[str, str] = {}  # the objects of parts that have names: ``top = base.layers[0]``
    for place, statement in enumerate(ran):
        node = statement.node
        decorating = [ast.Call(each, [], []) for each in getattr(node, "decorator_list", [])]
        nodes = [*walk_scope([node, *decorating])]
        assigned = assigned_into(nodes)
        changed = assigned | changed_by_calls(nodes, own, namespace)
        changed |= {wholes[part] for part in (changed - statement.binds) & wholes.keys()}
        yield Step(place, statement, assigned, changed)
        wholes = {part: whole for part, whole in wholes.items() if part not in statement.binds}
        match node:
            case ast.Assign([ast.Name(part)], ast.Attribute() | ast.Subscript() | ast.Name()):
                whole = _root(node.value)
                wholes[part] = wholes.get(whole, whole)


def assigned_into(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the objects of which statements bind a part: an item, an attribute.

    A loop over an object that binds a part of each item does so, too.
    """
    names: set[str] = set()
    for node in nodes:
        match node:
            case ast.Attribute(ctx=use) | ast.Subscript(ctx=use) if not isinstance(use, ast.Load):
                names.add(_root(node))
            case ast.AugAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.For() if assigned_into(walk_scope(node.body)) & stores([node.target]):
                names |= {n.id for n in ast.walk(node.iter) if isinstance(n, ast.Name)}
    return names - {""}


def changed_by_calls(
    nodes: Iterable[ast.AST], own: Mapping[str, set[str]], namespace: Mapping[str, Any]
) -> set[str]:
    """Return the objects that calls may change; those of the notebook's `own` functions do."""
    names: set[str] = set()
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        called = getattr(call.func, "attr", getattr(call.func, "id", ""))
        changed = own.get(called, set()) if isinstance(call.func, ast.Name) else set()
        names |= changed
        if isinstance(call.func, ast.Attribute) and called not in LOOKS:
            names.add(_root(call.func))
        if called in CHANGE_ARGUMENTS or "" in changed:
            names |= {_root(value) for value in (*call.args, *(k.value for k in call.keywords))}
        if _draws(call.func, namespace):
            names.add(SHARED)
    return names - {""}


def _changed_inside(
    function: ast.FunctionDef, own: Mapping[str, set[str]], namespace: Mapping[str, Any]
) -> set[str]:
    """Return the names outside a function that its body changes; ``""`` for its arguments."""
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    changed = assigned_into(nodes) | changed_by_calls(nodes, own, namespace)
    arguments = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    outer = globals_of([function])
    changed_outside = (changed | outer) - (bound_anywhere(function) - outer)
    return changed_outside | ({""} if changed & arguments else set())


def _draws(function: ast.expr, namespace: Mapping[str, Any]) -> bool:
    """Whether a function draws from the generator of ``random`` or ``numpy.random`` itself."""
    first, *rest = ast.unparse(function).split(".")
    value = namespace.get(first)
    for name in rest:
        value = vars(value).get(name) if isinstance(value, ModuleType) else None
    owner = value.__self__ if isinstance(value, BuiltinMethodType | MethodType) else None
    return type(owner).__name__ in ("Random", "RandomState")


def _root(node: ast.AST) -> str:
    """Return the name with which ``name.part[0].method().part`` begins; empty for anything else."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
