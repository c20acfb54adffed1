"""The widgets that an editor is made of, the same in ipywidgets 7.7 and 8."""

import html
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import ipywidgets as widgets

# Each layout costs a message to the page; controls laid out by the style sheet share one.
_shared: dict[type, Any] = {}

# ipywidgets 7 renders a description as HTML.
DESCRIPTIONS_ARE_HTML = widgets.__version__.startswith("7.")


def shared(kind: type) -> Any:
    """Return a layout or a style that any number of widgets can share."""
    if getattr(_shared.get(kind), "comm", None) is None:  # missing, or closed with all widgets
        _shared[kind] = kind()
    return _shared[kind]


def caption(text: str) -> str:
    """Escape a text for use as a widget's description."""
    return html.escape(text) if DESCRIPTIONS_ARE_HTML else text


def text_box(
    label: str, value: str = "", *, placeholder: str = "", live: bool = False, css_class: str = ""
) -> Any:
    """Make a text input that reports complete lines; its label is for screen readers."""
    return widgets.Text(
        value=value,
        description=caption(label),
        placeholder=placeholder,
        continuous_update=live,
        layout=shared(widgets.Layout),
        _dom_classes=["talos-unlabelled", *css_class.split()],  # add_class() costs a message
    )


# Boxes that take one line after the other, by the CSS class under which the page knows them.
entries: WeakValueDictionary[str, Any] = WeakValueDictionary()
_numbers = count()


def entry_box(label: str, enter: Callable[..., bool], *, placeholder: str = "") -> Any:
    """Make a text input for one line after the other; `enter` returns whether it accepts one."""
    name = f"talos-entry-{next(_numbers)}"
    entries[name] = box = text_box(label, placeholder=placeholder, css_class=name)
    box.enter = enter
    return box


def checkbox(label: str) -> Any:
    """Make a checkbox with its label beside it."""
    return widgets.Checkbox(description=caption(label), indent=False, layout=shared(widgets.Layout))


def dropdown(label: str) -> Any:
    """Make a choice of one option; its label is for screen readers."""
    made = widgets.Dropdown(description=caption(label), layout=shared(widgets.Layout))
    made.add_class("talos-unlabelled")
    return made


def button(label: str, press: Callable[[], object], *, icon: str = "", tooltip: str = "") -> Any:
    """Make a button; without a label it shows its icon, and the tooltip names it."""
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
    """Make a piece of HTML; the caller escapes its texts."""
    made = widgets.HTML(value, layout=shared(widgets.Layout))
    made.add_class(css_class)
    return made


def alert(text: str) -> str:
    """Return HTML that screen readers announce at once; nothing for an empty text."""
    return f"<span role='alert'>{html.escape(text)}</span>" if text else ""


def box(css_class: str, children: Sequence[Any] = ()) -> Any:
    """Make a container that the style sheet lays out."""
    made = widgets.Box(list(children), layout=shared(widgets.Layout))
    made.add_class(css_class)
    return made


def close_all(widget: Any) -> None:
    """Remove a widget and all within it from the page and the kernel."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    widget.close()
    for part in (getattr(widget, "layout", None), getattr(widget, "style", None)):
        if isinstance(part, widgets.Widget) and part not in _shared.values():
            part.close()


def show_if(widget: Any, visible: bool) -> None:
    """Show or hide a widget."""
    (widget.remove_class if visible else widget.add_class)("talos-hidden")
