"""What ``--dry-run`` prints."""

from itertools import groupby, islice

from talos_magic.grid.spec import combination_key
from talos_magic.plan import Plan
from talos_magic.search.strategies import GUIDED, beginning
from talos_magic.words import in_words

LONGEST = 50  # combinations


def dry_run(plan: Plan) -> str:
    """List the combinations that a plan would train, and say what is to be minded.

    Examples
    --------
    >>> from talos_magic.grid.grid import Grid
    >>> from talos_magic.options import ScanOptions
    >>> print(dry_run(Plan.make(Grid({"lr": [0.1, 0.2]}), ScanOptions(seed=1))))
    2 of 2 combinations (2 lr), seed 1
    lr 0.1
    lr 0.2
    """
    total, grid = plan.session.total - len(plan.session.rounds), plan.editable
    factors = " x ".join(f"{len(d.values)} {d.name}" for d in grid.active)
    repeats = plan.session.repeats
    count = -(-total // repeats)
    times = f", {repeats} times each" if repeats > 1 else ""
    of = f"{count} of {grid.size} combinations"
    if plan.ranges:
        of = f"{count} combinations of the grid and between its steps"
    lines = [f"{of} ({factors}){times}, seed {plan.session.seed}"]
    each = (next(same) for _, same in groupby(plan.queue, key=combination_key))
    search, longest = plan.options.strategy, LONGEST
    if search in GUIDED:  # what is certain: what follows depends on how that will have done
        longest = max(beginning(search, grid, plan.ranges) - len(plan.session.combinations), 1)
    lines += [in_words(labels) for labels in islice(each, longest)]
    if count > longest:
        how = ", chosen by what the first will have shown" if search in GUIDED else ""
        lines.append(f"... and {count - longest} more{how}")
    return "\n".join([*lines, *plan.session.notices])
