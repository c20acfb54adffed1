"""Run every benchmark and print one table of figures and aims: `python -m benchmarks`."""

import importlib
import sys
import time
from pathlib import Path

# The scripts import each other by bare names, as they do when they run alone.
sys.path.insert(0, str(Path(__file__).parent))

from measure import show_figures, wants_quick

BENCHMARKS = [
    "startup",
    "grid_editor",
    "compare",
    "search",
    "live_view",
    "frames",
    "controls",
    "memory",
    "overhead",
    "training",
]


def main() -> None:
    quick = wants_quick(__doc__)
    began = time.perf_counter()
    figures = [figure for name in BENCHMARKS for figure in importlib.import_module(name).run(quick)]
    show_figures(figures)
    print(f"{(time.perf_counter() - began) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
