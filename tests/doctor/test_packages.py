"""Packages that are missing, old or broken, as seen from the project's own metadata."""

from importlib.metadata import PackageNotFoundError

import pytest

from talos_magic.doctor import packages
from talos_magic.doctor.finding import State
from talos_magic.doctor.packages import (
    extras,
    installed_modules,
    needed_packages,
    python_and_project,
)

REQUIRES = [
    "anywidget>=0.9.18",
    "tensorflow>=2.18",
    "tqdm>=4",
    'distributed>=2025.2; extra == "workers"',
    'cloudpickle>=3; extra == "workers"',
    'pytest>=8; extra == "test"',
]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The installed packages, which the test sets."""
    known = {"anywidget": "0.9.21", "tensorflow": "2.20.0", "tqdm": "4.67.0"}

    def version(name: str) -> str:
        if name not in known:
            raise PackageNotFoundError(name)
        return known[name]

    monkeypatch.setattr(packages, "version", version)
    monkeypatch.setattr(packages, "requires", lambda _: REQUIRES)
    return known


def test_what_is_needed_and_there_is_ok(installed: dict[str, str]) -> None:
    anywidget, tensorflow, others = needed_packages({}, without=set())
    assert (anywidget.found, tensorflow.state) == ("0.9.21", State.OK)
    assert (others.name, others.found) == ("other packages", "tqdm 4.67.0")


def test_what_is_missing_or_old_comes_with_its_command(installed: dict[str, str]) -> None:
    installed.update(tqdm="3.9")
    del installed["anywidget"]
    anywidget, _, tqdm = needed_packages({}, without=set())
    assert (anywidget.found, anywidget.state) == ("missing", State.PROBLEM)
    assert anywidget.advice == 'pip install "anywidget>=0.9.18"'
    assert (tqdm.found, tqdm.advice) == ("3.9", 'pip install "tqdm>=4"')
    assert installed_modules() == ["tensorflow", "tqdm"]


def test_what_is_broken_is_named_with_its_error(installed: dict[str, str]) -> None:
    anywidget, *_ = needed_packages({"anywidget": "ImportError: no"}, without=set())
    assert (anywidget.found, anywidget.state) == ("0.9.21: ImportError: no", State.PROBLEM)


def test_another_backend_needs_no_tensorflow(installed: dict[str, str]) -> None:
    del installed["tensorflow"]
    names = [each.name for each in needed_packages({}, without={"tensorflow"})]
    assert names == ["anywidget", "other packages"]


def test_an_extra_comes_with_the_command_that_brings_it(installed: dict[str, str]) -> None:
    installed.update(distributed="2026.1")
    found = {each.name: each for each in extras()}
    assert "test" not in found
    workers = found["workers"]
    assert workers.found == "distributed 2026.1, cloudpickle missing"
    assert (workers.state, workers.advice) == (State.NOTE, 'pip install "talos_magic[workers]"')


def test_this_environment_has_a_python_that_fits() -> None:
    assert [each.state for each in python_and_project()] == [State.OK, State.OK]
