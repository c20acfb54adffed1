"""An output of a cell that can be replaced by another."""

from collections.abc import Mapping
from typing import Any

from IPython.display import display

EMPTY = {"text/html": "", "text/plain": ""}
WIDGET = "application/vnd.jupyter.widget-view+json"


def widget_view(widget: Any) -> dict[str, Any]:
    """What a page needs to show a widget; ipywidgets 7 and 8 understand it."""
    return {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}


def show_output(
    bundle: Mapping[str, Any],
    *,
    metadata: Mapping[str, Any] | None = None,
    display_id: str | bool = True,
) -> Any:
    """Show a raw bundle, and give its place on the page.

    Raw, because ipywidgets 7 ignores display_id on a widget, and what has none cannot be replaced.
    """
    return display(  # type: ignore[no-untyped-call]
        bundle, metadata=metadata, raw=True, display_id=display_id
    )
