"""The imports, functions, classes and objects of the notebook that a cell reads, as code.

It is saved with the cell, so that a round can be trained without the notebook. A short value is
written as it is; another object, such as an encoder, by the statements of the notebook that made
it and those that changed it since. Left out are data, and objects that these would make otherwise.
"""

import ast
import builtins
import importlib
import math
import sys
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

from talos_magic.cell.names import SCOPES, globals_of, reads_first, stores
from talos_magic.cell.notebook_cells import definition, submodules
from talos_magic.cell.object_history import History, Step, without_bodies
from talos_magic.cell.short_values import is_flat, is_plain, short_value
from talos_magic.cell.syntax import ARGUMENTS, DATA
from talos_magic.values.fingerprint import fingerprint
from talos_magic.values.imports import home_of
from talos_magic.values.source import parse_or_empty

# Names that need no definition. IPython adds two builtins that a script lacks.
KNOWN = {*dir(builtins), "__file__"} - {"get_ipython", "display"}
# Names of the notebook that a script has not, or has for something else.
SHELL = {"get_ipython", "In", "Out", "_", "__", "___", "params"}
BUILTINS = {"open", "exit", "quit"}  # which IPython replaces in the notebook
WHOLE = "_of_notebook"  # after the name of data that were split
BACKEND = "os.environ['KERAS_BACKEND'] = "  # has to precede the import of Keras
# Settings of Keras that affect training, and their defaults.
SETTINGS = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


class Made(NamedTuple):
    """What makes an object: its definition, statements of the notebook, or the one and the other.

    It is empty if neither is known to make it what it is.
    """

    text: str = ""
    steps: Sequence[Step] = ()


def notebook_source(
    code: Sequence[str], namespace: Mapping[str, Any], given: Collection[str] = ()
) -> str:
    """Return source that defines the names that pieces of code read from the notebook.

    The pieces are in the order in which they run; one that does not parse is skipped. `given` names
    those of x_train, y_train, x_val, y_val that are the same in the notebook and the cell; another,
    of which the cell gets a part, is called ``x_train_of_notebook``. Arrays, long lists and what
    has no source are left out: see `unwritten`.
    """
    source = _Source(_reads(code), namespace, given)
    if settings := _keras_settings():
        source.imports |= {"import keras", "import os"} if BACKEND in settings else {"import keras"}
        source.blocks["Keras's own"] = settings
    lines = sorted(source.imports, key=lambda line: (line.startswith("from"), line))
    return "\n\n".join(filter(None, ["\n".join(lines), *source.blocks.values()]))


class _Source:
    """The imports, and the blocks of code that make objects what they are in the notebook."""

    def __init__(
        self, wanted: set[str], namespace: Mapping[str, Any], given: Collection[str]
    ) -> None:
        self.imports: set[str] = set()
        self.blocks: dict[str | int, str] = {}  # by the object's name, or by the place of a step
        self._namespace = namespace
        self._names = namespace.keys() - BUILTINS
        self._wanted = wanted
        self._given = given
        self._history = History(namespace)
        self._made: dict[str, Made] = {}
        self._begun: set[str | int] = set()
        self._add(wanted)

    def _add(self, names: set[str], before: float = math.inf) -> None:
        """Write what makes objects what they are, or what they were before a step."""
        for name in sorted(names & self._names):
            made = self._made_of(name)
            if _is_import(made.text):
                self.imports.add(made.text)
            elif made.text:
                self._write(name, made.text, name)
            for step in made.steps:
                if step.place < before:
                    self._write(step.place, self._code(step), name, before=step.place)

    def _write(self, key: str | int, code: str, name: str, before: float = math.inf) -> None:
        """Write a block after what it needs, and before the steps that its functions' bodies need.

        These steps may call the functions.
        """
        if key in self._begun:
            return
        self._begun.add(key)
        first = _reads([without_bodies(code)]) - {name}
        inside = (_reads([code]) - first - {name}) & self._names
        self._add(first, before)
        self._add({read for read in inside if not self._made_of(read).steps})
        self.blocks[key] = code
        self._add(inside)

    def _code(self, step: Step) -> str:
        """Write a step, but only the value of an assignment that is not what binds its name.

        With its name, ``y = encoder.fit_transform(texts)`` would hide the data y of the script.
        """
        text = step.statement.text
        match step.statement.node:
            case ast.Assign([ast.Name(id=name)], value):
                if name not in self._names or step not in self._made_of(name).steps:
                    text = ast.unparse(value)
        whole = step.statement.reads & {*DATA} - {*self._given}
        return ast.unparse(_Whole(whole).visit(ast.parse(text))) if whole else text

    def _made_of(self, name: str) -> Made:
        if name not in self._made:
            steps = self._history.of(name)
            self._made[name] = Made("", steps)  # as seen by objects that its steps need
            try:
                self._made[name] = self._make(name, self._namespace[name], steps)
            except Exception:  # noqa: BLE001  # a value may raise whenever it is used
                self._made[name] = Made()
        return self._made[name]

    def _make(self, name: str, value: Any, steps: Sequence[Step]) -> Made:
        if text := _import(name, value, self._namespace):
            return Made(text)
        if any(step.defines for step in steps[1:]):  # its decorator will change the object again
            return Made()
        if callable(value) and (text := definition(name, value, self._namespace)):
            return Made(text, steps[1:]) if self._can_repeat(steps[1:], name) else Made()
        maker = steps[0].statement.node if len(steps) == 1 else None
        is_shown = len(steps) < 2 or is_plain(value)
        short = partial(short_value, name, value, self._namespace, maker)
        if is_shown and not callable(value) and (text := short()):
            return Made(text)
        if isinstance(maker, ast.Import | ast.ImportFrom):
            return Made(ast.unparse(maker))
        is_data = hasattr(value, "shape") or is_flat(value)
        if steps and not is_data and self._can_repeat(steps, name):
            return Made("", steps)
        return Made(short() if is_shown and callable(value) else "")

    def _can_repeat(self, steps: Sequence[Step], name: str) -> bool:
        """Whether steps do in a script what they have done to an object of the notebook."""
        for step in steps:
            reads = reads_first(parse_or_empty(without_bodies(step.statement.text)).body)
            if not all(self._is_as_before(read, step) for read in reads - {name}):
                return False
            if step.is_for_notebooks or self._rebinds(step, name):
                return False
        return True

    def _is_as_before(self, name: str, step: Step) -> bool:
        """Whether a step finds in a script what it has found under a name in the notebook."""
        if name in SHELL or name not in self._names:
            return name in {*KNOWN, "display"} - SHELL
        made = self._made_of(name)
        if made.steps and not made.text:
            return made.steps[0].place < step.place
        has_methods_in_place = isinstance(self._namespace[name], list | dict | set)
        return _is_import(made.text) or self._history.is_unchanged(
            name, step.place, in_place=has_methods_in_place
        )

    def _rebinds(self, step: Step, name: str) -> bool:
        """Whether a step binds what the cell reads, too, to what it was then."""
        if isinstance(step.statement.node, ast.Assign) and self._code(step) != step.statement.text:
            return False
        others = step.statement.binds - {name}
        return not others.isdisjoint(ARGUMENTS) or not all(
            self._history.is_unchanged(other, step.place + 1) for other in others & self._wanted
        )


