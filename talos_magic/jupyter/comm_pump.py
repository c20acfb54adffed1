"""Handles widget messages while a cell runs.

A kernel handles messages one after the other: it would handle a click only after the cell that
trains. The pump, called between batches, takes the comm messages out of the kernel's queue and
handles them at once, and also the requests of a page that is opened while the cell runs. All other
messages keep their place, so Run All, stop-on-error and interrupt behave as usual.
"""

import inspect
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

HANDLED = ("comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request")


class Pump:
    """The source of comm messages for a running scan; in an unknown kernel, none arrive."""

    def pump(self) -> None:
        """Handle the messages that have arrived."""


@contextmanager
def comm_pump(kernel: Any) -> Iterator[Pump]:
    """Yield the pump that fits the kernel, of ipykernel 6.17 to 7, while a cell runs.

    That of an unknown kernel, or of None, does nothing; interrupting it still works.
    """
    if getattr(kernel, "shell_channel_thread", None) is not None:
        with _diverted(kernel) as pump:
            yield pump
    elif hasattr(kernel, "msg_queue"):
        yield _QueuePump(kernel)
    else:
        yield Pump()


class _Message:
    """A message as it arrived; only its header is unpacked."""

    def __init__(self, kernel: Any, raw: Any) -> None:
        self._kernel = kernel
        self._idents, self._frames = kernel.session.feed_identities(raw, copy=False)
        header = self._frames[1]
        self.kind = kernel.session.unpack(getattr(header, "bytes", header)).get("msg_type")

    def handle(self, stream: Any) -> None:
        """Handle a comm message as the kernel does; one that is wrong is logged, and only it fails.

        Its status is published: without that, sliders wait for an idle kernel and send no more.
        """
        kernel = self._kernel
        try:
            message = kernel.session.deserialize(self._frames, content=True, copy=False)
        except Exception:  # a wrong signature, an id that was used before
            kernel.log.exception("Invalid message")
            return
        kernel._publish_status("busy", "shell", parent=message)
        try:
            with _recognizable(kernel, message):
                handled = kernel.shell_handlers[self.kind](stream, self._idents, message)
                if inspect.iscoroutine(handled):  # it never waits
                    with suppress(StopIteration):
                        handled.send(None)
        except Exception:  # a faulty callback must not end the training
            kernel.log.exception("Error in a widget's message handler")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            kernel._publish_status("idle", "shell", parent=message)


@contextmanager
def _recognizable(kernel: Any, message: Any) -> Iterator[None]:
    """Let the answer to a request for a widget's state name the request, not the cell.

    A reopened page waits for that if the kernel did not answer its first request within 4 seconds.
    """
    match message["content"]:
        case {"data": {"method": "request_state"}}:
            before, kernel.get_parent = kernel.get_parent, lambda *_: message
            try:
                yield
            finally:
                kernel.get_parent = before
        case _:
            yield


def _comm_message(kernel: Any, arguments: Sequence[Any]) -> _Message | None:
    """Return the message in the arguments of a kernel's receiver; None leaves it to the kernel."""
    try:
        message = _Message(kernel, arguments[0])
    except Exception:  # noqa: BLE001  # an unknown message
        return None
    return message if message.kind in HANDLED else None


def _say_busy(kernel: Any) -> None:
    """Publish that the cell still runs: the page shows the last status."""
    kernel._publish_status("busy", "shell", parent=kernel.get_parent("shell"))


class _QueuePump(Pump):
    """ipykernel 6: one thread, and a queue of messages between it and the socket."""

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel

    def pump(self) -> None:
        """Take the comm messages out of the queue and put the rest back in order."""
        kernel = self._kernel
        if threading.current_thread() is not threading.main_thread():
            return
        kernel.shell_stream.flush()
        waiting = [kernel.msg_queue.get_nowait() for _ in range(kernel.msg_queue.qsize())]
        comms = []
        for item in waiting:
            message = _comm_message(kernel, item[2])
            if message is None:
                kernel.msg_queue.put_nowait(item)
            else:
                comms.append(message)
        for message in comms:
            message.handle(kernel.shell_stream)
        if comms:
            _say_busy(kernel)


class _DivertedPump(Pump):
    """ipykernel 7: messages arrive in a thread of their own, which sets comm messages aside."""

    def __init__(self, kernel: Any) -> None:
        from ipykernel._version import version_info

        self._kernel = kernel
        self._may_sleep = version_info < (7, 4)
        self.arrived: deque[_Message] = deque()

    def pump(self) -> None:
        """Handle the messages that were set aside."""
        if threading.current_thread() is not threading.main_thread():
            return
        if self._may_sleep:  # it may miss a message that arrives while it sends another
            loop, stream = self._kernel.shell_channel_thread.io_loop, self._kernel.shell_stream
            loop.add_callback(stream.flush)
        if not self.arrived:
            return
        sockets = self._kernel.shell_channel_thread.manager
        replies = sockets.get_subshell_to_shell_channel_socket(None)
        while self.arrived:
            self.arrived.popleft().handle(replies)
        _say_busy(self._kernel)


_pumps: list[_DivertedPump] = []


@contextmanager
def _diverted(kernel: Any) -> Iterator[_DivertedPump]:
    if _pumps:  # a scan inside a scan shares its pump
        yield _pumps[-1]
        return
    pump = _DivertedPump(kernel)
    pass_on = kernel.shell_channel_thread_main

    async def divert(raw: Any) -> None:
        message = _comm_message(kernel, [raw])
        if message is None:
            await pass_on(raw)
        else:
            pump.arrived.append(message)

    try:
        _pumps.append(pump)
        _receive_with(kernel, divert)
        yield pump
    finally:
        _pumps.clear()
        _receive_with(kernel, pass_on)
        pump.pump()


def _receive_with(kernel: Any, receiver: Any) -> None:
    """Swap the receiver of shell messages, in the thread that owns the socket."""
    swapped = threading.Event()

    def swap() -> None:
        kernel.shell_stream.on_recv(receiver, copy=False)
        swapped.set()

    kernel.shell_channel_thread.io_loop.add_callback(swap)
    swapped.wait(2)
