"""Time that `%load_ext talos_magic` adds to the start of IPython, each time in a new process."""

import time
from functools import partial
from typing import Any

from measure import OURS, Figure, alternate, fresh, least, show, start

SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""
LOAD = f"""
import sys, time
before = set(sys.modules)
began = time.perf_counter()
shell.run_line_magic("load_ext", "{OURS}")
seconds = time.perf_counter() - began
added = set(sys.modules) - before
"""
HEAVY = ["tensorflow", "keras", "talos", "pandas", "matplotlib", "optuna"]


def timed(setup: str, expression: str) -> dict[str, Any]:
    """Time a whole process, from start to exit."""
    began = time.perf_counter()
    seen: dict[str, Any] = fresh(setup, expression)
    return {"whole": time.perf_counter() - began} | seen


def run(quick: bool) -> list[Figure]:
    repeats = 1 if quick else 7
    mine = f"%load_ext {OURS}"
    loaded = f"{{'load': seconds, 'heavy': sorted(added & set({HEAVY}))}}"
    starts = {
        "bare IPython": partial(timed, SHELL, "{}"),
        mine: partial(timed, SHELL + LOAD, loaded),
    }
    seen = alternate(starts, repeats)
    least_whole = {name: least(results, "whole") for name, results in seen.items()}
    bare = least_whole["bare IPython"]
    show(
        f"Start: whole processes, minima of {repeats} repeats",
        ["start", "seconds", "/ bare", "of it load_ext, ms", "imports of " + ", ".join(HEAVY)],
        [
            (name, f"{whole:.3f}", f"{whole / bare:.2f}", *loading(seen[name]))
            for name, whole in least_whole.items()
        ],
    )
    return [
        Figure("start: IPython with load_ext / bare IPython", least_whole[mine] / bare, 1.1),
        Figure("start: heavy packages imported", len(seen[mine][0]["heavy"]), 0),
    ]


def loading(repeats: list[dict[str, Any]]) -> tuple[str, str]:
    if "load" not in repeats[0]:
        return "-", "-"
    return f"{1000 * least(repeats, 'load'):.0f}", ", ".join(repeats[0]["heavy"]) or "none"


if __name__ == "__main__":
    start(run, __doc__)
