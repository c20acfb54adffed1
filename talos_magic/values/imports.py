"""Import statements for classes, functions and modules, from where people import them."""

import builtins
import importlib
import os
import sys
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from sysconfig import get_paths
from types import FunctionType, ModuleType
from typing import Any

from talos_magic.values.wrapping import INDENT, WIDTH

SHORT_NAMES = {"numpy": "np", "tensorflow": "tf"}


@dataclass(frozen=True)
class Import:
    """An attribute of a module, or a whole module."""

    module: str
    attribute: str | None
    value: Any


class Imports:
    """The imports of a piece of code; none rebinds a variable of the notebook, or `reserved`."""

    def __init__(self, namespace: Mapping[str, Any], reserved: str) -> None:
        self.bound: dict[str, Import] = {}
        self._taken = ChainMap({reserved: self}, dict(namespace), vars(builtins))

    @property
    def scope(self) -> dict[str, Any]:
        """The values of the imported names."""
        return {name: binding.value for name, binding in self.bound.items()}

    def name(self, value: Any) -> str:
        """Import a class, a function or a module, and return the expression for it.

        This is "Adam", "Outer.Inner" or "np.float32", and "optimizers.Adam" if Adam is taken. Raise
        LookupError if no import gives this very object.
        """
        if isinstance(value, ModuleType):
            return self._module(value.__name__, value)
        module, path = home_of(value)
        home = importlib.import_module(module)
        root = path.partition(".")[0]
        binding = Import(module, root, getattr(home, root))
        if module in SHORT_NAMES or not self._is_free(root, binding):
            return f"{self._module(module, home)}.{path}"
        self.bound[root] = binding
        return path

    def lines(self) -> list[str]:
        """Write the import statements: modules first, then names, one module a line."""
        modules, names = set(), dict[str, set[str]]()
        for name, binding in self.bound.items():
            target = binding.attribute or binding.module
            item = target if name == target else f"{target} as {name}"
            if binding.attribute is None:
                modules.add(f"import {item}")
            elif (binding.module, name) != ("builtins", target):
                names.setdefault(binding.module, set()).add(item)
        return [*sorted(modules), *(_from(home, sorted(names[home])) for home in sorted(names))]

    def _module(self, path: str, value: ModuleType) -> str:
        if sys.modules.get(path) is not value:
            raise LookupError(f"{path} is another module")
        package, _, last = path.rpartition(".")
        binding = Import(package, last, value) if package else Import(path, None, value)
        name = free = SHORT_NAMES.get(path, last)
        count = 1
        while not self._is_free(free, binding):
            count += 1
            free = f"{name}_{count}"
        self.bound[free] = binding
        return free

    def _is_free(self, name: str, binding: Import) -> bool:
        known = self._taken.new_child(self.scope)
        return known.get(name, binding.value) is binding.value  # unbound, or bound to this value


def _from(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"{INDENT}{name}," for name in names), ")"])


def home_of(value: Any) -> tuple[str, str]:
    """Return the public module to import an object from, and the object's path in it."""
    path = getattr(value, "__qualname__", None) or value.__name__
    own = getattr(value, "__module__", None) or "builtins"
    root, dot, _ = path.partition(".")
    thing = vars(sys.modules[own])[root] if dot else value
    top = own.partition(".")[0].lstrip("_")  # _operator is operator's
    modules = {**_offered(top), **sys.modules}
    homes = [
        name
        for name, module in modules.items()
        if name.partition(".")[0] == top and _is_public(name) and _holds(module, root, thing)
    ]
    if not homes and (own == "__main__" or not _holds(sys.modules[own], root, thing)):
        raise LookupError(f"{own}.{path} is another object")
    return min(homes, key=lambda name: (name.count("."), name), default=own), path


def _offered(top: str) -> dict[str, ModuleType]:
    """Return the modules that a package exports under a shorter name, such as tensorflow.nn."""
    return {
        f"{top}.{name}": module
        for name, module in vars(sys.modules.get(top, builtins)).items()
        if isinstance(module, ModuleType) and module.__name__.startswith(f"{top}.")
    }


def _is_public(module: str) -> bool:
    return not any(part == "src" or part.startswith("_") for part in module.split("."))


def _holds(module: Any, name: str, value: Any) -> bool:
    return isinstance(module, ModuleType) and vars(module).get(name) is value


@cache
def _installed() -> tuple[str, ...]:
    places = [Path(place) for place in get_paths().values()]
    return tuple(f"{path}{os.sep}" for place in places for path in {place, place.resolve()})


def is_installed(file: str) -> bool:
    """Return whether a file lies where Python and installed packages do."""
    return file.startswith(_installed())


def own_objects(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the classes and functions that the notebook itself defines."""
    kinds = (type, FunctionType)
    own = {name: value for name, value in namespace.items() if isinstance(value, kinds)}
    return {name: value for name, value in own.items() if value.__module__ == "__main__"}
