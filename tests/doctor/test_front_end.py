"""The front end's name, from what a kernel knows of it."""

from types import SimpleNamespace
from typing import Any

import pytest

from talos_magic.doctor.finding import State
from talos_magic.doctor.front_end import VARIABLES, front_end, front_end_name


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def shell(metadata: Any = None, *, stdin: bool = True, **variables: Any) -> Any:
    """A shell whose kernel has received a request with these metadata."""
    request = {"metadata": metadata or {}}
    kernel = SimpleNamespace(_allow_stdin=stdin, get_parent=lambda _channel: request)
    return SimpleNamespace(kernel=kernel, user_ns=variables)


@pytest.mark.parametrize(
    ("shell", "name"),
    [
        (shell({"cellId": "4f2c", "deletedCells": []}), "JupyterLab or Notebook 7"),
        (shell({"cellId": "vscode-notebook-cell:/a.ipynb#W0"}), "VS Code"),
        (shell(__vsc_ipynb_file__="/a.ipynb"), "VS Code"),
        (shell(stdin=False), "none that takes input, such as nbclient, nbconvert or papermill"),
        (shell(), "one that does not tell its name, such as Notebook 6 or a console"),
    ],
)
def test_a_front_end_has_a_name(shell: Any, name: str) -> None:
    assert front_end_name(shell) == name


def test_a_host_is_known_by_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    assert front_end_name(shell()) == "Kaggle"


def test_a_kernel_that_hears_no_clicks_is_noted() -> None:
    found = {each.name: each for each in front_end(shell())}
    assert found["clicks"].state == State.NOTE
    assert found["clicks"].found == "do not arrive while a cell runs"
    assert "interrupt stops a scan" in found["clicks"].advice
