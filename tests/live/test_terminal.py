"""A plain IPython terminal: a progress line and a table instead of a widget."""

import subprocess
import sys
from pathlib import Path

from talos_magic.live.terminal import text_table
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
    assert "round  loss   lr  epochs  time" in ran.stdout
    assert "best: round 0 · loss 0.1 · lr 0.1" in ran.stdout
    assert "rounds: 2" in ran.stdout


def test_the_table_is_ranked_and_tells_failures() -> None:
    session = ScanSession(total=3)
    session.begin()
    for value in (0.2, 0.1):
        session.start_round({"lr": value})
        session.finish_round({"loss": [value]})
    session.start_round({"lr": 9.0})
    session.fail_round("ValueError: bad", "")
    assert text_table(session).splitlines() == [
        "round    loss   lr  epochs  time",
        "    1     0.1  0.1       1  0:00",
        "    0     0.2  0.2       1  0:00",
        "    2  failed    9       0  0:00",
        "best: round 1 · loss 0.1 · lr 0.1",
    ]


def test_a_scan_without_rounds_has_a_line() -> None:
    assert text_table(ScanSession(total=3)) == "no round has ended"
