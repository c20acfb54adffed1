"""What is decided before a scan's first round, and the session and queue made from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from talos_magic.cell.notebook_source import objects_used
from talos_magic.cell.syntax import DATA
from talos_magic.experiment.options import ScanOptions
from talos_magic.formatting import pluralize
from talos_magic.grid.condition import leaves_out_nothing
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.queue import Queue
from talos_magic.resume.edited_grid import added_values, grid_as_edited, ranges_as_edited
from talos_magic.resume.find import check_same
from talos_magic.resume.identity import ScanIdentity
from talos_magic.resume.process_deaths import ProcessDeaths
from talos_magic.resume.warm_start import EarlierScan
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.scan.stop_rules import reason_to_stop
from talos_magic.search.pruning import PRUNERS
from talos_magic.search.race import Race
from talos_magic.search.strategies import ADAPTIVE, UNSEEDED, startup_count, strategy
from talos_magic.storage.saved_scan import CELL, DAMAGED, SURROUNDINGS, SavedScan
from talos_magic.training.data import TrainingData
from talos_magic.values.labels import Label, label_key

if TYPE_CHECKING:  # it imports numpy, which takes a while
    from talos_magic.search.adaptive import Include


@dataclass(frozen=True)
class ScanSetup:
    """What is decided before a scan's first round."""

    options: ScanOptions
    grid: Grid  # of a resumed scan, with the edits of the earlier run
    data: TrainingData
    identity: ScanIdentity
    namespace: Mapping[str, Any] | None = None  # the notebook's variables
    ranges: Mapping[str, Dimension] = field(default_factory=dict)  # searched between their ends
    learns_from: EarlierScan | None = None
    saved: SavedScan | None = None  # the scan to resume
    added: str = ""  # values that the params have gained since
    notices: Sequence[str] = ()  # how this run differs from the earlier one
    deaths: ProcessDeaths = field(default_factory=lambda: ProcessDeaths(None))

    @property
    def objects(self) -> dict[str, Any]:
        """The notebook's variables that the model function uses, and its data, by name."""
        sources = self.identity.sources
        used = objects_used(sources[CELL], sources[SURROUNDINGS], self.namespace or {})
        return used | dict(zip(DATA, self.data.arguments, strict=True))

    @property
    def known_before(self) -> int:
        """How many rounds of an earlier scan a search learns from."""
        return 0 if self.learns_from is None else self.learns_from.known

    @property
    def last(self) -> list[dict[str, Label]]:
        """The combinations that come after all others, because the process died in their rounds.

        A search that learns, or a pruner, would go another way without their results.
        """
        learns = self.options.strategy in ADAPTIVE or self.options.prune in PRUNERS
        return [] if learns else self.deaths.combinations

    def resuming(self, saved: SavedScan) -> "ScanSetup":
        """Return the setup that resumes an earlier scan; raise a ResumeError if it was another."""
        notices = check_same(saved, self.identity)
        grid = grid_as_edited(saved, self.grid)
        return replace(
            self,
            grid=grid,
            ranges=ranges_as_edited(saved, self.ranges, grid),
            saved=saved,
            added=added_values(saved, self.grid),
            notices=notices,
            deaths=ProcessDeaths(saved),
        )


def make_session(options: ScanOptions) -> ScanSession:
    """Make a session that has not begun."""
    session = ScanSession(
        name=options.name,
        seed=options.seed,
        metric=options.metric,
        minimize=options.minimize,
        by_best_epoch=options.score == "best",
        time_limit=options.time,
        target=options.target,
        patience=options.patience,
        second_metric=options.second_metric or "",
        repeats=options.first_repeats,
        has_folds=options.folds is not None,
    )
    session.stop_rule = reason_to_stop
    return session


def make_queue(setup: ScanSetup, session: ScanSession, include: "Include") -> Queue:
    """Make the queue of the combinations that the session's rounds leave to train."""
    options = setup.options
    tried, again = [], []
    for round_ in session.rounds:
        is_retried = options.retry and round_.status == RoundStatus.FAILED
        if is_retried or round_.status == RoundStatus.STOPPED:  # in flight when the scan ended
            again.append(dict(round_.params))
        elif round_.error != DAMAGED:
            tried.append(dict(round_.params))
    search = strategy(
        options.strategy,
        session,
        order=options.order,
        sample=options.sample,
        ranges=setup.ranges,
        include=include,
        where=options.where,
        warm_start=None if setup.learns_from is None else setup.learns_from.warm_start,
    )
    return Queue(
        setup.grid,
        where=options.where,
        search=search,
        grows=bool(setup.ranges),
        count=options.rounds,
        fraction=options.fraction,
        repeats=options.first_repeats,
        tried=tried,
        again=again,
        last=setup.last,
    )


def make_race(setup: ScanSetup, session: ScanSession, queue: Queue) -> Race | None:
    """Make the race that follows the queue; None if all combinations get the same rounds."""
    options = setup.options
    if not options.race:
        return None

    def is_open(labels: Mapping[str, Label]) -> bool:
        number = queue.grid.number(labels)
        where = options.where
        return number is not None and (where is None or bool(where(queue.grid.combination(number))))

    failed = [r for r in session.rounds if r.status == RoundStatus.FAILED]
    return Race(
        session,
        options.repeats,
        queue_left=lambda: queue.left,
        is_open=is_open,
        ignored={r.number for r in failed if options.retry or r.error == DAMAGED},
    )


def varying(grid: Grid, rounds: Sequence[Round]) -> list[str]:
    """Name the hyperparameters that have, or had, several values; all of them if none has."""
    seen = {dimension.name: set(map(label_key, dimension.labels)) for dimension in grid.active}
    for params in (round_.params for round_ in rounds if round_.error != DAMAGED):
        for name in seen.keys() & params.keys():
            seen[name].add(label_key(params[name]))
    return [name for name, labels in seen.items() if len(labels) > 1] or list(seen)


def option_notices(setup: ScanSetup, count: int) -> Iterator[str]:
    """Say which options have less effect on `count` combinations than the user may expect."""
    options, grid = setup.options, setup.grid
    if setup.learns_from is not None:
        yield setup.learns_from.notice
    if options.sample in UNSEEDED:
        yield f"--sample {options.sample} has no seed: each resume draws anew"
    combinations = pluralize(count, "combination")
    wanted = None if options.retry or options.fraction is not None else options.rounds
    if wanted is not None and count < wanted:
        which = "" if options.where is None else " that meet the condition"
        yield f"--rounds {wanted} is more than there are: {combinations}{which}"
    if leaves_out_nothing(grid, options.where):
        yield "--where leaves out no combination"
    if options.strategy in ADAPTIVE:
        first = startup_count(options.strategy, grid)
        if count + setup.known_before <= first:
            yield (
                f"--search {options.strategy} spreads its first {first} combinations over the grid "
                f"and then chooses: with {count} it never chooses"
            )
