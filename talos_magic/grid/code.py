"""Writes a Talos params dict as the source of a notebook cell, and reads one from source."""

import ast
import dis
import linecache
import textwrap
from collections.abc import Mapping
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.expressions import Writer
from talos_magic.grid.layout import INDENT, prefixed, wrapped
from talos_magic.syntax import is_variable

SHOWN = "_"  # what a notebook, too, calls the value of a cell's last line


def to_code(
    params: Mapping[str, Any], *, name: str = "params", namespace: Mapping[str, Any] | None = None
) -> str:
    """Write a params dict as Python source, imports included.

    The source gives back equal values, and classes and functions themselves: each is evaluated
    before it is written. Objects that no import leads to are called as the notebook calls them.

    Parameters
    ----------
    params : mapping of str to list or (start, end, steps)
        Talos's params dict, with values of any kind.
    name : str
        The variable that the source assigns.
    namespace : mapping of str to Any, optional
        The notebook's variables.

    Returns
    -------
    str
        Lines of at most 88 columns where brackets allow it, in Black's style.

    Raises
    ------
    ScanError
        If a value has no source and the notebook has no name for it, or ``name`` is no name.

    Examples
    --------
    >>> from decimal import Decimal
    >>> print(to_code({"lr": [0.1, 0.01], "units": (8, 64, 4), "precision": [Decimal("0.5")]}))
    from decimal import Decimal
    <BLANKLINE>
    params = {
        "lr": [0.1, 0.01],
        "units": (8, 64, 4),
        "precision": [Decimal("0.5")],
    }
    """
    if not is_variable(name):
        raise ScanError(f"{name!r} cannot be a variable: choose a name such as params")
    writer = Writer(namespace or {}, name)
    items = []
    for key, value in params.items():
        try:
            items += wrapped(prefixed(f"{writer.write(key)}: ", writer.write(value)), INDENT, ",")
        except ScanError as error:
            raise ScanError(f"{name}[{key!r}]: {error}") from None
    imports = writer.imports.lines()
    body = [f"{name} = {{", *items, "}"] if items else [f"{name} = {{}}"]
    return "\n".join([*imports, *([""] if imports else []), *body])


def from_code(
    source: str, *, name: str | None = None, namespace: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Run source and take the params dict that it gives.

    Parameters
    ----------
    source : str
        A dict, or statements that assign one.
    name : str, optional
        The variable to take; by default the value of the last line, or else the last variable
        assigned, that is a mapping.
    namespace : mapping of str to Any, optional
        The notebook's variables: the source can use them and binds none of them anew.

    Returns
    -------
    dict
        The params dict.

    Raises
    ------
    ScanError
        If the source cannot be read, raises an exception or gives no dict.

    Examples
    --------
    >>> from_code("rates = [0.1, 0.01]; params = {'lr': rates}")
    {'lr': [0.1, 0.01]}
    >>> from_code("{'lr': [start / 10]}", namespace={"start": 1})
    {'lr': [0.1]}
    """
    scope = {"__name__": "__main__", **(namespace or {})}
    try:
        assigned = _run(textwrap.dedent(source), scope)
    except SyntaxError as error:
        raise ScanError(f"line {error.lineno or 1} is not Python: {_line(error.msg)}") from error
    except Exception as error:
        text = _line(f"{type(error).__name__}: {error}").removesuffix(":")
        raise ScanError(f"the code failed with {text}") from error
    if name is not None:
        assigned = [variable for variable in (SHOWN, name) if variable in assigned]
    for variable in reversed(assigned):
        if isinstance(scope.get(variable), Mapping):
            return dict(scope[variable])
    raise ScanError(f"the code gives no dict: write {name or 'params'} = {{'lr': [0.1, 0.01]}}")


def _run(source: str, scope: dict[str, Any]) -> list[str]:
    """Execute source and tell the names that it assigned, in order."""
    filename = f"<params {hash(source):x}>"
    # Lambdas are shown, and written again, by their source.
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    tree = ast.parse(source, filename)
    if tree.body and isinstance(shown := tree.body[-1], ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name(SHOWN, ast.Store())], shown.value)
    code = compile(ast.fix_missing_locations(tree), filename, "exec")
    exec(code, scope)  # noqa: S102  # the person's own code
    return [i.argval for i in dis.get_instructions(code) if i.opname == "STORE_NAME"]


def _line(text: str) -> str:
    return " ".join(text.split())
