"""What a scan would train, as a list."""

from talos_magic.experiment.dry_run import dry_run
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid


def test_the_combinations_are_listed_below_their_number() -> None:
    plan = Plan.make(Grid({"lr": [0.1, 0.2]}), ScanOptions(seed=1))
    lines = ["2 of 2 combinations (2 lr), seed 1", "lr 0.1", "lr 0.2"]
    assert dry_run(plan).splitlines() == lines
