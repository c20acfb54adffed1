"""Lets widget messages in while a cell runs.

A kernel handles messages one after the other, so a button clicked while a cell trains would be
heard when the cell ends. The pump, called between batches, takes the comm messages out of the
kernel's queue and runs them at once, and with them the questions that a page asks before it shows
widgets, when it is opened while the cell runs. All other messages stay where they are, in order, so
Run All, stop-on-error and interrupt behave as ever.
"""

import inspect
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

LET_IN = frozenset(
    {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
)


class Pump(Protocol):
    """Where control messages come from, seen from a running scan."""

    def pump(self) -> None:
        """Handle what has arrived."""


@contextmanager
def comm_pump(kernel: Any) -> Iterator[Pump]:
    """Hold the pump that fits a kernel for as long as a cell runs.

    Parameters
    ----------
    kernel : ipykernel.kernelbase.Kernel or None
        The kernel that runs the cell; ipykernel 6.17 to 7.

    Yields
    ------
    Pump
        One that does nothing where the kernel is none of ours: interrupting it still works.
    """
    if getattr(kernel, "shell_channel_thread", None) is not None:
        with _diverted(kernel) as pump:
            yield pump
    elif hasattr(kernel, "msg_queue"):
        yield _QueuePump(kernel)
    else:
        yield _NoPump()


class _NoPump:
    def pump(self) -> None:
        """Nothing can arrive."""


class _Message:
    """A message as it came over the wire: enough is unpacked to know its type."""

    def __init__(self, kernel: Any, raw: Any) -> None:
        self._kernel = kernel
        self._idents, self._frames = kernel.session.feed_identities(raw, copy=False)
        header = self._frames[1]
        self._header = kernel.session.unpack(getattr(header, "bytes", header))

    @property
    def is_let_in(self) -> bool:
        """Whether it may be handled while a cell runs."""
        return self._header.get("msg_type") in LET_IN

    def handle(self, stream: Any) -> None:
        """Do what the kernel does with a comm message, its status messages included.

        Without those, sliders stop sending: they wait for the kernel to be idle again.
        """
        kernel = self._kernel
        message = kernel.session.deserialize(self._frames, content=True, copy=False)
        kernel._publish_status("busy", "shell", parent=message)
        try:
            handled = kernel.shell_handlers[self._header["msg_type"]](stream, self._idents, message)
            if inspect.iscoroutine(handled):  # one that waits for nothing
                with suppress(StopIteration):
                    handled.send(None)
        except Exception:  # a faulty callback must not end the training
            kernel.log.exception("Error in a widget's message handler")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            kernel._publish_status("idle", "shell", parent=message)


def _say_busy(kernel: Any) -> None:
    """Tell the page that the cell still runs: it shows the last status, whosever that was."""
    kernel._publish_status("busy", "shell", parent=kernel.get_parent("shell"))


class _QueuePump:
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
            message = self._comm_message(item)
            if message is None:
                kernel.msg_queue.put_nowait(item)
            else:
                comms.append(message)
        for message in comms:
            message.handle(kernel.shell_stream)
        if comms:
            _say_busy(kernel)

    def _comm_message(self, item: Any) -> _Message | None:
        try:
            message = _Message(self._kernel, item[2][0])
        except Exception:  # noqa: BLE001  # not a message we know: leave it to the kernel
            return None
        return message if message.is_let_in else None


class _DivertedPump:
    """ipykernel 7: messages arrive in a thread of their own, where comm messages are set aside."""

    def __init__(self, kernel: Any) -> None:
        from ipykernel._version import version_info

        self._kernel = kernel
        self._may_sleep = version_info < (7, 4)
        self.arrived: deque[_Message] = deque()

    def pump(self) -> None:
        """Handle what was set aside."""
        if threading.current_thread() is not threading.main_thread():
            return
        if self._may_sleep:  # over a message that came while it sent another
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
        try:
            message = _Message(kernel, raw)
        except Exception:  # noqa: BLE001  # not a message we know: leave it to the kernel
            message = None
        if message is not None and message.is_let_in:
            pump.arrived.append(message)
        else:
            await pass_on(raw)

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
