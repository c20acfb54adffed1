"""What the front end can show, and how a person acts on it: outputs, clicks, the interrupt."""

import sys
from collections.abc import Mapping
from typing import Any

from IPython.display import display

EMPTY = {"text/html": "", "text/plain": ""}
WIDGET = "application/vnd.jupyter.widget-view+json"


def widget_view(widget: Any) -> dict[str, Any]:
    """Return what a page needs to show a widget of ipywidgets 7 or 8."""
    return {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}


def show_output(bundle: Mapping[str, Any], *, metadata: Mapping[str, Any] | None = None) -> Any:
    """Show a bundle, and return its handle, which can replace it.

    The bundle is raw because ipywidgets 7 ignores the display_id of a widget.
    """
    return display(  # type: ignore[no-untyped-call]
        bundle, metadata=metadata, raw=True, display_id=True
    )


def can_click(kernel: Any) -> bool:
    """Return whether a person can click: whoever allows no input does not click either.

    nbclient, nbconvert and papermill allow none in any cell; a terminal has no kernel.
    """
    return kernel is not None and bool(getattr(kernel, "_allow_stdin", False))


def interrupt_name() -> str:
    """Return how a person interrupts the kernel, which acts like Stop."""
    if "google.colab" in sys.modules:
        return "Runtime > Interrupt execution"
    return "the kernel's interrupt"
