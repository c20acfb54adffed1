"""How far from a grid's best combination a search ends: `python search.py [--quick]`.

The regret is the best final accuracy in a table of learning curves (see `search_tables.py`) minus
that of the combination that a tool would return, when it has trained as many epochs as 5, 10 and
20 full trainings have.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
from measure import ENV, HERE, OURS, Figure, show, start
from search_contenders import APART, WITH_US
from search_replay import BUDGETS
from search_tables import DATASETS, LCBENCH, ONE_THREAD, trained

SEEDS = 30  # of each search, on each table of LCBench
SLOW = 3  # SMAC3, which takes some seconds a search, has one seed of so many
TRAINED_SEEDS = 5  # of the training
DRAWS = 2  # seeds of the search for each seed of the training
AIMS = {"medium": (3.5, 1.5, 0.8), "small": (1.1, 0.8, 0.0)}
ENVIRONMENT = HERE.parent / ".venv.search"
PACKAGES = ["dehb==0.1.2", "optuna>=5,<6", "smac==2.4.1", "torch==2.13.0"]
Found = dict[str, list[dict[str, Any]]]  # of one search: what `replay` returned, by table


def python_apart() -> Path | None:
    """Return the Python of the peers that need one of their own; made on first use."""
    python, mark = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "complete.txt"
    wanted = "\n".join(PACKAGES)
    if not mark.exists() or mark.read_text() != wanted:
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
            # pip finds wheels of torch for CPUs where it is told a folder of them.
            subprocess.run([python, "-m", "pip", "install", "-qq", *PACKAGES], check=True)
        except subprocess.CalledProcessError:
            print(f"left out, because they cannot be installed here: {', '.join(APART)}")
            return None
        mark.write_text(wanted)
    return python


def replayed(python: Path, name: str, seeds: dict[str, int]) -> Found:
    """Replay one search in a process of its own, with some seeds on each table."""
    if name.startswith("SMAC3"):
        seeds = {table: math.ceil(count / SLOW) for table, count in seeds.items()}
    tables = [f"{table}:{count}" for table, count in seeds.items()]
    command = [python, HERE / "search_replay.py", name, *tables]
    done = subprocess.run(command, env=ENV | ONE_THREAD, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def replay_all(seeds: dict[str, int], apart: Path | None) -> dict[str, Found]:
    """Replay all searches, one on each core; the slowest, which have their own Python, first."""
    pythons = dict.fromkeys(APART, apart) if apart else {}
    pythons |= dict.fromkeys(WITH_US, Path(sys.executable))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {
            name: pool.submit(replayed, python, name, seeds) for name, python in pythons.items()
        }
        return {name: running[name].result() for name in (WITH_US | APART) if name in running}


def regrets(found: Found, tables: Sequence[str]) -> dict[tuple[str, int], list[float]]:
    """Return the regret at each budget, by table and seed."""
    return {
        (table, seed): one["regrets"] for table in tables for seed, one in enumerate(found[table])
    }


def report(title: str, found: dict[str, Found], tables: Sequence[str]) -> list[float]:
    """Print the regrets, and how far behind our best search the peers are; return its medians.

    Our best search is the one with the least sum of medians: chosen after the fact.
    """
    by_name = {name: regrets(of, tables) for name, of in found.items()}
    medians = {name: [*map(median, zip(*of.values(), strict=True))] for name, of in by_name.items()}
    best = min((name for name in found if name.startswith(OURS)), key=lambda n: sum(medians[n]))
    rows, pairs = [], []
    for name, of in by_name.items():
        milliseconds = median(one["ms"] for table in tables for one in found[name][table])
        columns = map(spread, zip(*of.values(), strict=True))
        rows.append([name, *columns, len(of), f"{milliseconds:.1f}"])
        if not name.startswith(OURS):
            behind = [np.subtract(of[key], by_name[best][key]) for key in of]
            pairs.append([name, *map(lead, zip(*behind, strict=True))])
    budgets = [f"{budget} trainings" for budget in BUDGETS]
    show(
        f"{title}: regret in points of accuracy, median (quartiles)",
        ["", *budgets, "searches", "CPU ms a round"],
        rows,
    )
    show(f"{title}: regret beyond that of {best}, by seed", ["", *budgets], pairs)
    return medians[best]


def spread(values: Sequence[float]) -> str:
    """Return the median and the quartiles."""
    first, middle, third = quantiles(values, n=4, method="inclusive")
    return f"{middle:.2f} ({first:.2f} to {third:.2f})"


def lead(differences: Sequence[float]) -> str:
    """Return the median, and in how many cases ours was ahead."""
    ahead, level = (np.mean(np.sign(differences) == sign) for sign in (1, 0))
    return f"{median(differences):+.2f}, ahead {ahead:.0%}, level {level:.0%}"


def run(quick: bool) -> list[Figure]:
    """Print the tables and return the figures."""
    sets = {"small": LCBENCH["small"]} if quick else dict(LCBENCH)
    seeds = {table: 2 if quick else SEEDS for tables in sets.values() for table in tables}
    if not quick:
        for dataset in DATASETS:
            sets[dataset] = trained(dataset, range(TRAINED_SEEDS))
            seeds |= dict.fromkeys(sets[dataset], DRAWS)
    found = replay_all(seeds, None if quick else python_apart())
    medians = {title: report(title, found, tables) for title, tables in sets.items()}
    return [
        Figure(f"regret of our best search on {size}, {budget} trainings", value, aim)
        for size, aims in AIMS.items()
        if size in sets
        for budget, value, aim in zip(BUDGETS, medians[size], aims, strict=True)
    ]


if __name__ == "__main__":
    start(run, __doc__)
