"""Time from a click to its effect: every control, during a real training, in every stack.

The time is measured in the page, from the click until the page shows its effect, in the middle of a
round. While Keras builds and traces a model, for about a second, the kernel receives no message;
these figures leave that out. The stacks run one after the other.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from measure import Figure, show, start
from playwright.sync_api import BrowserContext, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.browser.conftest import CHROMIUM, FLAGS, PAGES
from tests.browser.front_end import NotebookPage, write_notebook
from tests.browser.server import JupyterServer, Kind
from tests.browser.training import SETUP, scan
from tests.kernel.versions import OTHERS, folder_of

# Clicks and returns the milliseconds until a condition holds, checked at every change of the page.
CLICK = """([label, condition]) => new Promise((resolve, reject) => {
    const live = document.querySelector(".talos-live");
    const holds = new Function("live", "before", `return ${condition}`);
    const before = live.querySelector(".talos-where").textContent.split(" · ")[0];
    const button = [...live.querySelectorAll("button")].find((b) => b.textContent === label);
    if (!button) return reject(new Error(`no button ${label}`));
    const began = performance.now();
    const look = () => {
        if (!holds(live, before)) return;
        observer.disconnect();
        resolve(performance.now() - began);
    };
    const observer = new MutationObserver(look);
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    observer.observe(document.body, all);
    button.click();
    setTimeout(() => reject(new Error(`${label} had no effect`)), 20000);
})"""
STATE = "live.querySelector('.talos-state').textContent"
# "Stop after round" is missing: the page shows it before the kernel has received it. Its message
# takes the same way as that of Pause.
CONTROLS = {
    "Pause": [("Pause", f"{STATE} === 'paused'"), ("Resume", f"{STATE} === 'running'")],
    "Edit grid": [
        ("Edit grid", "document.querySelector('.talos-editor')"),
        ("Close editor", "!document.querySelector('.talos-editor')"),
    ],
    "Skip round": [
        ("Skip round", "live.querySelector('.talos-where').textContent.split(' · ')[0] !== before")
    ],
}
# The first epoch of a round traces the model's functions.
TRAINS = """() => {
    const epoch = /epoch (\\d+) of/.exec(document.querySelector(".talos-running").textContent);
    return epoch && Number(epoch[1]) > 1;
}"""
STOP = ("Stop", "!document.querySelector('.talos-live')")
PARAMS = "params['units'] = list(range(8, 108))"
CELL = scan("100000").replace("digits", "digits --fresh", 1)


class Stack(NamedTuple):
    """A front end and the version of its ipykernel; None is the one of this environment."""

    name: str
    kind: Kind
    ipykernel: str | None = None


STACKS = [
    Stack("JupyterLab", "lab"),
    *(Stack(f"JupyterLab, ipykernel {version}", "lab", version) for version in OTHERS),
    Stack("Notebook 7", "notebook"),
    Stack("Colab stand-in", "colab"),
]


@contextmanager
def opened(stack: Stack, context: BrowserContext) -> Iterator[NotebookPage]:
    folder = None if stack.ipykernel is None else folder_of(stack.ipykernel)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        JupyterServer(Path(root), stack.kind, folder) as server,
    ):
        path = Path(root, "notebook.ipynb")
        write_notebook(path, [SETUP + PARAMS, CELL])
        page = PAGES[stack.kind](context.new_page(), server, path)
        try:
            page.open()
            yield page
        finally:
            page.close()


def latencies(stack: Stack, context: BrowserContext, scans: int) -> dict[str, list[float]]:
    """Return the milliseconds of each control's clicks."""
    found: dict[str, list[float]] = {name: [] for name in (*CONTROLS, "Stop")}
    with opened(stack, context) as page:
        page.run(0)
        page.wait_done(0)
        for _ in range(scans):
            page.run(1)
            page.wait_for_text(1, "epoch 2 of", timeout=120)
            for _ in range(4 if scans > 1 else 1):
                for name, clicks in CONTROLS.items():
                    for click in clicks:
                        page.button(1, click[0]).wait_for()
                        page.page.wait_for_function(TRAINS)
                        page.page.wait_for_timeout(300)  # two clicks at once are one
                        found[name].append(page.page.evaluate(CLICK, click))
            page.page.wait_for_function(TRAINS)
            found["Stop"].append(page.page.evaluate(CLICK, STOP))
            page.wait_idle()
    return found


def run(quick: bool) -> list[Figure]:
    stacks, scans = (STACKS[:1], 1) if quick else (STACKS, 2)
    rows, medians = [], []
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as chromium,
    ):
        context = chromium.new_context()
        for stack in stacks:
            found = latencies(stack, context, scans)
            rows.append((stack.name, *map(summary, found.values())))
            medians += [statistics.median(times) for times in found.values()]
    show(
        "Click to effect in a real Keras training: median / 95th percentile, milliseconds",
        ["stack", *CONTROLS, "Stop"],
        rows,
    )
    return [Figure("click to effect: worst median, s", max(medians) / 1000, 0.3)]


def summary(times: list[float]) -> str:
    late = sorted(times)[min(len(times) - 1, round(0.95 * len(times)))]
    return f"{statistics.median(times):.0f} / {late:.0f} ({len(times)})"


if __name__ == "__main__":
    start(run, __doc__)
