"""Labels for the handles of sliders, which ipywidgets leaves without a name."""

from pathlib import Path

import anywidget


class HandleNames(anywidget.AnyWidget):
    """Labels the slider handles of the editor around it; shows nothing itself."""

    _esm = Path(__file__).with_name("handles.js").read_text(encoding="utf-8")
