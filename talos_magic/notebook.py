"""The cell as IPython sees it: compiled under its own name, its errors shown as its own."""

import linecache
import types
from typing import Any

from talos_magic.cell import ModelCell
from talos_magic.scan.round import own_frames


class CellSyntaxError(Exception):
    """A syntax error of the cell, shown without a stack: nothing has run yet.

    Not a SyntaxError, because to those that happen in a running cell IPython adds the stack of
    whatever compiled the text, which here is this package.
    """

    def __init__(self, shell: Any, error: SyntaxError) -> None:
        super().__init__(str(error))
        self._lines = shell.SyntaxTB.structured_traceback(type(error), error, [])

    def _render_traceback_(self) -> list[str]:
        lines: list[str] = self._lines
        return lines


CellSyntaxError.__name__ = "SyntaxError"  # what front ends print as the error's name


def compile_cell(shell: Any, line: str, text: str) -> ModelCell:
    """Compile the body of a cell so that line numbers and names are those of the notebook.

    Parameters
    ----------
    shell : InteractiveShell
        The notebook's.
    line : str
        First line of the cell, with the magic.
    text : str
        The rest of the cell.

    Returns
    -------
    ModelCell

    Raises
    ------
    CellSyntaxError, ScanError
        If the text is no Python, or no model function.
    """
    written = f"{line}\n{text}"
    body = text.lstrip("\n")
    # IPython drops empty lines at the top; put them back, and one for the magic's own line.
    top = "\n" * (1 + len(text) - len(body))
    source = top + shell.transform_cell(body)
    filename = shell.compile.cache(source, shell.execution_count, raw_code=written)
    lines = written.splitlines(keepends=True)
    linecache.cache[filename] = (len(written), None, lines, filename)

    def parse(code: str, name: str) -> Any:
        return shell.transform_ast(shell.compile.ast_parse(code, name))

    try:
        return ModelCell(source, filename, parse=parse, flags=shell.compile.flags)
    except SyntaxError as error:
        raise CellSyntaxError(shell, error) from None


def show_from_cell(shell: Any, error: BaseException, filename: str) -> None:
    """Make IPython show a cell's error from the cell's line on, without what called the cell."""
    trace = own_frames(error.__traceback__)
    if trace is None or trace.tb_frame.f_code.co_filename != filename:
        return  # not the cell's fault: the whole stack is what helps

    def render(self: BaseException) -> list[str]:
        shown: list[str] = shell.InteractiveTB.structured_traceback(
            type(self), self, trace, tb_offset=0
        )
        return shown

    error._render_traceback_ = types.MethodType(render, error)  # type: ignore[attr-defined]


def show_figure(figure: Any) -> None:
    """Show a matplotlib figure below the cell, once, whatever backend the notebook has."""
    from IPython.display import display
    from matplotlib import pyplot as plt

    plt.close(figure)  # or the notebook would show it a second time
    display(figure)  # type: ignore[no-untyped-call]
