"""The running cell listens: Stop and interrupt, in a real kernel with a client at its sockets."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .client import Kernel

SETUP = """\
%load_ext talos_magic
import time
from talos_magic import report
params = {"a": [1, 2, 3]}
"""
SLOW = """\
%%talos_scan
curve = []
for epoch in range(int(params["a"] > 1) * 400 + 2):
    time.sleep(0.02)
    curve.append(1.0 / (epoch + 1))
    report(epoch, loss=curve[-1])
return {"loss": curve}, None
"""


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    kernel.run(SETUP)
    yield kernel
    kernel.close()


RESULT = (
    "print(scan.data['a'].tolist(), scan.status, sorted(scan.epochs['round'].unique().tolist()))"
)


def test_stop_takes_effect_in_the_middle_of_a_round(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW)
    comm = kernel.wait_for_change("epoch", 1)
    kernel.ask(comm, "stop")
    seen = kernel.wait_until_idle(request)
    assert not [message for message in seen if message["msg_type"] == "error"]
    assert kernel.run(RESULT) == "[1] paused [0, 1]\n"


def test_interrupt_does_what_stop_does(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW)
    kernel.wait_for_change("epoch", 1)
    kernel.manager.interrupt_kernel()
    seen = kernel.wait_until_idle(request)
    assert not [message for message in seen if message["msg_type"] == "error"]
    assert kernel.run(RESULT) == "[1] paused [0, 1]\n"


def test_cells_that_wait_behind_a_stopped_scan_run_in_order(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW)
    comm = kernel.wait_for_change("epoch", 1)
    kernel.client.execute("order = [scan.status]")
    last = kernel.client.execute("order.append('last'); print(order)")
    kernel.ask(comm, "stop")
    kernel.wait_until_idle(request)
    streams = [m for m in kernel.wait_until_idle(last) if m["msg_type"] == "stream"]
    assert streams[-1]["content"]["text"] == "['paused', 'last']\n"


def test_a_page_that_opens_late_gets_the_whole_state(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW)
    comm = kernel.wait_for_change("epoch", 1)
    kernel.ask(comm, "all")
    for message in kernel.messages():
        content = message["content"].get("data", {}).get("content") or {}
        if "all" in content:
            break
    rounds = content["all"]["rounds"]
    assert [round_["status"] for round_ in rounds] == ["done", "running"]
    assert rounds[0]["curves"]["loss"] == [1.0, 0.5]
    kernel.ask(comm, "stop")
    kernel.wait_until_idle(request)


def test_the_live_view_gives_way_to_its_picture_and_its_comm_closes(kernel: Kernel) -> None:
    seen = kernel.wait_until_idle(kernel.client.execute(SLOW.replace("400", "3")))
    kinds = [message["msg_type"] for message in seen]
    shown = next(m for m in seen if m["msg_type"] == "display_data")
    replaced = next(m for m in seen if m["msg_type"] == "update_display_data")
    assert "application/vnd.jupyter.widget-view+json" in shown["content"]["data"]
    assert "<img" in replaced["content"]["data"]["text/html"]
    assert shown["content"]["transient"] == replaced["content"]["transient"]
    assert "comm_close" in kinds[kinds.index("update_display_data") :]


def test_a_stop_in_the_first_round_leaves_its_picture(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW.replace("> 1", "> 0"))
    view = kernel.wait_for_change("epoch", 0)
    kernel.ask(view, "stop")
    seen = kernel.wait_until_idle(request)
    replaced = next(m for m in seen if m["msg_type"] == "update_display_data")
    assert "stopped by you" in replaced["content"]["data"]["text/html"]
    assert "0 of 3 rounds" in replaced["content"]["data"]["text/html"]


def test_messages_are_few_and_small(kernel: Kernel) -> None:
    seen = kernel.wait_until_idle(kernel.client.execute(SLOW.replace("400", "60")))
    sent = [
        message
        for message in seen
        if message["msg_type"] == "comm_msg"
        and "changes" in (message["content"]["data"].get("content") or {})
    ]
    epochs = sum(
        change["kind"] == "epoch"
        for message in sent
        for change in message["content"]["data"]["content"]["changes"]
    )
    assert epochs == 2 + 62 + 62
    assert len(sent) < epochs / 2  # at 50 epochs a second, at most ten messages


def test_an_interrupt_that_the_cell_swallows_still_stops_the_scan(kernel: Kernel) -> None:
    swallow = "try:\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    pass"
    request = kernel.client.execute(
        f"%%talos_scan\nreport(0, loss=1.0)\n{swallow}\nreturn {{'loss': [1.0]}}, None"
    )
    kernel.wait_for_change("round", 0)
    time.sleep(0.5)
    kernel.manager.interrupt_kernel()
    kernel.wait_until_idle(request)
    assert kernel.run("print(len(scan.data), scan.status)") == "1 paused\n"
