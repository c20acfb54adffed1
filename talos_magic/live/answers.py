"""Answers to what the pictures of ended scans ask, for as long as the kernel lives."""

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
from traitlets import Unicode

from talos_magic.errors import ScanError
from talos_magic.live.assets import page_source

# What a picture may ask, by its name: a function of the scan's folder, which returns what the
# picture shows: a text, and perhaps an image as an address.
Actions = Mapping[str, Callable[[str], dict[str, str]]]


class Answers(anywidget.AnyWidget):
    """The way from the pictures on a page to the kernel: one widget for all scans, never shown.

    A picture is saved with the name of its kernel, and has no buttons where that is not alive.
    """

    _esm = page_source("kernel.js")
    kernel = Unicode().tag(sync=True)

    def __init__(self, kernel: str, actions: Actions) -> None:
        self._actions = actions
        super().__init__(kernel=kernel)
        self.on_msg(self._answer)

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        match content:
            case {"type": str(action), "folder": str(folder), "id": str(id_)}:
                try:
                    answer = self._actions[action](folder)
                except ScanError as error:
                    answer = {"text": str(error)}
                except Exception as error:  # noqa: BLE001  # a click without effect says less
                    answer = {"text": f"{type(error).__name__}: {error}"}
                self.send({"id": id_, **answer})
