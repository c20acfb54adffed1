"""Time to open and compare 10,000 rounds of 50 epochs: `python compare.py [--quick]`.

The reference, in the same process: parsing the same two files with the json module.
"""

from typing import Any

from measure import Figure, fresh, least, show, start

ROUNDS, EPOCHS = 10_000, 50
QUICK_ROUNDS = 100
TIMES = {
    "json": "parse the files, nothing else",
    "load": "open the scan",
    "words": "rank it and summarize it",
    "figure": "draw every plot at 100 dpi",
}
SETUP = """
import json, time
from pathlib import Path
import matplotlib
matplotlib.use("agg")
import numpy as np
from talos_magic import ScanResult
from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.plots.overview import plot_all
from talos_magic.analysis.summary import summary

rng = np.random.default_rng(0)
grid = {"lr": np.geomspace(1e-4, 1, 20).round(6).tolist(), "units": list(range(16, 416, 16)),
        "dropout": [0, 0.1, 0.3], "opt": ["Adam", "SGD"], "act": ["relu", "elu"]}
folder = Path("big/2026-11-25_100000")
folder.mkdir(parents=True)
rise = 1 - np.exp(-np.arange(1, EPOCHS + 1) / 8)
paths = [folder / "round_data.jsonl", folder / "epochs.jsonl"]
with paths[0].open("w") as rounds, paths[1].open("w") as epochs:
    for number in range(ROUNDS):
        params = {name: values[rng.integers(len(values))] for name, values in grid.items()}
        top = 0.9 - 0.1 * (np.log10(params["lr"]) + 2.5) ** 2 - 0.1 * params["dropout"]
        curve = (top * rise + rng.normal(0, 0.02, EPOCHS)).round(5).tolist()
        history = {"accuracy": curve, "loss": curve, "val_accuracy": curve, "val_loss": curve}
        last = {name: values[-1] for name, values in history.items()}
        row = {"start": "", "end": "", "duration": 1.0, **last, **params}
        record = {"round_index": number, "row": row, "params": params, "history": history}
        rounds.write(json.dumps(record) + "\\n")
        begun = {"round": number, "epoch": None, "params": params, "seed": 1}
        epochs.write(json.dumps(begun) + "\\n")
        for epoch, value in enumerate(curve):
            metrics = dict.fromkeys(history, value)
            epochs.write(json.dumps({"round": number, "epoch": epoch, **metrics}) + "\\n")
metadata = {"experiment_name": "big", "params": grid, "details": {"status": "complete"},
            "objective": {"metric": "val_accuracy", "direction": "max"}}
(folder / "metadata.json").write_text(json.dumps(metadata))

times = {}
def timed(name, act):
    began = time.perf_counter()
    made = act()
    times[name] = time.perf_counter() - began
    return made

timed("json", lambda: [[json.loads(line) for line in path.open()] for path in paths])
scan = timed("load", lambda: ScanResult.load(folder))
comparison = Comparison.of(scan)
timed("words", lambda: summary(comparison))
timed("figure", lambda: plot_all(comparison).savefig("all.png", dpi=100))
"""


def run(quick: bool) -> list[Figure]:
    rounds, times = (QUICK_ROUNDS, 1) if quick else (ROUNDS, 3)
    setup = f"ROUNDS, EPOCHS = {rounds}, {EPOCHS}\n{SETUP}"
    repeats: list[dict[str, Any]] = [fresh(setup, "times") for _ in range(times)]
    best = {name: least(repeats, name) for name in TIMES}
    show(
        f"{rounds:,} rounds of {EPOCHS} epochs, seconds, minima of {len(repeats)}",
        ["what", "s"],
        [(TIMES[name], f"{value:.1f}") for name, value in best.items()],
    )
    return [
        Figure(f"compare: open {rounds:,} rounds / parse them", best["load"] / best["json"], 5),
        Figure("compare: plot them / parse them", best["figure"] / best["json"], 5),
    ]


if __name__ == "__main__":
    start(run, __doc__)
