"""What a cell reads from the notebook, as code: imports, functions, classes, constants.

It is written beside the cell, so that a round can be trained without the notebook.
"""

import ast
import builtins
import importlib
import linecache
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.expressions import Writer
from talos_magic.grid.imports import home_of
from talos_magic.names import SCOPES, globals_of, reads_first, stores
from talos_magic.syntax import ARGUMENTS

# Names that no notebook has to give; two of a kernel's builtins only a notebook has.
KNOWN = {*ARGUMENTS, *dir(builtins), "__file__"} - {"get_ipython", "display"}
MOST_ITEMS = 100  # of a constant that still makes readable code
POLICY = "keras.config.set_dtype_policy({!r})"


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
        for name in sorted(names & namespace.keys() - seen):
            seen.add(name)
            text = _written(name, namespace)
            add(_reads([text]) - {name})
            if text.startswith(("import ", "from ")) and "\n" not in text:
                imports.add(text)
            elif text:
                definitions[name] = text  # after what it needs

    add(_reads(code))
    if policy := _policy():
        imports.add("import keras")
        definitions["the policy"] = policy
    blocks = ["\n".join(sorted(imports, key=_import_order)), *definitions.values()]
    return "\n\n".join(block for block in blocks if block)


def unwritten(code: Sequence[str]) -> list[str]:
    """Name what pieces of code, run one after the other, read and none of them binds.

    Examples
    --------
    >>> unwritten(["size = 2", "print(size, x_test, x_train)"])
    ['x_test']
    """
    trees = [ast.parse(text) for text in code]
    bound = stores(statement for tree in trees for statement in tree.body) | globals_of(trees)
    return [] if "*" in bound else sorted(_reads(code) - bound)


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


def _reads(code: Sequence[str]) -> set[str]:
    bound, reads = set(KNOWN), set[str]()
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
        return _import(name, value) or _definition(name, value) or _constant(name, value, namespace)
    except Exception:  # noqa: BLE001  # a notebook's values may raise whenever they are looked at
        return ""


def _import(name: str, value: Any) -> str:
    """Write the import that binds a name to a value; empty if there is none."""
    own = getattr(value, "__name__", None)
    if not isinstance(own, str):
        return ""
    if isinstance(value, ModuleType):
        if own not in sys.modules:  # a lazy one, such as tensorflow.keras, is there by its name
            return ""
        if own != name:
            return f"import {own} as {name}"
        return f"import {', '.join(_submodules(own) or [own])}"
    try:
        module, path = home_of(value)
        found = getattr(importlib.import_module(module), path)
    except (LookupError, AttributeError, ImportError):
        return ""
    if found is not value or module == "__main__":
        return ""
    return f"from {module} import {path}" + ("" if path == name else f" as {name}")


def _submodules(package: str) -> list[str]:
    """Find the modules of a package that the cells import by their whole names."""
    names = {
        alias.name
        for _, _, text in _cells_statements(package)
        for node in ast.parse(text).body
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname is None and alias.name.startswith(f"{package}.")
    }
    return sorted(names)


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _definition(name: str, value: Any) -> str:
    """Find the statement of the notebook that binds a name to a function or a class."""
    functions = [value, *vars(value).values()] if isinstance(value, type) else [value]
    found = next((each for each in functions if isinstance(each, FunctionType)), None)
    if found is not None:
        source = "".join(linecache.getlines(found.__code__.co_filename))
        for first, last, text in _statements(name, source):
            if first <= found.__code__.co_firstlineno <= last:
                return text
    return _only_definition(name) if callable(value) else ""


def _statements(name: str, source: str) -> Iterator[tuple[int, int, str]]:
    """Find the statements of a cell that bind a name: their first and last lines, their texts."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):  # something that is no cell
        return
    for statement in body:
        decorators = getattr(statement, "decorator_list", [])
        first, last = min(n.lineno for n in (statement, *decorators)), statement.end_lineno or 0
        if name in stores([statement]):
            yield first, last, "\n".join(source.splitlines()[first - 1 : last])


def _only_definition(name: str) -> str:
    """Find how a name is defined in the cells that have run; empty if in none or in several ways.

    A class without methods, or what a decorator put in a function's place, does not know where.
    """
    texts = {text for _, _, text in _cells_statements(name)}
    text = texts.pop() if len(texts) == 1 else ""
    return text if text.startswith(("@", "def ", "class ")) else ""


def _cells_statements(name: str) -> Iterator[tuple[int, int, str]]:
    """Find the statements that bind a name in all cells that have run."""
    for file in tuple(linecache.cache):
        if not Path(file).exists():  # a cell, not a module
            yield from _statements(name, "".join(linecache.getlines(file)))


def _constant(name: str, value: Any, namespace: Mapping[str, Any]) -> str:
    """Write an assignment that gives a value back; empty if there is none that can be read."""
    if not _is_small(value):
        return ""
    writer = Writer({key: held for key, held in namespace.items() if held is not value}, name)
    try:
        expression = str(writer.write(value))
    except ScanError:
        return ""
    return "\n".join([*writer.imports.lines(), f"{name} = {expression}"])


def _is_small(value: Any) -> bool:
    size = getattr(value, "size", None)
    if isinstance(size, int):
        return size <= MOST_ITEMS
    if isinstance(value, Mapping):
        return len(value) <= MOST_ITEMS and all(map(_is_small, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return len(value) <= MOST_ITEMS and all(map(_is_small, value))
    return not isinstance(value, str | bytes) or len(value) <= MOST_ITEMS * 100


def _policy() -> str:
    """Write the dtype policy of the notebook if it is not Keras's own."""
    keras = sys.modules.get("keras")
    if not hasattr(keras, "config"):
        return ""
    policy = keras.config.dtype_policy().name  # type: ignore[union-attr]
    return "" if policy == "float32" else POLICY.format(policy)
