"""What a page is sent of a running scan, in a real kernel with a client at its sockets."""

import time
from typing import Any

import pytest

from talos_magic.scan.scan_json import MIME_TYPE

from .client import Kernel, changes_in

SETUP = """\
%load_ext talos_magic
import time
from talos_magic import report
params = {"a": [1, 2, 3]}
"""
SLOW = """\
%%talos_scan --order sequential
curve = []
for epoch in range(int(params["a"] > 1) * 400 + 2):
    time.sleep(0.02)
    curve.append(1.0 / (epoch + 1))
    report(epoch, loss=curve[-1])
return {"loss": curve}, None
"""
VIEW = "application/vnd.jupyter.widget-view+json"


def pictures(seen: list[Any]) -> list[str]:
    """The HTML that outputs were replaced by, unless it was empty."""
    data = [m["content"]["data"] for m in seen if m["msg_type"] == "update_display_data"]
    return [html for html in (shown.get("text/html") for shown in data) if html]


def test_a_page_that_opens_late_gets_the_whole_state(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW)
    comm = kernel.wait_for_change("epochs", 1)
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


def test_a_page_recognizes_the_answer_with_a_widgets_state(kernel: Kernel) -> None:
    """JupyterLab asks for each after 4 seconds without an answer, and waits for just this one."""
    request = kernel.client.execute(SLOW)
    view = kernel.wait_for_change("epochs", 1)
    asked = kernel.ask_for_state(view)
    answer = next(
        m for m in kernel.messages() if m["content"].get("data", {}).get("method") == "update"
    )
    assert answer["parent_header"]["msg_id"] == asked
    kernel.ask(view, "stop")
    kernel.wait_until_idle(request)


def test_the_live_view_gives_way_to_its_picture(kernel: Kernel) -> None:
    seen = kernel.wait_until_idle(kernel.client.execute(SLOW.replace("400", "3")))
    _, shown = (m for m in seen if m["msg_type"] == "display_data")  # below the editor's place
    replaced = next(m for m in seen if m["msg_type"] == "update_display_data")
    assert VIEW in shown["content"]["data"]
    assert "<img" in replaced["content"]["data"]["text/html"]
    assert shown["content"]["transient"] == replaced["content"]["transient"]


def test_a_page_opened_again_finds_the_last_scan_until_another_begins(kernel: Kernel) -> None:
    seen = kernel.wait_until_idle(kernel.client.execute(SLOW.replace("400", "3")))
    (comm,) = {m["content"]["comm_id"] for m in seen if changes_in(m)}
    kernel.ask(comm, "all")
    for message in kernel.messages():
        content = message["content"].get("data", {}).get("content") or {}
        if "all" in content:
            break
    assert content["all"]["state"] == "done"
    again = kernel.wait_until_idle(kernel.client.execute(SLOW.replace("400", "3")))
    closed = [m["content"]["comm_id"] for m in again if m["msg_type"] == "comm_close"]
    assert closed[0] == comm  # its layout follows


def test_a_page_that_has_still_to_answer_finds_the_scan_of_before(kernel: Kernel) -> None:
    """An answer to a view that is gone would be shown as an error below its cell."""
    kernel.draws = False
    long = SLOW.replace("400", "100")
    request = kernel.client.execute(long)
    comm = kernel.wait_for_change("epochs", 1)
    kernel.ask(comm, "all")
    kernel.wait_until_idle(request)
    request = kernel.client.execute(long)
    kernel.wait_for_change("epochs", 1)
    kernel.ask(comm, "seen", number=10_000)
    again = kernel.wait_until_idle(request)
    assert [m["content"]["text"] for m in again if m["msg_type"] == "stream"] == []
    closed = [m["content"]["comm_id"] for m in again if m["msg_type"] == "comm_close"]
    assert closed[0] == comm


