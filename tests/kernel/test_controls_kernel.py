"""Every control, in the middle of a round, in kernels that hear messages in different ways."""

import json

import pytest

from .client import Kernel, changes_in
from .slow_scan import SETUP, SLOW

__all__ = ["SETUP"]  # the fixture runs it

RESULT = (
    "import json; print(json.dumps([scan.data['a'].tolist(), scan.status, "
    "sorted(scan.epochs['round'].unique().tolist())]))"
)


def result(kernel: Kernel) -> list[object]:
    shown: list[object] = json.loads(kernel.run(RESULT))
    return shown


def test_stop_ends_the_round_and_keeps_what_is_done(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW)
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.ask(view, "stop")
    any_kernel.ask(view, "stop")  # harmless
    seen = any_kernel.wait_until_idle(request)
    assert not [message for message in seen if message["msg_type"] == "error"]
    assert result(any_kernel) == [[1], "paused", [0, 1]]


POOL = """\
%%talos_scan --order sequential
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    for epoch in range(int(params["a"] == 2) * 400 + 2):
        report(epoch, loss=sum(pool.map(abs, [0.02] * 4)))
        pool.map(time.sleep, [0.02] * 2)
return {"loss": [0.5]}, None
"""


@pytest.mark.parametrize("cell", [SLOW, POOL], ids=["a loop", "a pool of processes"])
def test_interrupt_does_what_stop_does(any_kernel: Kernel, cell: str) -> None:
    request = any_kernel.client.execute(cell)
    any_kernel.wait_for_change("epochs", 1)
    any_kernel.manager.interrupt_kernel()
    seen = any_kernel.wait_until_idle(request)
    assert not [message for message in seen if message["msg_type"] == "error"]
    assert result(any_kernel) == [[1], "paused", [0, 1]]
    assert any_kernel.run("import multiprocessing as m; print(m.active_children())") == "[]\n"


def test_a_paused_scan_waits_and_resumes_where_it_was(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW.replace("400", "40"))
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.ask(view, "pause")
    any_kernel.wait_for_change("session", state="paused")
    any_kernel.ask(view, "pause")  # harmless
    quiet = [m for m in any_kernel.messages(1.0) if any("epochs" in c for c in changes_in(m))]
    assert not quiet
    any_kernel.ask(view, "resume")
    any_kernel.wait_for_change("session", state="running")
    any_kernel.wait_until_idle(request)
    assert result(any_kernel) == [[1, 2, 3], "complete", [0, 1, 2]]
    assert any_kernel.run("print(sum(scan.epochs['round'] == 1))") == "42\n"


def test_an_interrupt_ends_a_pause(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW)
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.ask(view, "pause")
    any_kernel.wait_for_change("session", state="paused")
    any_kernel.manager.interrupt_kernel()
    seen = any_kernel.wait_until_idle(request)
    assert not [message for message in seen if message["msg_type"] == "error"]
    assert result(any_kernel) == [[1], "paused", [0, 1]]


def test_skip_keeps_the_curve_marks_it_and_goes_on(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW)
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.ask(view, "skip", round=1)
    any_kernel.ask(view, "skip", round=1)  # must not skip the next one
    any_kernel.wait_for_change("ended", 1, status="skipped")
    any_kernel.wait_until_idle(request)
    assert result(any_kernel) == [[1, 2, 3], "complete", [0, 1, 2]]
    told = any_kernel.run(
        "cut = scan.unfinished.iloc[0]\n"
        "print(cut['round'], cut['status'], cut['a'], bool(cut['loss'] == 1 / cut['epochs']))\n"
        "print(scan.data['loss'].isna().tolist(), scan)"
    )
    assert told.splitlines()[0] == "1 skipped 2 True"
    assert told.splitlines()[1].startswith("[False, True, False] <ScanResult: 3 rounds")


def test_stop_after_the_round_finishes_it(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW.replace("400", "40"))
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.ask(view, "last")
    any_kernel.wait_for_change("session", wants_end=True)
    any_kernel.wait_until_idle(request)
    assert result(any_kernel) == [[1, 2], "paused", [0, 1]]
    assert any_kernel.run("print(sum(scan.epochs['round'] == 1))") == "42\n"


def test_stop_after_the_round_can_be_taken_back(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW.replace("400", "40"))
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.ask(view, "last")
    any_kernel.wait_for_change("session", wants_end=True)
    any_kernel.ask(view, "no-last")
    any_kernel.wait_until_idle(request)
    assert result(any_kernel) == [[1, 2, 3], "complete", [0, 1, 2]]


def test_edits_change_what_is_left_while_the_round_runs(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW)
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.ask(view, "edit")
    any_kernel.wait_for_change("session", editing=True)
    any_kernel.set(any_kernel.wait_for_widget(description="a: add a number"), value="5, 7")
    any_kernel.wait_for_change("session", total=5)
    any_kernel.press(any_kernel.wait_for_widget(description="3 ×"))
    any_kernel.ask(view, "no-edit")  # at once: the edit before it must not be lost
    any_kernel.wait_for_change("session", editing=False)
    any_kernel.ask(view, "skip", round=1)
    any_kernel.wait_until_idle(request)
    assert result(any_kernel) == [[1, 2, 5, 7], "complete", [0, 1, 2, 3]]
    assert any_kernel.run("print(params)") == "{'a': [1, 2, 3], 'b': ['x']}\n"


def test_cells_that_wait_behind_a_stopped_scan_run_in_order(any_kernel: Kernel) -> None:
    request = any_kernel.client.execute(SLOW)
    view = any_kernel.wait_for_change("epochs", 1)
    any_kernel.client.execute("order = [scan.status]")
    last = any_kernel.client.execute("order.append('last'); print(order)")
    any_kernel.ask(view, "pause")
    any_kernel.wait_for_change("session", state="paused")
    any_kernel.ask(view, "stop")
    any_kernel.wait_until_idle(request)
    streams = [m for m in any_kernel.wait_until_idle(last) if m["msg_type"] == "stream"]
    assert streams[-1]["content"]["text"] == "['paused', 'last']\n"
