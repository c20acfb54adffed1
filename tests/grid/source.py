"""Values written as Python and read back, for the tests of what is written."""

from typing import Any

from talos_magic.values.expressions import Writer


def written(value: Any, namespace: dict[str, Any] | None = None) -> str:
    return str(Writer(namespace or {}, "params").write(value))


def again(value: Any, namespace: dict[str, Any] | None = None) -> Any:
    """The value that the expression of a value gives."""
    writer = Writer(namespace or {}, "params")
    expression = str(writer.write(value))
    return eval(expression, {**(namespace or {}), **writer.imports.scope})


def notebook(source: str) -> dict[str, Any]:
    """The variables of a notebook after a cell."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(source, namespace)
    return namespace
