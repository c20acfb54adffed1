"""What is left of a scan to train: it can be edited while the scan runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from talos_magic.cell.notebook_source import held_arrays
from talos_magic.errors import InvalidInputError, ScanError
from talos_magic.experiment.option_table import NONE
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.round_order import RoundOrder
from talos_magic.experiment.setup import (
    ScanSetup,
    make_queue,
    make_race,
    make_session,
    option_notices,
    varying,
)
from talos_magic.experiment.sources import sources_of
from talos_magic.formatting import pluralize
from talos_magic.grid.grid import Grid
from talos_magic.resume.find import failure_notices
from talos_magic.resume.identity import RECORDED, ScanIdentity
from talos_magic.resume.process_deaths import FAILED
from talos_magic.resume.warm_start import find_warm_start
from talos_magic.scan.pareto_notice import report_pareto_front
from talos_magic.scan.round import NextRound, RoundStatus
from talos_magic.scan.score_notices import report_scores
from talos_magic.search.pruners import make_pruner
from talos_magic.search.strategies import free_ranges
from talos_magic.storage.folders import is_there, make_folder
from talos_magic.storage.models import parse_keep
from talos_magic.storage.saved_scan import CELL, SavedScan
from talos_magic.trackers.log import observers_of
from talos_magic.trackers.observing import observing
from talos_magic.training.data import TrainingData
from talos_magic.training.notebook_generators import NotebookGenerators, order_notices
from talos_magic.values.copying import copy_value
from talos_magic.values.labels import Label, label_key

if TYPE_CHECKING:  # they import Talos, which takes a while
    from talos_magic.engine.engine import Engine
    from talos_magic.engine.result import ScanResult


class Plan:
    """A scan's session, with the rounds of earlier runs, and the queue of those that are left."""

    def __init__(self, setup: ScanSetup) -> None:
        options = setup.options
        earlier = [] if setup.saved is None else setup.saved.rounds()
        self.setup = setup
        self.session = make_session(options)
        self.session.varying = varying(setup.grid, earlier)
        objective = (setup.saved and setup.saved.objective) or {}
        if isinstance(loss := objective.get("regression"), str):
            self.session.metric_choice.note_fit(loss)
        self.session.restore(earlier)
        self.ranges = dict(setup.ranges)  # as given, or as edited since
        self.queue = make_queue(setup, self.session, self.include)
        self.session.total = self.session.begun + self.queue.left
        self._race = make_race(setup, self.session, self.queue)
        self._pruner = make_pruner(
            self.session,
            options.prune,
            can_pause=options.strategy != "manual",  # a person waits for the round
            is_open=self._is_in_grid,
        )
        self.session.pruner = self._pruner
        self.result: ScanResult | None = None  # until the scan has run
        # The engine saves these two whenever they have changed.
        self._labels = self.grid.label_lists
        self._sources = dict(setup.identity.sources)
        self._engine: Engine | None = None
        if setup.data.split:
            self.session.notice(setup.data.split)
        objects = setup.objects
        self._generators = NotebookGenerators(objects.values())
        for text in order_notices(objects):
            self.session.notice(text)
        count = -(-self.session.total // options.first_repeats)
        for text in option_notices(setup, count):
            self.session.notice(text)
        if self._race is not None and (cost := self._race.cost()):
            self.session.notice(cost)
        if setup.saved is not None:
            self._save_sources()  # the grid may have been edited by the earlier run
            self._report_resume()

    @classmethod
    def make(
        cls,
        grid: Grid,
        options: ScanOptions,
        data: TrainingData | None = None,
        *,
        source: str = "",
        code: str = "",
        namespace: Mapping[str, Any] | None = None,
        saved: SavedScan | None = None,
        root: Path = Path(),
    ) -> Self:
        """Set up a scan of a model function with this source, whose hash is `code`.

        The namespace has the notebook's variables, which may name values of the params; below the
        root lies an earlier scan that a search learns from. Raises a ScanError if there is nothing
        to train, or if `saved`, the scan to resume, was another.
        """
        if not grid.active:
            raise InvalidInputError(
                "params is empty: give at least one hyperparameter, such as {'lr': [0.01]}"
            )
        sources = sources_of(grid, source, data or TrainingData(), namespace)
        ranges = {name: grid[name] for name in free_ranges(grid)} if options.continuous else {}
        learns_from = None
        recorded = {name: getattr(options, name) for name in RECORDED}
        if options.warm_start is not None:
            metrics = options.metric, options.second_metric
            learns_from = find_warm_start(
                str(options.warm_start), root, grid, ranges=ranges, metrics=metrics, saved=saved
            )
            recorded["warm_start"] = learns_from.recorded
        identity = ScanIdentity(
            code=code,
            sources=sources,
            params=grid.label_lists,
            data=None if data is None else data.fingerprints(),  # a dry run has none
            arrays=held_arrays([*reversed(sources.values())], namespace or {}),
            keep=options.keep,
            options=recorded | {"where": options.condition},
        )
        setup = ScanSetup(
            options, grid, data or TrainingData(), identity, namespace, ranges, learns_from
        )
        return cls(setup if saved is None else setup.resuming(saved))

    def _report_resume(self) -> None:
        """Say where the scan resumes, and what differs from the earlier run."""
        setup = self.setup
        done = [round_ for round_ in self.session.rounds if round_.status.is_finished()]
        is_manual = setup.options.strategy == "manual"
        count = self.session.total - self.session.begun
        left = "" if is_manual else f": {count or 'nothing'} left to train"
        paused = f" and {len(self.session.paused)} paused ones" if self.session.paused else ""
        added = f"; added to params: {setup.added}" if setup.added else ""
        rounds = pluralize(len(done), "round")
        self.session.notice(f"resumed after {rounds}{paused}{left}{added}")
        failures = [] if setup.options.retry else failure_notices(done)
        trained = [round_.params for round_ in done]
        deaths = setup.deaths.notices(
            trained,
            self.session.varying,
            retry=setup.options.retry,
            when="last" if setup.last else "again",
        )
        for text in (*setup.notices, *failures, *deaths):
            self.session.notice(text)

    @property
    def grid(self) -> Grid:
        """The grid as it is now: it may be edited while the scan runs."""
        return self.queue.grid

    @property
    def editable(self) -> Grid:
        """The grid without the values that a search has found between the ends of ranges."""
        own = Grid()
        own.dimensions = tuple(self.ranges.get(d.name, d) for d in self.grid.active)
        return own

    def edit(self, grid: Grid) -> None:
        """Continue with an edited grid: values it lacks leave the queue, new ones join it.

        If this raises a ScanError, nothing has changed.
        """
        self.queue.edit(self._with_running(grid))
        self.ranges = {name: grid[name] for name in self.ranges}
        self.session.total = self.session.begun + self.queue.left
        if self._race is not None:
            self._race.update()
        self._save_grid()
        self._save_sources()
        names = {*self.session.varying, *varying(grid, self.session.rounds)}
        self.session.varying = [d.name for d in grid.active if d.name in names]

    def _is_in_grid(self, params: Mapping[str, Label]) -> bool:
        """Return whether a paused round may go on: its values may have left the grid."""
        return self.grid.number(params) is not None

    def _with_running(self, grid: Grid) -> Grid:
        """Add the values of running rounds that lie within ranges: they may be repeated."""
        dimensions = list(grid.active)
        for round_ in self.session.in_flight or filter(None, [self.session.latest]):
            dimensions = [
                d.including(label) if d.name in self.ranges and d.covers(label) else d
                for d in dimensions
                for label in [round_.params[d.name]]
            ]
        whole = Grid()
        whole.dimensions = tuple(dimensions)
        return whole

    def pick(self, values: Mapping[str, Any]) -> dict[str, Label]:
        """Return the labels of a combination picked by hand; new values join the grid."""
        self.queue.check_names(values)
        where = self.setup.options.where
        if where is not None and not where(values):
            raise InvalidInputError("these values do not meet the condition of --where")
        labels = self.include(values)
        self._save_sources()
        for known in self.session.combination(labels).rounds:
            if known.status == RoundStatus.DONE:
                raise InvalidInputError(f"round {known.number} has these values: pick others")
        self.queue.note(labels)
        return labels

    def include(self, values: Mapping[str, Any]) -> dict[str, Label]:
        """Add a combination's values to the grid, and return its labels."""
        including = tuple(d.including(values[d.name]) for d in self.grid.active)
        if not all(map(is_, including, self.grid.dimensions)):
            self.grid.dimensions = including
            self._save_grid()
        return {d.name: d.label_of(values[d.name]) for d in self.grid.active}

    def remove(self, name: str, label: Label) -> bool:
        """Remove a value from the grid, unless it is the last; return whether it was removed."""
        edited = self.editable
        if label_key(label) not in edited[name].by_label:  # a search has found it within a range
            return False
        try:
            edited.put(edited[name].without(label))
            self.edit(edited)
        except ScanError:  # or no combination would be left that --where allows
            return False
        return True

    def _save_grid(self) -> None:
        """Keep the saved labels the same as the grid's, in the same order."""
        self._labels.clear()
        self._labels.update(self.grid.label_lists)
        if self._engine is not None:
            self._engine.write_grid()

    def _save_sources(self) -> None:
        """Update the code of the params, without what a search has found in ranges: it is slow."""
        cell = self._sources[CELL]
        self._sources.update(sources_of(self.editable, cell, self.setup.data, self.setup.namespace))

    def rounds(self) -> Iterator[NextRound]:
        """Yield the labels of each round that is left, as they are chosen, or a round that goes on.

        None if there is none now: a grid that is edited before the running rounds end has more.
        """
        options = self.setup.options
        order = RoundOrder(self.session, self.queue, self._pruner, self._race)
        if options.reduce in (None, NONE):
            yield from order
        else:
            from talos_magic.search.talos_reducers import with_reduction

            yield from with_reduction(iter(order), self.session, options.reduce, self.remove)
        if self.queue.missing:
            self.session.total = self.session.begun
            which = "" if options.where is None else " that meet the condition"
            self.session.notice(
                f"after {self.session.total} rounds no more combinations{which} were found"
            )

    def run(
        self,
        model: Callable[..., Any],
        *,
        root: Path,
        rounds: Iterator[NextRound] | None = None,
    ) -> None:
        """Train the rounds, by default those of the queue, in a folder below root/<name>.

        The `result` is there even if this raises.
        """
        self.session.tell("importing Talos")
        from talos_magic.engine.engine import Engine
        from talos_magic.experiment.trainers import Training

        options, saved = self.setup.options, self.setup.saved
        name = self.session.name
        is_first = not is_there(root / name)
        folder = make_folder(root, name) if saved is None else root / name / saved.folder.name
        self.session.folder = str(folder)
        folder = folder.resolve()  # the cell may change the working directory
        training = Training(
            self.setup,
            self.session,
            model,
            train=lambda labels: self.train(model, labels),
            values=lambda labels: self.grid.values(labels),
        )
        self._engine = Engine(
            self.session,
            training.trainer,
            params=self._labels,
            rounds=self.rounds() if rounds is None else rounds,
            folder=folder,
            sources=self._sources,
            identity=self.setup.identity.as_record(),
            saved=saved,
            stop_on_error=options.on_error == "stop",
            keep=parse_keep(options.keep),
        )
        try:
            with observing(self.session, observers_of(options.log)):
                self._engine.run()
        finally:
            self._generators.reset()
            if self._pruner is not None:
                self._pruner.report_idle()
            report_pareto_front(self.session)
            report_scores(self.session)
            if is_first:
                with suppress(OSError):  # fails if it holds the scan, as it usually does
                    folder.parent.rmdir()
            self.result = result = self._engine.result
            if result is not None:
                result.sources = dict(self._sources)
                # As in Talos's Scan: to evaluate the best model on the rows that ranked it.
                best = self.session.best
                result.training_data = self.setup.data
                result.take_fold(None if best is None else best.fold)

    def train(self, model: Callable[..., Any], labels: Mapping[str, Label]) -> Any:
        """Call Talos's model function with the values that belong to labels."""
        if self.setup.deaths.are_many(labels) and not self.setup.options.retry:
            raise RuntimeError(FAILED)
        self._generators.reset()
        values = {name: copy_value(value) for name, value in self.grid.values(labels).items()}
        running = self.session.running
        data = self.setup.data.of_fold(None if running is None else running.fold)
        return model(*data.arguments, values)