class _Whole(ast.NodeTransformer):
    """Gives the notebook's data other names than the parts of them that the cell gets."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:  # ast's own naming
        return ast.Name(node.id + WHOLE, node.ctx) if node.id in self._names else node


def held_arrays(code: Sequence[str], namespace: Mapping[str, Any]) -> dict[str, str]:
    """Return the fingerprints of the notebook's arrays that pieces of code read."""
    names = sorted(_reads(code) & namespace.keys())
    has_shape = [name for name in names if isinstance(getattr(namespace[name], "shape", 0), tuple)]
    return {name: fingerprint(namespace[name]) for name in has_shape}


def objects_used(cell: str, definitions: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook's variables that a cell reads, and those that define what it uses."""
    names = _reads([cell]) | stores(parse_or_empty(definitions).body)
    return {name: namespace[name] for name in sorted(names & namespace.keys())}


def unwritten(code: Sequence[str]) -> list[str]:
    """Return the names that pieces of code read and none of them binds."""
    trees = [ast.parse(text) for text in code]
    bound = stores(statement for tree in trees for statement in tree.body) | globals_of(trees)
    return [] if "*" in bound else sorted(_reads(code) - bound - KNOWN)


def rebound(definitions: str, cell: str) -> list[str]:
    """Return the names that functions and classes of the notebook read and a cell rebinds.

    In a script, which runs the cell in their namespace, they see the cell's values.
    """
    scopes = [node for node in ast.parse(definitions).body if isinstance(node, SCOPES)]
    reads = set[str]().union(*(reads_first([scope]) for scope in scopes))
    return sorted(reads & (stores(ast.parse(cell).body) | set(ARGUMENTS)))


def _reads(code: Sequence[str]) -> set[str]:
    bound, reads = set(ARGUMENTS), set[str]()
    for text in code:
        body = parse_or_empty(text).body
        reads |= reads_first(body) - bound
        bound |= stores(body)
    return reads


def _import(name: str, value: Any, namespace: Mapping[str, Any]) -> str:
    """Write the import that binds a name to a value; empty if there is none."""
    own = getattr(value, "__name__", None)
    if not isinstance(own, str):
        return ""
    if isinstance(value, ModuleType):
        if own not in sys.modules:  # a lazy one, such as tensorflow.keras
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


def _is_import(text: str) -> bool:
    return text.startswith(("import ", "from ")) and "\n" not in text


def _keras_settings() -> str:
    """Write the settings of Keras, with backend and dtype policy, that differ from the defaults."""
    config = getattr(sys.modules.get("keras"), "config", None)
    if config is None:
        return ""
    lines = [] if config.backend() == "tensorflow" else [f"{BACKEND}{config.backend()!r}"]
    lines += [
        f"keras.config.set_{name}({getattr(config, name)()!r})"
        for name, usual in SETTINGS.items()
        if getattr(config, name)() != usual
    ]
    policy = config.dtype_policy().name
    if policy != "float32":
        lines.append(f"keras.config.set_dtype_policy({policy!r})")
    return "\n".join(lines)
