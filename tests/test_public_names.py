"""Public names stay what they are, whatever has been imported before."""

import importlib
import pkgutil
from types import ModuleType

import talos_magic


def test_no_module_hides_a_public_name() -> None:
    for module in pkgutil.walk_packages(talos_magic.__path__, "talos_magic."):
        importlib.import_module(module.name)
    for name in talos_magic.__all__:
        assert not isinstance(getattr(talos_magic, name), ModuleType), name
