"""A plain IPython terminal: a progress line and a table instead of a widget."""

import subprocess
import sys
from pathlib import Path

import pytest

from talos_magic.live.terminal import TerminalView
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession

SCRIPT = """\
%load_ext talos_magic
params = {"lr": [0.1, 0.2]}
get_ipython().run_cell_magic("talos_scan", "demo", "return {'loss': [params['lr']]}, None")
print("rounds:", len(scan.data))
"""


def test_a_terminal_gets_a_progress_line_and_a_table(tmp_path: Path) -> None:
    script = tmp_path / "demo.ipy"
    script.write_text(SCRIPT)
    ran = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", str(script)],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "2/2" in ran.stderr
    assert "epoch 1, best 0.1, loss 0.2]" in ran.stderr
    assert "round  loss  best epoch   lr  time" in ran.stdout
    assert "best: round 0 · loss 0.1 · lr 0.1" in ran.stdout
    assert "done · 2 of 2 rounds · " in ran.stdout
    assert "saved in demo/" in ran.stdout
    assert "rounds: 2" in ran.stdout


def test_it_says_what_goes_on_until_the_first_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    session = ScanSession(name="demo", total=4)
    bar = TerminalView(session)._bar
    said = []
    session.subscribe(lambda _: said.append(bar.postfix))
    session.begin()
    for _ in range(2):
        session.start_round({"lr": 0.1})
        session.tell("tracing the model")
        session.end_epoch({"loss": 0.5})
        session.finish_round({"loss": [0.5]})
    session.end("stopped")
    assert said[:3] == ["preparing the search", "building the model", "tracing the model"]
    assert said[3] == "epoch 1, loss 0.5"
    assert not {*said[4:]} & {*said[:3]}


def test_of_several_rounds_an_epoch_says_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    session = ScanSession(name="demo", total=4)
    view = TerminalView(session)
    session.begin()
    for number in range(2):
        session.start_round({"lr": number})
    session.end_epoch({"loss": 0.5}, number=0)
    assert view._bar.postfix == "round 0, epoch 1, loss 0.5"
    session.finish_round({"loss": [0.5]}, number=0)
    session.end_epoch({"loss": 0.4}, number=1)
    assert view._bar.postfix == "about 0:00 left, epoch 1, best 0.5, loss 0.4"
    session.end("stopped")


def test_a_resume_begins_with_the_rounds_that_were_done(capsys: pytest.CaptureFixture[str]) -> None:
    session = ScanSession(name="demo", total=4)
    view = TerminalView(session)
    session.restore([Round(0, {"lr": 0.1}, status="done", metrics={"loss": 0.1})])
    session.begin()
    session.start_round({"lr": 0.2})
    session.finish_round({"loss": [0.2]})
    assert view._bar.n == 2
    session.end("stopped", "stopped by you")
    printed = capsys.readouterr()
    assert "2/4" in printed.err
    assert "stopped by you · 2 of 4 rounds" in printed.out


def test_paused_rounds_count_and_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    session = ScanSession(name="demo", total=4)
    view = TerminalView(session)
    session.begin()
    for number in range(2):
        session.start_round({"lr": number})
        session.end_epoch({"loss": 0.5})
        session.rounds[number].saved_epochs = 1
        session.pause_round()
    assert view._bar.n == 2
    session.continue_round(session.rounds[0])
    session.end_epoch({"loss": 0.4})
    assert view._bar.n == 1
    assert view._bar.postfix == "about 0:00 left, 1 paused, epoch 2, loss 0.4"
    session.pause_round()
    session.drop_paused()
    assert view._bar.n == 2
    session.end("done")
    assert "done · 2 of 4 rounds · 2 pruned" in capsys.readouterr().out
