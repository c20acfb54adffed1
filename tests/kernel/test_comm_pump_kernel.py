"""Comm messages that are wrong, to kernels of several versions: each costs only itself."""

from collections.abc import Callable
from typing import Any

import pytest
from jupyter_client.session import DELIM

from .client import Kernel
from .slow_scan import SETUP, SLOW

__all__ = ["SETUP"]  # the fixture runs it


def frames_of(kernel: Kernel, content: Any, header: Any = None) -> list[bytes]:
    """Serialize a comm message as the client does, by hand."""
    session = kernel.client.session
    parts = [session.msg_header("comm_msg") if header is None else header, {}, {}, content]
    packed = [session.pack(part) for part in parts]
    return [DELIM, session.sign(packed), *packed]


def send(kernel: Kernel, *frames: bytes) -> None:
    kernel.client.shell_channel.socket.send_multipart(frames)


def custom(comm: str, content: Any) -> dict[str, Any]:
    return {"comm_id": comm, "data": {"method": "custom", "content": content}}


def send_forged(kernel: Kernel, comm: str) -> None:
    delimiter, _, *parts = frames_of(kernel, custom(comm, {"type": "skip", "round": 1}))
    send(kernel, delimiter, b"0" * 64, *parts)


def send_twice(kernel: Kernel, comm: str) -> None:
    frames = frames_of(kernel, custom(comm, {"type": "no-last"}))
    send(kernel, *frames)
    send(kernel, *frames)


def send_cut(kernel: Kernel, comm: str) -> None:
    send(kernel, *frames_of(kernel, custom(comm, {"type": "skip", "round": 1}))[:3])


def content(made: Callable[[str], Any]) -> Callable[[Kernel, str], None]:
    return lambda kernel, comm: send(kernel, *frames_of(kernel, made(comm)))


def header(odd: Any) -> Callable[[Kernel, str], None]:
    return lambda kernel, comm: send(kernel, *frames_of(kernel, custom(comm, {}), odd))


WRONG: dict[str, Callable[[Kernel, str], None]] = {
    "a wrong signature": send_forged,
    "a repeated id": send_twice,
    "frames that are missing": send_cut,
    "a list as header": header([1, 2]),
    "a header without an id": header({"msg_type": "comm_msg"}),
    "a content that is a list": content(lambda _: [1]),
    "an unknown comm": content(lambda _: custom("nobody", {"type": "stop"})),
    "an unknown request": content(lambda comm: custom(comm, {"type": "dance"})),
    "a request that is a list": content(lambda comm: custom(comm, ["stop"])),
    "a number that is a text": content(lambda comm: custom(comm, {"type": "seen", "number": "x"})),
    "a round that is a list": content(lambda comm: custom(comm, {"type": "skip", "round": [1]})),
    "an id that is no text": content(lambda comm: custom(comm, {"type": "no-last", "id": [{}]})),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_after_a_wrong_message_stop_still_works(any_kernel: Kernel, wrong: str) -> None:
    request = any_kernel.client.execute(SLOW)
    view = any_kernel.wait_for_change("epochs", 1)
    WRONG[wrong](any_kernel, view)
    any_kernel.ask(view, "stop")
    seen = any_kernel.wait_until_idle(request)
    assert not [m for m in seen if m["msg_type"] == "error" or "Traceback" in str(m["content"])]
    assert any_kernel.run("print(len(scan.data), scan.status)") == "1 paused\n"
