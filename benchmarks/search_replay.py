"""Replays one search on tables of curves and prints what it found at each budget, as JSON.

`python search_replay.py SEARCH TABLE:SEEDS...`; `search.py` runs it, in an environment that has
the search.
"""

import json
import sys
import time
from typing import Any

from search_contenders import APART, WITH_US, Search
from search_tables import Table, load

BUDGETS = (5, 10, 20)  # full trainings


def replay(search: Search, table: Table, seed: int) -> dict[str, Any]:
    """Return the regret at each budget, and the CPU time of a round.

    A search that would return nothing yet has the regret of the worst combination.
    """
    regrets = dict.fromkeys(BUDGETS, max(map(table.regret, range(len(table.curves)))))
    most = max(BUDGETS) * table.epochs
    began, rounds = time.process_time(), 0
    for spent, row in search(table, seed, most):
        rounds += 1
        for budget in BUDGETS:
            if spent <= budget * table.epochs:
                regrets[budget] = table.regret(row)
        if spent >= most:
            break
    milliseconds = 1000 * (time.process_time() - began) / rounds
    return {"regrets": [regrets[budget] for budget in BUDGETS], "ms": milliseconds}


def main(name: str, *tables: str) -> None:
    search = (WITH_US | APART)[name]
    found = {}
    for place, argument in enumerate(tables):
        table, _, seeds = argument.partition(":")
        found[table] = [
            replay(search, load(table), 1000 * place + seed) for seed in range(int(seeds))
        ]
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
