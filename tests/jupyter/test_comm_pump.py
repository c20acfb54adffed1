"""The pump handles comm messages while a cell runs, and leaves all others in their order."""

import asyncio
import json
import queue
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
import zmq
from jupyter_client.session import DELIM, Session

from talos_magic.jupyter.comm_pump import comm_pump


def kernel_with(**parts: Any) -> Any:
    """What the pump uses of every kernel, and what one version of ipykernel has."""
    return SimpleNamespace(
        session=Session(key=b"secret"),
        shell_stream=Mock(),
        shell_handlers={"comm_msg": Mock(), "execute_request": Mock()},
        log=Mock(),
        get_parent=lambda _: {"header": {"msg_id": "the cell"}},
        _publish_status=Mock(),
        **parts,
    )


def old_kernel() -> Any:
    """A kernel of ipykernel 6: a queue lies between the socket and the one thread."""
    kernel = kernel_with(msg_queue=queue.Queue())

    def deliver(frames: Any) -> Any:
        kernel.msg_queue.put_nowait(item := (0, 0, (frames,)))
        return item

    kernel.deliver = deliver
    kernel.left = lambda: [kernel.msg_queue.get_nowait() for _ in range(kernel.msg_queue.qsize())]
    return kernel


def new_kernel() -> Any:
    """A kernel of ipykernel 7: a thread receives messages and passes them on."""
    thread = SimpleNamespace(io_loop=Mock(), manager=Mock())
    thread.io_loop.add_callback = lambda call: call()
    passed: list[Any] = []

    async def pass_on(frames: Any) -> None:
        passed.append(frames)

    kernel = kernel_with(shell_channel_thread=thread, shell_channel_thread_main=pass_on)

    def deliver(frames: Any) -> Any:
        receive = kernel.shell_stream.on_recv.call_args.args[0]
        asyncio.run(receive(frames))
        return frames

    kernel.deliver = deliver
    kernel.left = lambda: passed
    return kernel


@pytest.fixture(params=[old_kernel, new_kernel], ids=["ipykernel 6", "ipykernel 7"])
def kernel(request: pytest.FixtureRequest) -> Any:
    made: Callable[[], Any] = request.param
    return made()


def frames_of(kernel: Any, kind: str, content: Any = None) -> list[zmq.Message]:
    """Serialize a message as it arrives from the socket."""
    session = kernel.session
    return list(map(zmq.Message, session.serialize(session.msg(kind, content or {}))))


def put(kernel: Any, kind: str, content: Any = None) -> Any:
    return kernel.deliver(frames_of(kernel, kind, content))


def handled(kernel: Any) -> list[Any]:
    """The contents of the comm messages that were handled."""
    return [call.args[2]["content"] for call in kernel.shell_handlers["comm_msg"].call_args_list]


def statuses(kernel: Any) -> list[tuple[str, str]]:
    """The published statuses, and what they are about."""
    calls = kernel._publish_status.call_args_list
    return [
        (call.args[0], call.kwargs["parent"]["header"].get("msg_type", "cell")) for call in calls
    ]


def test_comm_messages_are_handled_and_others_keep_their_order(kernel: Any) -> None:
    with comm_pump(kernel) as pump:
        first = put(kernel, "execute_request", {"code": "1"})
        put(kernel, "comm_msg", {"data": {"type": "pause"}})
        unknown = kernel.deliver([])
        last = put(kernel, "execute_request", {"code": "2"})
        assert handled(kernel) == []
        pump.pump()
    assert handled(kernel) == [{"data": {"type": "pause"}}]
    kernel.shell_handlers["execute_request"].assert_not_called()
    assert kernel.left() == [first, unknown, last]


def test_the_cell_is_shown_as_busy_again_after_a_message(kernel: Any) -> None:
    with comm_pump(kernel) as pump:
        put(kernel, "comm_msg")
        pump.pump()
        pump.pump()  # which has nothing to do
    assert statuses(kernel) == [("busy", "comm_msg"), ("idle", "comm_msg"), ("busy", "cell")]


def test_an_error_in_a_handler_is_logged_and_the_next_message_handled(kernel: Any) -> None:
    handler = kernel.shell_handlers["comm_msg"]
    handler.side_effect = [ValueError("faulty callback"), None]
    with comm_pump(kernel) as pump:
        put(kernel, "comm_msg")
        put(kernel, "comm_msg")
        pump.pump()
    assert handler.call_count == 2
    kernel.log.exception.assert_called_once()


def test_a_handler_may_be_a_coroutine(kernel: Any) -> None:
    seen = []

    async def handler(_stream: Any, _idents: Any, message: Any) -> None:
        seen.append(message["content"])

    kernel.shell_handlers["comm_msg"] = handler
    with comm_pump(kernel) as pump:
        put(kernel, "comm_msg", {"data": 1})
        pump.pump()
    assert seen == [{"data": 1}]