def test_a_page_without_custom_widgets_gets_the_picture_and_buttons(kernel: Kernel) -> None:
    kernel.loads = False
    request = kernel.client.execute(SLOW)
    kernel.wait_for_html("starting · 0 of 3 rounds")  # before anything is trained
    pause = kernel.wait_for_widget(description="Pause")
    kernel.wait_for_html("running · 1 of 3 rounds")
    kernel.press(pause)
    kernel.wait_for_html("paused · 1 of 3 rounds")
    assert kernel.wait_for_widget(description="Resume") == pause
    kernel.press(kernel.wait_for_widget(description="Stop"))
    seen = kernel.wait_until_idle(request)
    picture = pictures(seen)[-1]
    assert "stopped by you · 1 of 3 rounds" in picture
    assert "of 3 rounds were not trained" in picture


def test_a_page_that_loads_the_widget_late_gets_it_in_place_of_the_picture(kernel: Kernel) -> None:
    kernel.loads = False
    request = kernel.client.execute(SLOW)
    kernel.wait_for_html("running · 1 of 3 rounds")
    view = kernel.find_widget(_anywidget_id="talos_magic.live.view.LiveView")
    kernel.ask(str(view), "here")
    replaced = next(
        m
        for m in kernel.messages()
        if m["msg_type"] == "update_display_data" and VIEW in m["content"]["data"]
    )
    assert replaced["content"]["data"][VIEW]["model_id"] == view
    kernel.ask(str(view), "stop")
    (picture,) = pictures(kernel.wait_until_idle(request))  # it was drawn no more
    assert "stopped by you" in picture


def test_a_kernel_without_anywidget_shows_the_picture_at_once(kernel: Kernel) -> None:
    kernel.run(
        "from talos_magic.live import display\n"
        "display._is_installed = lambda package: package == 'ipywidgets'"
    )
    request = kernel.client.execute(SLOW)
    kernel.wait_for_html("running · 1 of 3 rounds")
    kernel.press(kernel.wait_for_widget(description="Stop"))
    kernel.wait_until_idle(request)
    assert kernel.run("print(scan.status)") == "paused\n"


def test_without_any_widgets_the_picture_names_the_interrupt(kernel: Kernel) -> None:
    kernel.run("from talos_magic.live import display; display._is_installed = lambda _: False")
    request = kernel.client.execute(SLOW)
    kernel.wait_for_html("to stop: the kernel&#x27;s interrupt; finished rounds are kept")
    kernel.wait_for_html("running · 1 of 3 rounds")
    kernel.manager.interrupt_kernel()
    kernel.wait_until_idle(request)
    assert kernel.run("print(scan.status)") == "paused\n"


def test_a_stop_in_the_first_round_leaves_its_picture(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW.replace("> 1", "> 0"))
    view = kernel.wait_for_change("epochs", 0)
    kernel.ask(view, "stop")
    seen = kernel.wait_until_idle(request)
    replaced = next(m for m in seen if m["msg_type"] == "update_display_data")
    assert "stopped by you" in replaced["content"]["data"]["text/html"]
    assert "0 of 3 rounds" in replaced["content"]["data"]["text/html"]


@pytest.mark.parametrize("pause", [0.02, 0.001])
def test_messages_are_few_and_tell_every_epoch(kernel: Kernel, pause: float) -> None:
    cell = SLOW.replace("400", "100").replace("0.02", str(pause))
    began = time.monotonic()
    seen = kernel.wait_until_idle(kernel.client.execute(cell))
    seconds = time.monotonic() - began
    sent = [message for message in seen if changes_in(message)]
    epochs = [
        values
        for message in sent
        for change in changes_in(message)
        for values in change.get("epochs", [0, 0, []])[2]
    ]
    assert len(epochs) == 2 + 102 + 102
    assert len(sent) <= 10 * seconds + 2


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


def test_quiet_prints_the_result_and_nothing_else(kernel: Kernel) -> None:
    request = kernel.client.execute(SLOW.replace("talos_scan", "talos_scan -q").replace("400", "3"))
    seen = kernel.wait_until_idle(request)
    kinds = {message["msg_type"] for message in seen}
    assert not kinds & {"comm_open", "display_data"}
    printed = "".join(m["content"]["text"] for m in seen if m["msg_type"] == "stream")
    assert printed.splitlines()[0].split() == ["round", "loss", "best", "epoch", "a", "time"]
    assert "best: round 1" in printed


