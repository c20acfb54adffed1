"""The grid editor's cost: opening it, one edit, a grid too large to be listed.

Each time is measured next to its reference in one process: `python grid_editor.py [--quick]`.
"""

from typing import Any

from measure import Figure, Kernel, least, show, start

ROWS = 40
TIMES = {
    "open": f"open an editor of {ROWS} rows",
    "bare": f"{10 * ROWS} bare text boxes",
    "drag": "a move of one of its sliders",
    "alone": "a move of a bare slider",
    "small": "open 10^3 combinations, draw 20",
    "huge": "open 10^12 combinations, draw 20",
    "counted": "count those of 10^12 that meet a condition on two hyperparameters",
}
SETUP = """
import time
from talos_magic import Grid, GridEditor
from talos_magic.grid.condition import Condition, count
params = {f"p{n}": [0.1, 0.2, 0.4] for n in range(ROWS - 1)} | {"units": (32, 160, 4)}

def milliseconds(act, times=1):
    began = time.perf_counter()
    for n in range(times):
        act(n)
    return (time.perf_counter() - began) / times * 1000
""".replace("ROWS", str(ROWS))

OPEN = """
import ipywidgets
bare = milliseconds(lambda _: [ipywidgets.Text() for _ in range(10 * ROWS)])
opened = milliseconds(lambda _: globals().update(editor=GridEditor(params)))
""".replace("ROWS", str(ROWS))

EDIT = """
slider = editor.rows["units"].contents.slider
alone = ipywidgets.SelectionRangeSlider(options=range(100), index=(2, 9))
drag = milliseconds(lambda n: setattr(slider, "index", (2, 8 + n % 5)), 100)
bare_drag = milliseconds(lambda n: setattr(alone, "index", (2, 10 + n % 5)), 100)
"""

HUGE = """
small, huge = ({f"p{n}": list(range(10)) for n in range(size)} for size in (3, 12))
grids = {}
sizes = {}
for name, params_ in (("small", small), ("huge", huge)):
    def work(_, params_=params_, name=name):
        grids[name] = Grid(params_)
        grids[name].sample(20, seed=1)
    sizes[name] = milliseconds(work, 20)
where = Condition("params['p0'] + params['p1'] < 5", {})
counted = milliseconds(lambda _: count(grids["huge"], where), 5)
"""


def measured() -> dict[str, Any]:
    with Kernel(SETUP) as kernel:
        times: dict[str, Any] = kernel.run(OPEN, "{'open': opened, 'bare': bare}")
        times |= kernel.run(EDIT, "{'drag': drag, 'alone': bare_drag}")
        times |= kernel.run(HUGE, "{**sizes, 'counted': counted}")
    return times


def run(quick: bool) -> list[Figure]:
    repeats = [measured() for _ in range(1 if quick else 5)]
    best = {name: least(repeats, name) for name in repeats[0]}
    show(
        f"Grid editor, ms in the kernel, minima of {len(repeats)}",
        ["what", "ms"],
        [(TIMES[name], f"{value:.2f}") for name, value in best.items()],
    )
    return [
        Figure("editor: to open / ten text boxes a row", best["open"] / best["bare"], 3),
        Figure("editor: a move of its slider / a bare slider's", best["drag"] / best["alone"], 20),
        Figure("grid: open and draw 20 of 10^12 / of 10^3", best["huge"] / best["small"], 5),
    ]


if __name__ == "__main__":
    start(run, __doc__)
