"""The doctor as a whole: it never fails, and says what to do."""

import json
from pathlib import Path

import pytest

from talos_magic.command.command import main
from talos_magic.doctor import packages
from talos_magic.doctor.doctor import examine, folder
from talos_magic.doctor.finding import State

NAMES = {"talos_magic", "Python", "keras", "workers", "front end", "folder of scans"}


@pytest.fixture(autouse=True)
def _imports_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test of the kernel has the doctor import Keras, which takes seconds."""
    monkeypatch.setattr(packages, "installed_modules", lambda: ["json"])


def test_the_command_prints_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--dir", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert f"folder of scans  {tmp_path}, " in text
    assert "%talos_doctor says what its page can do" in text
    assert main(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert {each["name"] for each in findings} >= NAMES
    assert {each["state"] for each in findings} <= {"ok", "note"}


def test_a_problem_ends_the_command_with_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError("no metadata")

    monkeypatch.setattr(packages, "python_and_project", broken)
    assert main(["doctor", "--dir", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("problem")] == [
        "problem  packages         OSError: no metadata"
    ]
    assert len(lines) == 3  # the other parts are told all the same


def test_a_folder_of_the_system_cannot_be_written() -> None:
    (finding,) = folder(Path("/proc/self"))
    assert finding.state == State.PROBLEM
    assert finding.advice == "choose another one with --dir"


def test_a_folder_that_is_yet_to_be_made_is_fine(tmp_path: Path) -> None:
    (finding,) = folder(tmp_path / "new" / "scans")
    assert finding.state == State.OK
    assert not (tmp_path / "new").exists()


def test_a_terminal_has_no_page(tmp_path: Path) -> None:
    found = {each.name: each.found for each in examine(tmp_path, shell=object())}
    assert found["front end"].startswith("IPython in a terminal")
