"""What a cell reads from the notebook, as code: imports, functions, classes, constants.

It is written beside the cell, so that a round can be trained without the notebook.
"""

import ast
import builtins
import importlib
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.expressions import Writer
from talos_magic.grid.imports import home_of
from talos_magic.names import SCOPES, globals_of, reads_first, stores
from talos_magic.scan.fingerprint import fingerprint
from talos_magic.statements import definition, newest_binding, submodules
from talos_magic.syntax import ARGUMENTS

# Names that no notebook has to give; two of a kernel's builtins only a notebook has.
KNOWN = {*dir(builtins), "__file__"} - {"get_ipython", "display"}
MOST_ITEMS = 100  # of a constant that still makes readable code
ORIGIN = "  # "
LONGEST_ORIGIN = 200  # characters
POLICY = "keras.config.set_dtype_policy({!r})"
# Keras's settings that the curves depend on, and what they are if nobody has set them.
SETTINGS = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


def surroundings(code: Sequence[str], namespace: Mapping[str, Any]) -> str:
    r"""Write what pieces of code, run one after the other, read from a notebook.

    Parameters
    ----------
    code : sequence of str
        Python sources; what cannot be parsed reads nothing.
    namespace : mapping of str to Any
        The notebook's variables.

    Returns
    -------
    str
        Python source. What has no source, such as an array, is left out: see `unwritten`.

    Examples
    --------
    >>> import math
    >>> print(surroundings(["print(math.floor(size))"], {"math": math, "size": 2}))
    import math
    <BLANKLINE>
    size = 2
    """
    imports: set[str] = set()
    definitions: dict[str, str] = {}
    seen: set[str] = set()

    def add(names: set[str]) -> None:
        for name in sorted(names & namespace.keys() - seen - _shells_own(namespace)):
            seen.add(name)
            text = _written(name, namespace)
            add(_reads([text]) - {name})
            if text.startswith(("import ", "from ")) and "\n" not in text:
                imports.add(text)
            elif text:
                definitions[name] = text  # after what it needs

    add(_reads(code))
    if settings := _keras_settings():
        imports.add("import keras")
        definitions["Keras's own"] = settings
    blocks = ["\n".join(sorted(imports, key=_import_order)), *definitions.values()]
    return "\n\n".join(block for block in blocks if block)


def held_arrays(code: Sequence[str], namespace: Mapping[str, Any]) -> dict[str, str]:
    """Give the fingerprints of a notebook's arrays that pieces of code read and none binds.

    Examples
    --------
    >>> import numpy as np
    >>> held_arrays(["print(weights, size)"], {"weights": np.zeros(3), "size": 1})
    {'weights': '(3,) float64 #8691c643'}
    """
    names = sorted(_reads(code) & namespace.keys())
    has_shape = [name for name in names if isinstance(getattr(namespace[name], "shape", 0), tuple)]
    return {name: fingerprint(namespace[name]) for name in has_shape}


def unwritten(code: Sequence[str]) -> list[str]:
    """Name what pieces of code, run one after the other, read and none of them binds.

    Examples
    --------
    >>> unwritten(["size = 2", "print(size, x_test, x_train)"])
    ['x_test']
    """
    trees = [ast.parse(text) for text in code]
    bound = stores(statement for tree in trees for statement in tree.body) | globals_of(trees)
    return [] if "*" in bound else sorted(_reads(code) - bound - KNOWN)


def rebound(definitions: str, cell: str) -> list[str]:
    r"""Name what functions and classes of the notebook read there, and a cell has of its own.

    Where the cell runs among them, as in a script, they see the cell's.

    Examples
    --------
    >>> rebound("size = 1\ndef f(): return size, x_train, pi", "size = 2\nf()")
    ['size', 'x_train']
    """
    scopes = [node for node in ast.parse(definitions).body if isinstance(node, SCOPES)]
    reads = set[str]().union(*(reads_first([scope]) for scope in scopes))
    return sorted(reads & (stores(ast.parse(cell).body) | set(ARGUMENTS)))


