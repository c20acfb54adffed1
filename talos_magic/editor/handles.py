"""Names for the handles of sliders, which the core widgets leave without."""

from pathlib import Path

import anywidget


class HandleNames(anywidget.AnyWidget):
    """Names every slider's handles in the editor around it; shows nothing itself."""

    _esm = Path(__file__).with_name("handles.js").read_text(encoding="utf-8")