def test_only_an_answer_with_a_widgets_state_names_the_request(kernel: Any) -> None:
    parents = []
    kernel.shell_handlers["comm_msg"] = lambda *_: parents.append(kernel.get_parent("shell"))
    with comm_pump(kernel) as pump:
        for method in ("custom", "request_state", "update"):
            put(kernel, "comm_msg", {"data": {"method": method}})
        pump.pump()
    cell, request, after = parents
    assert request["content"] == {"data": {"method": "request_state"}}
    assert cell == after == {"header": {"msg_id": "the cell"}}


def forged(kernel: Any) -> Any:
    """A comm message that somebody without the key has signed."""
    frames = frames_of(kernel, "comm_msg", {"data": "forged"})
    return [frames[0], zmq.Message(b"0" * 64), *frames[2:]]


def nameless(kernel: Any) -> Any:
    """A comm message without an id, rightly signed."""
    parts = [json.dumps(part).encode() for part in ({"msg_type": "comm_msg"}, {}, {}, {})]
    return list(map(zmq.Message, [DELIM, kernel.session.sign(parts), *parts]))


@pytest.mark.parametrize("wrong", [forged, nameless])
def test_a_wrong_message_costs_only_itself(kernel: Any, wrong: Callable[[Any], Any]) -> None:
    with comm_pump(kernel) as pump:
        put(kernel, "comm_msg", {"data": "before"})
        kernel.deliver(wrong(kernel))
        put(kernel, "comm_msg", {"data": "after"})
        pump.pump()
    assert handled(kernel) == [{"data": "before"}, {"data": "after"}]
    kernel.log.exception.assert_called_once()
    assert statuses(kernel).count(("idle", "comm_msg")) == 2


def test_a_repeated_message_is_handled_once(kernel: Any) -> None:
    frames = frames_of(kernel, "comm_msg", {"data": "again"})
    with comm_pump(kernel) as pump:
        for _ in range(2):
            kernel.deliver(list(frames))
        put(kernel, "comm_msg", {"data": "after"})
        pump.pump()
    assert handled(kernel) == [{"data": "again"}, {"data": "after"}]


@pytest.mark.parametrize("header", [[1, 2], "comm_msg", 3, None, {"msg_type": ["comm_msg"]}])
def test_a_message_whose_header_is_none_is_left_to_the_kernel(kernel: Any, header: Any) -> None:
    parts = [json.dumps(part).encode() for part in (header, {}, {}, {})]
    with comm_pump(kernel) as pump:
        odd = kernel.deliver(list(map(zmq.Message, [DELIM, b"", *parts])))
        put(kernel, "comm_msg", {"data": "after"})
        pump.pump()
    assert kernel.left() == [odd]
    assert handled(kernel) == [{"data": "after"}]


def test_another_thread_handles_nothing(kernel: Any) -> None:
    with comm_pump(kernel) as pump:
        put(kernel, "comm_msg", {"data": 1})
        thread = threading.Thread(target=pump.pump)
        thread.start()
        thread.join()
        assert handled(kernel) == []
        pump.pump()
        assert handled(kernel) == [{"data": 1}]


def test_the_kernel_receives_its_messages_again_after_the_cell() -> None:
    kernel = new_kernel()
    with comm_pump(kernel):
        put(kernel, "comm_msg", {"data": "late"})
    assert handled(kernel) == [{"data": "late"}]  # what had arrived is not lost
    assert kernel.left() == []
    later = put(kernel, "comm_msg", {"data": "later"})
    assert kernel.left() == [later]


def test_a_scan_inside_a_scan_shares_its_pump() -> None:
    kernel = new_kernel()
    with comm_pump(kernel) as pump:
        with comm_pump(kernel) as inner:
            assert inner is pump
        put(kernel, "comm_msg", {"data": 1})
        pump.pump()
        assert handled(kernel) == [{"data": 1}]


@pytest.mark.parametrize(("version", "flushes"), [((7, 0, 1), 1), ((7, 3, 0), 1), ((7, 4, 0), 0)])
def test_a_socket_that_may_sleep_is_woken(
    version: tuple[int, ...], flushes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipykernel._version.version_info", version)
    kernel = new_kernel()
    with comm_pump(kernel) as pump:
        pump.pump()
        assert kernel.shell_stream.flush.call_count == flushes


@pytest.mark.parametrize("unknown", [None, SimpleNamespace()])
def test_an_unknown_kernel_gets_a_pump_that_does_nothing(unknown: Any) -> None:
    with comm_pump(unknown) as pump:
        pump.pump()