def _shells_own(namespace: Mapping[str, Any]) -> set[str]:
    """Names that are builtins also where IPython has put its own in their place, such as open."""
    builtin = vars(builtins)
    kinds = {
        name: getattr(namespace[name], "__module__", "") for name in builtin if name in namespace
    }
    return {name for name, module in kinds.items() if str(module).startswith("IPython")}


def _reads(code: Sequence[str]) -> set[str]:
    bound, reads = set(ARGUMENTS), set[str]()
    for text in code:
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError):  # a method, or a lambda amid a statement
            continue
        reads |= reads_first(body) - bound
        bound |= stores(body)
    return reads


def _written(name: str, namespace: Mapping[str, Any]) -> str:
    """Write what binds a name to its value in the notebook; empty if nothing does."""
    value = namespace[name]
    try:
        return (
            _import(name, value, namespace)
            or (definition(name, value, namespace) if callable(value) else "")
            or _constant(name, value, namespace)
            or ("" if hasattr(value, "shape") else definition(name, value, namespace))
        )
    except Exception:  # noqa: BLE001  # a notebook's values may raise whenever they are looked at
        return ""


def _import(name: str, value: Any, namespace: Mapping[str, Any]) -> str:
    """Write the import that binds a name to a value; empty if there is none."""
    own = getattr(value, "__name__", None)
    if not isinstance(own, str):
        return ""
    if isinstance(value, ModuleType):
        if own not in sys.modules:  # a lazy one, such as tensorflow.keras, is there by its name
            return ""
        if own != name:
            return f"import {own} as {name}"
        return f"import {', '.join(submodules(own, namespace) or [own])}"
    try:
        module, path = home_of(value)
        found = getattr(importlib.import_module(module), path)
    except (LookupError, AttributeError, ImportError):
        return ""
    if found is not value or module == "__main__":
        return ""
    return f"from {module} import {path}" + ("" if path == name else f" as {name}")


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _constant(name: str, value: Any, namespace: Mapping[str, Any]) -> str:
    """Write an assignment that gives a value back; empty if there is none that can be read."""
    if not _is_small(value):
        return ""
    writer = Writer({key: held for key, held in namespace.items() if held is not value}, name)
    try:
        expression = str(writer.write(value))
    except ScanError:
        return ""
    text = f"{name} = {expression}"
    return "\n".join([*writer.imports.lines(), f"{text}{_origin(name, text, namespace)}"])


def _origin(name: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Write, as a comment, the statement that gave a constant its value, if that says more."""
    newest = newest_binding(name, namespace)
    match newest.node if newest is not None else None:
        case ast.Assign(targets=[ast.Name()]) as node:
            line = ast.unparse(node)
            is_other = line != ast.unparse(ast.parse(text)) and "\n" not in line
            return f"{ORIGIN}{line}" if is_other and len(line) <= LONGEST_ORIGIN else ""
    return ""


def _is_small(value: Any) -> bool:
    size = getattr(value, "size", None)
    if isinstance(size, int):
        return size <= MOST_ITEMS
    if isinstance(value, Mapping):
        return len(value) <= MOST_ITEMS and all(map(_is_small, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return len(value) <= MOST_ITEMS and all(map(_is_small, value))
    return not isinstance(value, str | bytes) or len(value) <= MOST_ITEMS * 100


def _keras_settings() -> str:
    """Write the settings of Keras, its dtype policy among them, that are not its own."""
    config = getattr(sys.modules.get("keras"), "config", None)
    if config is None:
        return ""
    lines = [
        f"keras.config.set_{name}({getattr(config, name)()!r})"
        for name, usual in SETTINGS.items()
        if getattr(config, name)() != usual
    ]
    policy = config.dtype_policy().name
    return "\n".join([*lines, *([POLICY.format(policy)] if policy != "float32" else [])])
