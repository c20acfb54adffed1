"""What needs IPython: compile the cell, show errors and figures."""

import linecache
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.error import UsageError

from talos_magic.cell.model_cell import ModelCell
from talos_magic.errors import ScanError
from talos_magic.training.run_round import own_frames


@contextmanager
def usage_errors() -> Iterator[None]:
    """Raise a ScanError as IPython's UsageError, which is shown without a traceback."""
    try:
        yield
    except ScanError as error:
        raise UsageError(str(error)) from None


class CellSyntaxError(Exception):
    """A syntax error of the cell, shown without a traceback: nothing has run yet.

    It is no SyntaxError: IPython would add the traceback of the code that compiled the cell, which
    is this package.
    """

    def __init__(self, shell: Any, error: SyntaxError) -> None:
        super().__init__(str(error))
        self._lines = shell.SyntaxTB.structured_traceback(type(error), error, [])

    def _render_traceback_(self) -> list[str]:
        lines: list[str] = self._lines
        return lines


CellSyntaxError.__name__ = "SyntaxError"  # front ends print it


def compile_cell(shell: Any, line: str, body: str) -> ModelCell:
    """Compile the lines below the magic, so that errors show the notebook's own lines and names.

    Raise a CellSyntaxError or a ScanError if they are no Python, or no model function.
    """
    cell = f"{line}\n{body}"
    code = body.lstrip("\n")
    # IPython drops empty lines at the top: put them back, and one for the line of the magic.
    top = "\n" * (1 + len(body) - len(code))
    source = top + shell.transform_cell(code)
    filename = shell.compile.cache(source, shell.execution_count, raw_code=cell)
    linecache.cache[filename] = (len(cell), None, cell.splitlines(keepends=True), filename)

    def parse(code: str, name: str) -> Any:
        return shell.transform_ast(shell.compile.ast_parse(code, name))

    try:
        return ModelCell(source, filename, parse=parse, flags=shell.compile.flags)
    except SyntaxError as error:
        raise CellSyntaxError(shell, error) from None


def show_from_cell(shell: Any, error: BaseException, filename: str) -> None:
    """Make IPython show an error of the cell from the cell's line on, without our own frames."""
    trace = own_frames(error.__traceback__)
    if trace is None or trace.tb_frame.f_code.co_filename != filename:
        return  # not an error of the cell: show the whole traceback

    def render(self: BaseException) -> list[str]:
        shown: list[str] = shell.InteractiveTB.structured_traceback(
            type(self), self, trace, tb_offset=0
        )
        return shown

    error._render_traceback_ = types.MethodType(render, error)  # type: ignore[attr-defined]


def show_figure(figure: Any) -> None:
    """Show a matplotlib figure once, with any backend."""
    from IPython.display import display
    from matplotlib import pyplot as plt

    plt.close(figure)  # the inline backend would show it a second time
    display(figure)  # type: ignore[no-untyped-call]
