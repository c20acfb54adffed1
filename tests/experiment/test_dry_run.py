"""What a scan would train, as a list."""

from pathlib import Path

from talos_magic import run_scan
from talos_magic.experiment.dry_run import dry_run
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from tests.search.conformance import MIXED, train


def test_the_combinations_are_listed_below_their_number() -> None:
    plan = Plan.make(Grid({"lr": [0.1, 0.2]}), ScanOptions(seed=1))
    lines = ["2 of 2 combinations (2 lr), seed 1", "lr 0.1", "lr 0.2"]
    assert dry_run(plan).splitlines() == lines


def test_the_rounds_of_a_race_are_told_from_the_least_to_the_most() -> None:
    plan = Plan.make(Grid({"lr": [0.1, 0.2]}), ScanOptions(seed=1, repeats=5, race=True))
    first, *_, last = dry_run(plan).splitlines()
    assert first == "2 of 2 combinations (2 lr), 2 times each, seed 1"
    assert last == (
        "--race: 2 combinations are trained twice, then those that may be the best up to 5 times: "
        "4 to 10 rounds"
    )


def test_what_an_earlier_scan_chooses_is_listed_and_no_more(tmp_path: Path) -> None:
    run_scan(train, MIXED, name="iris", rounds=9, root=tmp_path, seed=1)
    options = ScanOptions(seed=1, search="bayes", rounds=4, warm_start="iris")
    _, _, more, notice = dry_run(Plan.make(Grid(MIXED), options, root=tmp_path)).splitlines()
    assert more == "... and 3 more, chosen by the results of the first"
    assert notice.startswith("learns from 9 of the 9 rounds of iris (")
