"""The front end and its kernel, as far as a kernel can know them."""

import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from talos_magic.doctor.finding import Finding, State
from talos_magic.jupyter.comm_pump import Pump, comm_pump
from talos_magic.jupyter.front_end import can_click, interrupt_name

VARIABLES = {  # of the environment, by which a host is known
    "KAGGLE_KERNEL_RUN_TYPE": "Kaggle",
    "DATABRICKS_RUNTIME_VERSION": "Databricks",
}


def front_end(shell: Any) -> Iterator[Finding]:
    """Yield what runs the cells of a shell, and whether clicks arrive; None is no notebook."""
    kernel = getattr(shell, "kernel", None)
    if shell is None:
        advice = "in a notebook, %talos_doctor says what its page can do"
        yield Finding("front end", "a command line", State.NOTE, advice)
    elif kernel is None:
        found = "IPython in a terminal: a progress bar, then a table; Ctrl+C stops"
        yield Finding("front end", found)
    else:
        yield Finding("front end", front_end_name(shell))
        yield _ipykernel()
        yield _clicks(kernel)
        yield _view(kernel)


def front_end_name(shell: Any) -> str:
    """Return the name of the front end, as far as it is known."""
    if "google.colab" in sys.modules:
        return "Google Colab"
    for variable, name in VARIABLES.items():
        if variable in os.environ:
            return name
    told = shell.kernel.get_parent("shell").get("metadata") or {}
    if "__vsc_ipynb_file__" in shell.user_ns or "vscode" in str(told.get("cellId", "")):
        return "VS Code"
    if "cellId" in told:
        return "JupyterLab or Notebook 7"
    if not can_click(shell.kernel):
        return "none that takes input, such as nbclient, nbconvert or papermill"
    return "one that does not tell its name, such as Notebook 6 or a console"


def _ipykernel() -> Finding:
    try:
        return Finding("ipykernel", version("ipykernel"))
    except PackageNotFoundError:
        return Finding("ipykernel", "another kernel")


def _clicks(kernel: Any) -> Finding:
    name = "clicks"
    if not can_click(kernel):
        return Finding(name, "nobody can click here", State.NOTE, "scans train without buttons")
    with comm_pump(kernel) as pump:
        if type(pump) is not Pump:
            return Finding(name, "arrive while a cell runs")
    advice = f"{interrupt_name()} stops a scan; finished rounds are kept"
    return Finding(name, "do not arrive while a cell runs", State.NOTE, advice)


def _view(kernel: Any) -> Finding:
    if not can_click(kernel):
        return Finding("live view", "the picture that stays, at the end")
    if find_spec("anywidget") is None:
        advice = "pip install anywidget, then restart the kernel and reload the page"
        found = "a picture, redrawn twice a second"
        return Finding("live view", found, State.NOTE, advice)
    return Finding("live view", "widgets; a picture if the page cannot load them")
