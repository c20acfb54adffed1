"""List the combinations that a scan would train: ``--dry-run``."""

from itertools import groupby, islice

from talos_magic.experiment.plan import Plan
from talos_magic.formatting import format_params
from talos_magic.search.strategies import ADAPTIVE, startup_count
from talos_magic.values.labels import combination_key

MAX_LISTED = 50  # combinations


def dry_run(plan: Plan) -> str:
    """List the combinations that a plan would train, and its notices."""
    session, search = plan.session, plan.setup.options.strategy
    count = -(-(session.total - session.finished) // session.repeats)
    combinations = (next(same) for _, same in groupby(plan.queue, key=combination_key))
    listed = MAX_LISTED
    if search in ADAPTIVE:  # what follows depends on how the first ones do
        startup = startup_count(search, plan.editable, plan.ranges)
        listed = max(startup - len(session.combinations) - plan.setup.known_before, 1)
    lines = [_headline(plan, count)]
    lines += [format_params(labels) for labels in islice(combinations, listed)]
    if count > listed:
        how = ", chosen by the results of the first" if search in ADAPTIVE else ""
        lines.append(f"... and {count - listed} more{how}")
    return "\n".join([*lines, *session.notices])


def _headline(plan: Plan, count: int) -> str:
    grid, repeats = plan.editable, plan.session.repeats
    factors = " x ".join(f"{len(d.values)} {d.name}" for d in grid.active)
    combinations = f"{count} of {grid.size} combinations"
    if plan.ranges:
        combinations = f"{count} combinations of the grid and between its steps"
    times = f", {repeats} times each" if repeats > 1 else ""
    return f"{combinations} ({factors}){times}, seed {plan.session.seed}"
