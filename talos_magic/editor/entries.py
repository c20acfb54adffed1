"""Takes the lines that are entered into boxes, and loses none while the kernel is busy."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget

from talos_magic.editor.widgets import entries


class Entries(anywidget.AnyWidget):
    """Empties the boxes of the editor around it on the page, and hands their lines on here.

    ipywidgets' own boxes are emptied by the kernel, with what was typed into them meanwhile.
    """

    _esm = Path(__file__).with_name("entries.js").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._on_message)

    def clear(self) -> None:
        """Empty the boxes, also of what was refused."""
        self.send({"clear": True})

    def _on_message(self, _widget: Any, content: Mapping[str, Any], _buffers: Any) -> None:
        box = entries.get(content["box"])
        # A box without a comm is closed: its row was removed meanwhile.
        refused = box is not None and box.comm is not None and not box.enter(*content["lines"])
        self.send({"number": content["number"], "refused": refused})
