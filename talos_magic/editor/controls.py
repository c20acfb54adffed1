"""The core widgets that an editor is made of, alike in ipywidgets 7.7 and 8."""

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

# Most controls leave their layout to the style sheet, and share one: each is a message to the page.
_shared: dict[type, Any] = {}

# ipywidgets 7 takes a description for HTML.
DESCRIPTIONS_ARE_HTML = widgets.__version__.startswith("7.")


def shared(kind: type) -> Any:
    """Give a layout or a style that any number of widgets can have."""
    if getattr(_shared.get(kind), "comm", None) is None:  # none yet, or closed with all widgets
        _shared[kind] = kind()
    return _shared[kind]


def caption(text: str) -> str:
    """Make a text safe to be a widget's description."""
    return html.escape(text) if DESCRIPTIONS_ARE_HTML else text


def text_box(label: str, value: str = "", *, placeholder: str = "", live: bool = False) -> Any:
    """One line of text, reported when it is complete; its label is for screen readers."""
    box = widgets.Text(
        value=value,
        description=caption(label),
        placeholder=placeholder,
        continuous_update=live,
        layout=shared(widgets.Layout),
    )
    box.add_class("talos-unlabelled")
    return box


def checkbox(label: str) -> Any:
    """A checkbox with its label beside it."""
    return widgets.Checkbox(description=caption(label), indent=False, layout=shared(widgets.Layout))


def dropdown(label: str) -> Any:
    """A choice of one; its label is for screen readers."""
    made = widgets.Dropdown(description=caption(label), layout=shared(widgets.Layout))
    made.add_class("talos-unlabelled")
    return made


def button(label: str, press: Callable[[], object], *, icon: str = "", tooltip: str = "") -> Any:
    """Make a button; without a label, the icon shows and the tooltip names it."""
    made = widgets.Button(
        description=label,
        icon=icon,
        tooltip=tooltip or label,
        layout=shared(widgets.Layout),
        style=shared(widgets.ButtonStyle),
    )
    made.on_click(lambda _: press())
    return made


def markup(css_class: str, value: str = "") -> Any:
    """A piece of HTML, made by this package from escaped texts."""
    made = widgets.HTML(value, layout=shared(widgets.Layout))
    made.add_class(css_class)
    return made


def alert(text: str) -> str:
    """HTML of a text that is to be read at once; nothing of an empty one."""
    return f"<span role='alert'>{html.escape(text)}</span>" if text else ""


def box(css_class: str, children: Sequence[Any] = ()) -> Any:
    """A container that the style sheet lays out."""
    made = widgets.Box(list(children), layout=shared(widgets.Layout))
    made.add_class(css_class)
    return made


def close_all(widget: Any) -> None:
    """Take a widget and all within it out of the page and out of the kernel."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    widget.close()
    for own in (getattr(widget, "layout", None), getattr(widget, "style", None)):
        if isinstance(own, widgets.Widget) and own not in _shared.values():
            own.close()


def show_if(widget: Any, visible: bool) -> None:  # reads as its name says
    """Show a widget or take it out of the page."""
    (widget.remove_class if visible else widget.add_class)("talos-hidden")
