"""Write a params dict, or one combination of it, as Python source; read one from source."""

import ast
import dis
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.values.expressions import Writer, is_variable
from talos_magic.values.labels import Label, label_key
from talos_magic.values.source import keep_source, parse_or_empty
from talos_magic.values.wrapping import INDENT, WIDTH, prefixed, wrapped

LAST_VALUE = "_"  # the value of the last line, named as in a notebook

Lists = Mapping[str, Sequence[Label]]  # the labels of a grid's values, in their order


def to_code(
    params: Mapping[str, Any], *, name: str = "params", namespace: Mapping[str, Any] | None = None
) -> str:
    """Write a params dict as Python source in Black's style, imports included.

    Running the source gives equal values, and the same classes and functions: each expression is
    evaluated before it is written. Objects that cannot be imported get their names in `namespace`,
    the notebook's variables; a value that has neither source nor such a name is a ScanError.
    """
    if not is_variable(name):
        raise ScanError(f"{name!r} is not a valid variable name: choose one such as params")
    writer = Writer(namespace or {}, name)
    items = []
    for hyperparameter, value in params.items():
        try:
            items += wrapped(
                prefixed(f"{writer.write(hyperparameter)}: ", writer.write(value)), INDENT, ","
            )
        except ScanError as error:
            raise ScanError(f"{name}[{hyperparameter!r}]: {error}") from None
    imports = writer.imports.lines()
    body = [f"{name} = {{", *items, "}"] if items else [f"{name} = {{}}"]
    return "\n".join([*imports, *([""] if imports else []), *body])


def from_code(source: str, *, namespace: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run source and return the params dict that it defines.

    That is the value of the last line if it is a mapping, otherwise the mapping that was assigned
    last. The source can use the notebook's variables, `namespace`, but not rebind them.
    """
    scope = {"__name__": "__main__", **(namespace or {})}
    try:
        assigned = _run(textwrap.dedent(source), scope)
    except SyntaxError as error:
        raise ScanError(
            f"line {error.lineno or 1} is not Python: {_one_line(error.msg)}"
        ) from error
    except Exception as error:
        text = _one_line(f"{type(error).__name__}: {error}").removesuffix(":")
        raise ScanError(f"the code failed with {text}") from error
    for variable in reversed(assigned):
        if isinstance(scope.get(variable), Mapping):
            return dict(scope[variable])
    raise ScanError("the code defines no dict: write params = {'lr': [0.1, 0.01]}")


def combination_code(source: str, labels: Mapping[str, Label], lists: Lists) -> str:
    """Write one combination as a params dict of values, with the imports that it needs.

    The source is the grid as `to_code` wrote it; of a value that it lacks, the label is written.
    """
    tree = parse_or_empty(source)
    written = _expressions(tree, lists)
    write = Writer({}, "params").write
    items: list[str] = []
    used: set[str] = set()
    for name, label in labels.items():
        value = written.get((name, *label_key(label)))
        text = str(write(label))
        if value is not None:
            text = ast.get_source_segment(source, value) or text
            used |= {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        items.append(f"{write(name)}: {text}")
    line = f"params = {{{', '.join(items)}}}"
    if len(line) > WIDTH:
        line = "\n".join(["params = {", *(f"{INDENT}{item}," for item in items), "}"])
    imports = list(_imports(tree, used))
    return "\n".join([*imports, *([""] if imports else []), line])


def unwritten_params(source: str, labels: Mapping[str, Label], lists: Lists) -> list[str]:
    """Return the hyperparameters that `combination_code` can write only as a label."""
    written = _expressions(parse_or_empty(source), lists)
    return [
        name
        for name, label in labels.items()
        if isinstance(label, str) and (name, *label_key(label)) not in written
    ]


def _run(source: str, scope: dict[str, Any]) -> list[str]:
    """Execute source and return the names that it assigned, in order."""
    filename = keep_source(source)
    tree = ast.parse(source, filename)
    if tree.body and isinstance(shown := tree.body[-1], ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name(LAST_VALUE, ast.Store())], shown.value)
    code = compile(ast.fix_missing_locations(tree), filename, "exec")
    exec(code, scope)  # noqa: S102  # the user's own code
    return [i.argval for i in dis.get_instructions(code) if i.opname == "STORE_NAME"]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _expressions(tree: ast.Module, lists: Lists) -> dict[tuple[Any, ...], ast.expr]:
    """Return the expression of each value, by the name of its hyperparameter and `label_key`."""
    values = (node.value for node in tree.body if isinstance(node, ast.Assign))
    params = next((value for value in values if isinstance(value, ast.Dict)), ast.Dict([], []))
    found: dict[tuple[Any, ...], ast.expr] = {}
    for name, entry in zip(params.keys, params.values, strict=True):
        if isinstance(name, ast.Constant) and isinstance(entry, ast.List):
            distinct = {ast.unparse(value): value for value in entry.elts}
            labels = lists.get(str(name.value), [])
            if len(labels) == len(distinct):
                keys = ((name.value, *label_key(label)) for label in labels)
                found.update(zip(keys, distinct.values(), strict=True))
    return found


def _imports(tree: ast.Module, used: set[str]) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in used]
            if names and isinstance(node, ast.Import):
                yield ast.unparse(ast.Import(names))
            elif names and isinstance(node, ast.ImportFrom):
                yield ast.unparse(ast.ImportFrom(node.module, names, node.level))
