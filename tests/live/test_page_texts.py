"""Texts and words that exist twice, in Python and in the page's JavaScript, are the same."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from talos_magic.formatting import format_duration, format_number
from talos_magic.live.assets import page_source
from talos_magic.live.curves_svg import curves_svg, epoch_ticks
from talos_magic.live.messages import Changes, clocks
from talos_magic.live.status_lines import MOST_LINES, running_lines, state_text
from talos_magic.scan.round import RoundStatus, Step
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs node")

NUMBERS = [0.0, 0.5, 12.0, 0.123456, 1e-5, 1.25e-7, 9999.6, 123456.0, -0.00012345, 2.5e300]
SECONDS = [0, 7.2, 59.6, 95, 3599.7, 3723]


def evaluate(module: str, expression: str, argument: Any = None) -> Any:
    """Evaluate an expression, of `it`, with the names of one of the page's modules."""
    script = f"{page_source(module)}\nconst it = {json.dumps(argument)};\n"
    script += f"console.log(JSON.stringify({expression}));"
    assert NODE is not None
    ran = subprocess.run(
        [NODE, "--input-type=module"], input=script, capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


def test_numbers_and_durations_are_formatted_alike() -> None:
    js = "[it[0].map((number) => formatNumber(number)), it[1].map(formatDuration)]"
    assert evaluate("formatting.js", js, [NUMBERS, SECONDS]) == [
        list(map(format_number, NUMBERS)),
        list(map(format_duration, SECONDS)),
    ]


def test_rounds_have_the_same_statuses() -> None:
    assert evaluate("status.js", "ROUND") == {s.name: s.value for s in RoundStatus}
    js = "Object.values(ROUND).map((status) => [status, isFinished(status), endedEarly(status)])"
    assert evaluate("status.js", js) == [
        [status, status.is_finished(), status.ended_early()] for status in RoundStatus
    ]


def test_curves_that_are_not_whole_are_drawn_alike(session: ScanSession) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    js = "Object.values(ROUND).map((status) => [status, isCut(status)])"
    dashed = []
    for status in RoundStatus:
        session.rounds[0].status = status
        dashed.append([status, 'stroke-dasharray="4 3"' in curves_svg(session)["loss"]])
    assert evaluate("status.js", js) == dashed


def test_the_same_epochs_are_named_on_an_axis() -> None:
    lengths = [1, 2, 3, 7, 10, 30, 97, 100, 1000]
    js = "it.map((epochs) => epochTicks(epochs, 400))"
    assert evaluate("ticks.js", js, lengths) == list(map(epoch_ticks, lengths))


def test_scans_have_the_same_states() -> None:
    assert evaluate("status.js", "SCAN") == {state.name: state.value for state in ScanState}
    js = "Object.values(SCAN).map((state) => [state, hasEnded(state)])"
    assert evaluate("status.js", js) == [[state, state.is_finished()] for state in ScanState]


def test_states_are_described_alike() -> None:
    sessions = [
        ScanSession(state=state, wants_pause=wants_pause, reason="time is up")
        for state in ScanState
        for wants_pause in (False, True)
    ]
    traits = [
        {name: getattr(session, name) for name in ("state", "wants_pause", "reason")}
        for session in sessions
    ]
    assert evaluate("head.js", "it.map(scanText)", traits) == list(map(state_text, sessions))


def running_texts(messages: list[dict[str, Any]]) -> Any:
    js = (
        "it.map((message) => { const scan = newScan(); receive(scan, message);"
        "const texts = scan.lines.map((number) => runningText(scan, scan.rounds[number]));"
        "return [...texts, moreText(scan)].filter(Boolean); })"
    )
    return evaluate("running.js", js, messages)


def test_the_running_round_is_described_alike(session: ScanSession) -> None:
    session.varying = ["lr", "opt"]
    changes = Changes(session)
    expected, messages = [], []
    session.start_round({"lr": 1e-5, "opt": None, "units": 8})
    for step in (None, None, Step(2, 10), Step(10, 10)):
        if step:
            session.step(step)
        expected.append(running_lines(session))
        messages.append({"all": changes.everything(), **clocks(session)})
        session.end_epoch({"loss": 0.5})
    assert running_texts(messages) == expected
    session.tell("tracing the model")
    expected.append(running_lines(session))
    messages.append({"all": changes.everything(), **clocks(session)})
    assert running_texts(messages) == expected
    texts = [text.removesuffix(" · lr 1e-05, opt None") for (text,) in expected]
    assert texts[:3] == [
        f"round 0 · {text}" for text in ("building the model", "epoch 1", "epoch 3 of 10")
    ]
    assert texts[-1] == "round 0 · tracing the model"


def test_as_many_running_rounds_have_a_line() -> None:
    assert evaluate("scan.js", "MOST_LINES") == MOST_LINES


def test_many_running_rounds_are_described_alike(session: ScanSession) -> None:
    changes = Changes(session)
    expected, messages = [], []
    session.varying = ["lr"]
    for number in range(MOST_LINES + 2):
        session.start_round({"lr": number})
        session.step(Step(number, 10), number)
        expected.append(running_lines(session))
        messages.append({"all": changes.everything(), **clocks(session)})
    assert running_texts(messages) == expected
    assert expected[-1][1:2] == ["round 1 · epoch 2 of 10 · lr 1"]
    assert expected[-1][-1] == "and 2 more"
