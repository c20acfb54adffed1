"""Run every benchmark and print all figures with their aims: `python -m benchmarks [--quick]`."""

import importlib
import sys
import time
from pathlib import Path

# The scripts import each other by bare names, so that each also runs alone.
sys.path.insert(0, str(Path(__file__).parent))

from measure import Figure, show, show_figures, wants_quick

BENCHMARKS = [
    "startup",
    "grid_editor",
    "compare",
    "search",
    "search_costs",
    "live_view",
    "insight",
    "frames",
    "controls",
    "memory",
    "overhead",
    "resume",
    "training",
    "shared_graphs",
    "workers",
    "many_workers",
]


def main() -> None:
    quick = wants_quick(__doc__)
    figures: list[Figure] = []
    seconds: dict[str, float] = {}
    for name in BENCHMARKS:
        began = time.perf_counter()
        figures += importlib.import_module(name).run(quick)
        seconds[name] = time.perf_counter() - began
    show_figures(figures)
    total = sum(seconds.values())
    show(
        f"Time taken: {total / 60:.1f} minutes",
        ["benchmark", "seconds"],
        [(name, f"{spent:.0f}") for name, spent in seconds.items()],
    )


if __name__ == "__main__":
    main()
