"""Writes a value as a Python expression that evaluates to it."""

import ast
import builtins
import enum
import functools
import inspect
import keyword
import math
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.values.equality import is_array, is_configured, is_lambda, same, settings
from talos_magic.values.floats import as_written
from talos_magic.values.imports import Imports, own_objects
from talos_magic.values.keras_config import full_config
from talos_magic.values.labels import label
from talos_magic.values.lambdas import lambda_source
from talos_magic.values.source import keep_source
from talos_magic.values.wrapping import Expression, Group, prefixed

SMALL = 100  # items of an array that is written out
BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}")}
CONTAINERS = {*BRACKETS, frozenset, dict}


class Writer:
    """Writes expressions and collects their imports.

    Objects without source are written by their name in the notebook, but never as `reserved`.

    >>> writer = Writer({}, "params")
    >>> str(writer.write([0.1, functools.partial(max, key=len)])), writer.imports.lines()
    ('[0.1, partial(max, key=len)]', ['from functools import partial'])
    """

    def __init__(self, namespace: Mapping[str, Any], reserved: str) -> None:
        self.imports = Imports(namespace, reserved)
        self.namespace = dict(namespace)
        self._reserved = reserved
        self._own = own_objects(self.namespace)

    def write(self, value: Any) -> Expression:
        """Write a value in the first way whose expression evaluates to an equal value.

        Raise ScanError, which names the value or the item of a container, if there is none.
        """
        for fits, way in WAYS:
            expression = self._attempt(fits, way, value)
            if expression is not None:
                return expression
        raise ScanError(f"{label(value)} has no source: assign it to a variable of the notebook")

    def reference(self, value: Any) -> str:
        """Return the imported or the notebook's name of an object, or raise LookupError."""
        try:
            return self.imports.name(value)
        except (LookupError, AttributeError):
            return self._by_name(value)

    def _attempt(self, fits: "Test", way: "Way", value: Any) -> Expression | None:
        before = dict(self.imports.bound)
        try:
            if not fits(value):
                return None
            expression = way(self, value)
            scope = {**self.namespace, **self.imports.scope}
            if same(value, _evaluate(str(expression), scope)):
                return expression
        except Exception as error:  # a repr or a constructor may raise anything
            if isinstance(error, ScanError) and type(value) in CONTAINERS:
                raise
        self.imports.bound = before
        return None

    def _float(self, value: float) -> Expression:
        return repr(value) if math.isfinite(value) else self._call(float, repr(value))

    def _complex(self, value: complex) -> Expression:
        return self._call(complex, value.real, value.imag)

    def _sequence(self, value: Any) -> Expression:
        start, end = BRACKETS[type(value)]
        items = tuple(map(self.write, value))
        return Group(start, items, ",)" if end == ")" and len(items) == 1 else end)

    def _set(self, value: set[Any] | frozenset[Any]) -> Expression:
        if not value:
            return self._call(type(value))
        if isinstance(value, frozenset):
            return self._call(frozenset, set(value))
        # The order of a set is arbitrary.
        return Group("{", tuple(sorted(map(self.write, value), key=str)), "}")

    def _dict(self, value: dict[Any, Any]) -> Expression:
        items = (prefixed(f"{self.write(key)}: ", self.write(v)) for key, v in value.items())
        return Group("{", tuple(items), "}")

    def _array(self, value: Any) -> Expression:
        import numpy as np

        if value.size > SMALL:
            raise ValueError("too long to read")
        plain = as_written(value) if value.dtype.kind == "f" else value.tolist()
        if isinstance(value, np.generic):
            return self._call(type(value), plain)
        if np.array(plain).dtype == value.dtype:
            return self._call(np.array, plain)
        return self._call(np.array, plain, dtype=str(value.dtype))

    def _member(self, value: enum.Enum) -> Expression:
        if value.name in type(value).__members__:
            return f"{self.reference(type(value))}.{value.name}"
        return self._call(type(value), value.value)  # several flags in one

    def _partial(self, value: "functools.partial[Any]") -> Expression:
        return self._call(functools.partial, value.func, *value.args, **value.keywords)

    def _path(self, value: Path) -> Expression:
        return self._call(Path, str(value))

    def _lambda(self, value: Callable[..., Any]) -> Expression:
        return _double_quoted(lambda_source(value))

    def _method(self, value: Any) -> Expression:
        return f"{self.write(value.__self__)}.{value.__name__}"

    def _import(self, value: Any) -> Expression:
        return self.imports.name(value)

    def _configured(self, value: Any) -> Expression:
        """Write a call of the class with the settings that differ from its defaults."""
        kind = type(value)
        if getattr(value, "weights", None):
            raise ValueError("a config does not hold weights")
        config = {key: self._revived(setting) for key, setting in full_config(value).items()}
        if len(config) == 1 and "seed" not in config:
            return self._call(kind, *config.values())
        parameters = inspect.signature(kind).parameters
        needed = {key for key, p in parameters.items() if key in config and p.default is p.empty}
        default = settings(kind(**{key: config[key] for key in needed}))
        changed = {
            key
            for key, setting in settings(value).items()
            if key not in default or not same(setting, default[key])
        }
        order = [key for key in [*parameters, *config] if key in needed | changed]
        return self._call(kind, **{key: config[key] for key in order})

    def _revived(self, setting: Any) -> Any:
        """Deserialise the objects in a config."""
        if isinstance(setting, Mapping) and {"class_name", "config"} <= set(setting):
            from keras.saving import deserialize_keras_object

            return deserialize_keras_object(setting, custom_objects=self._own)
        if isinstance(setting, list | tuple):
            items = map(self._revived, setting)
            return tuple(items) if isinstance(setting, tuple) else list(items)  # not Keras's list
        return as_written(setting) if type(setting) is float else setting

    def _repr(self, value: Any) -> Expression:
        tree = ast.parse(repr(value), mode="eval")
        return _double_quoted(ast.unparse(_Names(self, type(value)).visit(tree)))

    def _by_name(self, value: Any) -> str:
        """Return the notebook's name of an object; of several, the object's own."""
        names = [
            name
            for name, bound in self.namespace.items()
            if bound is value and name != self._reserved
            if is_variable(name) and not name.startswith("_")
        ]
        own = getattr(value, "__name__", None)
        return own if own in names else names[0]

    def _call(self, function: Any, /, *arguments: Any, **keywords: Any) -> Group:
        before = f"{self.reference(function)}("
        named = (prefixed(f"{key}=", self.write(value)) for key, value in keywords.items())
        return Group(before, (*map(self.write, arguments), *named), ")")


