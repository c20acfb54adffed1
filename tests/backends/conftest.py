"""A notebook in an environment whose Keras has another backend than TensorFlow."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .environments import python_of

RunOn = Callable[..., str]

NOTEBOOK = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(colors="NoColor")
for cell in json.load(sys.stdin):
    shell.run_cell(cell).raise_error()
"""


@pytest.fixture(params=["torch", pytest.param("jax", marks=pytest.mark.long)])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def run_on(tmp_path: Path) -> RunOn:
    """Run a file or the cells of a notebook with a backend's Python; return what is printed."""

    def run(backend: str, *cells: str, file: str = "", keras_backend: str = "") -> str:
        command = [python_of(backend), *([file] if file else ["-c", NOTEBOOK])]
        others = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
        ran = subprocess.run(
            command,
            input=json.dumps(cells),
            capture_output=True,
            cwd=tmp_path,
            env=others | ({"KERAS_BACKEND": keras_backend} if keras_backend else {}),
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    return run


def last_line(printed: str) -> Any:
    """The JSON in the last line."""
    return json.loads(printed.splitlines()[-1])
