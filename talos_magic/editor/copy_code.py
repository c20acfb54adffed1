"""The grid as Python code, to be copied into a cell."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from talos_magic.editor.context import Context
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid


class CopyCode(anywidget.AnyWidget):
    """A button that copies the code, which ipywidgets' own widgets cannot do."""

    _esm = Path(__file__).with_name("copy_code.js").read_text(encoding="utf-8")
    wanted = traitlets.Bool().tag(sync=True)  # clicked; until then no code is written
    code = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)  # why there is no code
    seen = traitlets.Bool()  # a page shows the button and the kernel receives its messages

    def __init__(self, grid: Grid, name: str, context: Context) -> None:
        self._grid = grid
        self._name = name
        self._context = context
        super().__init__()
        self.on_msg(self._on_message)
        grid.observe(lambda _: self._write(), "dimensions")
        self.observe(lambda _: self._write(), "wanted")

    def _write(self) -> None:
        if not self.wanted:
            return
        try:
            code, problem = self._grid.to_code(self._name, self._context.namespace), ""
        except ScanError as error:
            code, problem = "", str(error)
        self.code, self.problem = code, problem

    def _on_message(self, _widget: Any, content: Mapping[str, Any], _buffers: Any) -> None:
        self.seen = self.seen or bool(content.get("here"))