class _Names(ast.NodeTransformer):
    """Replaces the names in a repr by the writer's: ``datetime.date(...)`` by ``date(...)``."""

    def __init__(self, writer: Writer, kind: type) -> None:
        home = vars(sys.modules.get(kind.__module__, builtins))
        self._known = ChainMap({kind.__name__: kind}, home, writer.namespace, vars(builtins))
        self._reference = writer.reference

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in sys.modules:
            return ast.Name(self._reference(getattr(sys.modules[node.value.id], node.attr)))
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._reference(self._known[node.id]))


def _evaluate(expression: str, scope: dict[str, Any]) -> Any:
    # Lambdas are compared by their source.
    filename = keep_source(expression) if "lambda" in expression else "<value>"
    return eval(compile(expression, filename, "eval"), scope)  # noqa: S307  # the user's values


def _double_quoted(text: str) -> str:
    return text if '"' in text else text.replace("'", '"')


def _is(*types: type) -> "Test":
    return lambda value: type(value) in types


def _is_method(value: Any) -> bool:
    return not isinstance(getattr(value, "__self__", None), ModuleType | None)


def _is_named(value: Any) -> bool:
    return isinstance(getattr(value, "__name__", None), str)


Test = Callable[[Any], bool]
Way = Callable[[Writer, Any], Expression]
WAYS: tuple[tuple[Test, Way], ...] = (
    (_is(float), Writer._float),
    (_is(complex), Writer._complex),
    (_is(list, tuple), Writer._sequence),
    (_is(set, frozenset), Writer._set),
    (_is(dict), Writer._dict),
    (is_array, Writer._array),
    (lambda value: isinstance(value, enum.Enum), Writer._member),
    (_is(functools.partial), Writer._partial),
    (lambda value: isinstance(value, Path), Writer._path),
    (is_lambda, Writer._lambda),
    (_is_method, Writer._method),
    (_is_named, Writer._import),
    (is_configured, Writer._configured),
    (lambda value: True, Writer._repr),
    (lambda value: True, Writer._by_name),
)


def is_variable(text: str) -> bool:
    """Whether a text can name a variable."""
    return text.isidentifier() and not keyword.iskeyword(text)