def test_an_edit_that_cannot_be_is_refused_and_the_scan_goes_on(kernel: Kernel) -> None:
    kernel.run("params = {'a': [1, 2, 3], 'b': [1, 2]}")
    request = kernel.client.execute(SLOW)
    view = kernel.wait_for_change("epochs", 2)
    kernel.ask(view, "edit")
    kernel.set(kernel.wait_for_widget(description="b"), value=False)
    refused = "the hyperparameters of this scan are a, b: end it and start another one"
    kernel.wait_for_widget(value=f"<span role='alert'>{refused} to change them</span>")
    kernel.press(kernel.wait_for_widget(description="3 ×"))  # the next edit is followed
    kernel.wait_for_change("session", total=4)
    kernel.ask(view, "stop")
    seen = kernel.wait_until_idle(request)
    assert not [message for message in seen if message["msg_type"] == "error"]
    assert kernel.run("print(scan.status, len(scan.data))") == "paused 2\n"


DISPLAY = """\
from talos_magic.live.display import showing
from talos_magic.scan.session import ScanSession
session = ScanSession(name="demo", total=3)
"""


def test_a_scan_that_is_stopped_before_its_first_round_says_so(kernel: Kernel) -> None:
    stopped = "    session.begin()\n    session.stop()\n    session.end('stopped')"
    code = f"{DISPLAY}with showing(session, get_ipython().kernel):\n{stopped}"
    seen = kernel.wait_until_idle(kernel.client.execute(code))
    last = [m["content"]["data"] for m in seen if m["msg_type"] == "update_display_data"][-1]
    assert last.pop(MIME_TYPE)["state"] == "stopped"
    assert last == {"text/plain": "demo: stopped by you · 0 of 3 rounds · 0:00 elapsed"}


def test_a_scan_that_is_refused_leaves_no_picture_of_the_rounds_before(kernel: Kernel) -> None:
    before = (
        "session.start_round({'a': 1})\nsession.finish_round({'loss': [0.5]})\n"
        "with showing(session, get_ipython().kernel):\n    raise UsageError('refused')"
    )
    code = f"{DISPLAY}from IPython.core.error import UsageError\n{before}"
    seen = kernel.wait_until_idle(kernel.client.execute(code))
    last = [m["content"]["data"] for m in seen if m["msg_type"] == "update_display_data"][-1]
    assert last == {"text/plain": "", "text/html": ""}


RUN_SCAN = """\
from talos_magic import run_scan
def model(x_train, y_train, x_val, y_val, params):
    for epoch in range(EPOCHS):
        time.sleep(0.02)
        report(epoch, loss=1.0 / (epoch + 1))
    return None, None
result = run_scan(model, params, seed=1)
"""


def test_run_scan_shows_the_view_that_controls_it(kernel: Kernel) -> None:
    request = kernel.client.execute(RUN_SCAN.replace("EPOCHS", "400 if params['a'] > 1 else 2"))
    view = kernel.wait_for_change("epochs", 1)
    kernel.ask(view, "edit")
    kernel.press(kernel.wait_for_widget(description="3 ×"))
    kernel.wait_for_change("session", total=2)
    kernel.ask(view, "stop")
    seen = kernel.wait_until_idle(request)
    assert not [m for m in seen if m["msg_type"] in ("stream", "error")]
    assert "stopped by you · 1 of 2 rounds" in pictures(seen)[-1]
    assert kernel.run("print(len(result.data), result.status)") == "1 paused\n"


def test_run_scan_shows_nothing_if_it_is_asked_to(kernel: Kernel) -> None:
    code = RUN_SCAN.replace("EPOCHS", "3").replace("seed=1", "seed=1, view=False")
    seen = kernel.wait_until_idle(kernel.client.execute(code))
    kinds = {message["msg_type"] for message in seen}
    assert not kinds & {"comm_open", "display_data", "stream", "error"}
    assert kernel.run("print(len(result.data), result.status)") == "3 complete\n"
