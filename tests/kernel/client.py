"""A real kernel, and a client at its sockets that sends and reads what a page does."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from talos_magic.live.view import CONFIRMED


class Kernel:
    """A kernel and a client that reads its messages as a page does.

    Its ipykernel is the environment's own, or the one that lies in a folder.
    """

    def __init__(self, folder: Path, ipykernel: Path | None = None) -> None:
        path = [str(ipykernel)] if ipykernel else []
        path += filter(None, [os.environ.get("PYTHONPATH")])
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
        self.manager, self.client = start_new_kernel(cwd=str(folder), env=environment)
        self.client: BlockingKernelClient
        self.folder = folder
        self.widgets: dict[str, dict[str, Any]] = {}
        self.loads = True  # or it cannot show custom widgets
        self.draws = True  # or it says nothing of what it was told

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code: str) -> str:
        """Run a cell to its end and return what it printed."""
        printed: list[str] = []

        def keep(message: Any) -> None:
            self._load(message)
            content = message["content"]
            printed.append(content.get("text") or "\n".join(content.get("traceback", [])))

        self.client.execute_interactive(code, timeout=240, output_hook=keep)
        return "".join(printed)

    def messages(self, seconds: float = 30) -> Iterator[Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=end - time.monotonic())
            except Empty:
                return
            if message["msg_type"] == "comm_open":
                content = message["content"]
                self.widgets[content["comm_id"]] = dict(content["data"].get("state", {}))
                self._load(message)
            elif message["msg_type"] == "comm_msg":
                data = message["content"]["data"]
                self.widgets[message["content"]["comm_id"]].update(data.get("state", {}))
                self._acknowledge(message)
            yield message

    def wait_for_change(self, kind: str, round_: int | None = None, **values: Any) -> str:
        """Wait until the live view is sent a change; return the view's comm."""
        for message in self.messages():
            for change in changes_in(message):
                data = change.get(kind)
                if data is not None and is_of(data, round_) and has(data, values):
                    comm: str = message["content"]["comm_id"]
                    return comm
        raise TimeoutError(kind)

    def wait_until_idle(self, request: str) -> list[Any]:
        """Wait for a request's end and its reply; return the messages of the time.

        A request that crosses a reply may never be heard by ipykernel 7.0 to 7.3.
        """
        seen = []
        for message in self.messages(120):  # a scan of a dozen rounds on a slow machine
            seen.append(message)
            own = message["parent_header"].get("msg_id") == request
            if own and message["content"].get("execution_state") == "idle":
                while self.client.get_shell_msg(timeout=30)["parent_header"]["msg_id"] != request:
                    pass
                return seen
        raise TimeoutError(request)

    def ask(self, comm: str, what: str, **details: Any) -> None:
        """Send the message that a click in the page sends."""
        self._send(comm, {"method": "custom", "content": {"type": what, **details}})

    def ask_for_state(self, comm: str) -> str:
        """Ask for a widget's state, as a page does that opens; return the id of the message."""
        return self._send(comm, {"method": "request_state"})

    def press(self, comm: str) -> None:
        """Send the message that a click on a button sends."""
        self._send(comm, {"method": "custom", "content": {"event": "click"}})

    def set(self, comm: str, **state: Any) -> None:
        """Send the message that a page sends when a control is moved or typed into."""
        self._send(comm, {"method": "update", "state": state, "buffer_paths": []})

    def wait_for_widget(self, **state: Any) -> str:
        """Wait until there is a widget with this state; return its comm."""
        found = self.find_widget(**state)
        for _ in self.messages() if found is None else ():
            found = self.find_widget(**state)
            if found is not None:
                break
        if found is None:
            raise TimeoutError(state)
        return found

    def wait_for_html(self, text: str) -> None:
        """Wait until an output is replaced by HTML with a text in it."""
        for message in self.messages():
            data = message["content"].get("data", {})
            if message["msg_type"] == "update_display_data" and text in data.get("text/html", ""):
                return
        raise TimeoutError(text)

    def wait_for_display(self) -> None:
        """Wait until something is shown; before, nobody could click it."""
        next(message for message in self.messages() if message["msg_type"] == "display_data")

    def find_widget(self, **state: Any) -> str | None:
        for comm, known in self.widgets.items():
            if all(known.get(name) == value for name, value in state.items()):
                return comm
        return None

    def _load(self, message: Any) -> None:
        """Say that a custom widget was loaded, as a page does."""
        content = message["content"]
        if self.loads and "_esm" in content.get("data", {}).get("state", {}):
            self.ask(content["comm_id"], "here")

    def _acknowledge(self, message: Any) -> None:
        """Say from time to time that messages were drawn, as a page does."""
        content = message["content"]["data"].get("content") or {}
        if self.draws and content.get("number", 1) % CONFIRMED == 0:
            self.ask(message["content"]["comm_id"], "seen", number=content["number"])

    def _send(self, comm: str, data: dict[str, Any]) -> str:
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self.client.shell_channel.send(message)
        id_: str = message["header"]["msg_id"]
        return id_


def changes_in(message: Any) -> list[dict[str, Any]]:
    """The changes of a session that a message tells a page of."""
    content = message["content"].get("data", {}).get("content") or {}
    changes: list[dict[str, Any]] = content.get("changes", [])
    return changes


def is_of(data: Any, round_: int | None) -> bool:
    """Whether a change is of a round: epochs begin with its number, other changes name it."""
    return round_ is None or (data[0] if isinstance(data, list) else data.get("number")) == round_


def has(data: Any, values: dict[str, Any]) -> bool:
    return all(data.get(name) == value for name, value in values.items())
