"""A scan put together: options, queue, session, data; it runs them through the engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.fresh import fresh
from talos_magic.grid.grid import Grid
from talos_magic.grid.queue import Queue
from talos_magic.grid.spec import key
from talos_magic.notebook_changes import ARRAYS
from talos_magic.opening import open_queue, open_session, remarks, varying
from talos_magic.options import NONE, ScanOptions
from talos_magic.resume import (
    OPTIONS,
    added_values,
    as_edited,
    check_same,
    ranges_as_edited,
    resume_notices,
)
from talos_magic.scan.data import TrainingData
from talos_magic.scan.events import Label
from talos_magic.scan.folder import make_folder
from talos_magic.scan.front import tell_front
from talos_magic.scan.keep import how_many
from talos_magic.scan.rounds import Round
from talos_magic.scan.saved import CELL, SavedScan
from talos_magic.scan.session import ScanSession
from talos_magic.search.pruning import PRUNERS, Pruning
from talos_magic.search.strategies import free_ranges
from talos_magic.sources import sources_of
from talos_magic.surroundings import held_arrays
from talos_magic.syntax import DATA
from talos_magic.words import counted

if TYPE_CHECKING:  # they import Talos, which takes a while
    from talos_magic.scan.engine import Engine
    from talos_magic.scan.result import ScanResult


@dataclass
class Plan:
    """All of a scan that is decided before its first round."""

    options: ScanOptions
    session: ScanSession
    data: TrainingData
    sources: dict[str, str]
    identity: dict[str, Any]
    saved: SavedScan | None = None
    # Labels of the grid as it is now; Talos writes them to disk whenever it notes where it is.
    labels: dict[str, list[Label]] = field(default_factory=dict)
    namespace: Mapping[str, Any] | None = None
    queue: Queue = field(init=False)
    # What --continuous searches between its ends, as the person gave or edited it.
    ranges: dict[str, Dimension] = field(default_factory=dict)
    result: "ScanResult | None" = None
    _engine: "Engine | None" = None

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
    ) -> Self:
        """Choose the combinations and open the session.

        Parameters
        ----------
        grid : Grid
            The params.
        options : ScanOptions
            What the person asks for; with the seed of `saved`, if there is one.
        data : TrainingData, optional
            The data.
        source, code : str
            The model function's text and its hash.
        namespace : mapping, optional
            The notebook's variables, by which the params' values may be called.
        saved : SavedScan, optional
            The scan to go on with.

        Raises
        ------
        ScanError
            If there is nothing to train, or `saved` was another scan than this one.
        """
        if not grid.active:
            raise ScanError("params is empty: give at least one parameter, such as {'lr': [0.01]}")
        compared = None if data is None else data.fingerprints()  # a dry run has no data
        data = data or TrainingData()
        identity: dict[str, Any] = {"code": code, "data": compared, "params": grid.label_lists}
        recorded = {name: getattr(options, name) for name in ("keep", *OPTIONS)}
        identity |= recorded | {"where": options.condition}
        sources = sources_of(grid, source, namespace)
        identity[ARRAYS] = held_arrays([*reversed(sources.values())], namespace or {})
        gained = ""
        ranges = {n: grid[n] for n in free_ranges(grid)} if options.continuous else {}
        if saved is not None:
            check_same(saved, sources=sources, identity=identity, grid=grid)
            gained = added_values(saved, grid)
            grid = as_edited(saved, grid)
            ranges = ranges_as_edited(saved, ranges, grid)
        done = [] if saved is None else saved.rounds()
        session = open_session(options)
        session.varying = varying(grid, done)
        session.restore(done)
        plan = cls(options, session, data, sources, identity, saved, namespace=namespace)
        plan.ranges = ranges
        plan.queue = open_queue(grid, options, session, plan.include, ranges)
        plan.labels.update(grid.label_lists)
        session.total = len(done) + plan.queue.left
        if options.prune in PRUNERS:
            session.judge = Pruning(session, options.prune)
        for text in remarks(options, grid, -(-session.total // options.repeats)):
            session.notice(text)
        if saved is not None:
            plan._go_on(saved, done, gained)
        return plan

    def _go_on(self, saved: SavedScan, done: Sequence[Round], gained: str) -> None:
        """Begin where an earlier run has ended, and say so."""
        left = "" if self.options.strategy == "manual" else f": {self.queue.left} were left"
        new = f"; params has got {gained}" if gained else ""
        self.session.notice(f"resumed after {counted(len(done), 'round')}{left}{new}")
        for text in resume_notices(
            saved, done, sources=self.sources, identity=self.identity, retry=self.options.retry
        ):
            self.session.notice(text)
        self._note_grid()  # which may have been edited while that run went on
        self._note_sources()

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
        """Go on with an edited grid: what it has no more leaves the queue, what is new joins it.

        Raises
        ------
        ScanError
            If the edit cannot be followed; then nothing has changed.
        """
        self.queue.edit(self._with_running(grid))
        self.ranges = {name: grid[name] for name in self.ranges}
        self.session.total = len(self.session.rounds) + self.queue.left
        self._note_grid()
        self._note_sources()
        names = {*self.session.varying, *varying(grid, self.session.rounds)}
        self.session.varying = [d.name for d in grid.active if d.name in names]

    def _with_running(self, grid: Grid) -> Grid:
        """Add what the running round has found in ranges: it may have repeats to come."""
        params = self.session.rounds[-1].params if self.session.rounds else {}
        whole = Grid()
        whole.dimensions = tuple(
            d.including(params[d.name]) if d.name in self.ranges and d.spans(params[d.name]) else d
            for d in grid.active
        )
        return whole

    def pick(self, values: Mapping[str, Any]) -> dict[str, Label]:
        """Label a combination that was picked by hand; new values join the grid."""
        self.queue.check_names(values)
        if self.options.where is not None and not self.options.where(values):
            raise ScanError("these values do not meet the condition of --where")
        labels = self.include(values)
        self._note_sources()
        for known in self.session.combination(labels).rounds:
            if known.status == "done":
                raise ScanError(f"round {known.number} has these values: pick others")
        self.queue.note(labels)
        return labels

    def include(self, values: Mapping[str, Any]) -> dict[str, Label]:
        """Let the grid have a combination's values, and label it."""
        including = tuple(d.including(values[d.name]) for d in self.grid.active)
        if not all(map(is_, including, self.grid.dimensions)):
            self.grid.dimensions = including
            self._note_grid()
        return {d.name: d.label_of(values[d.name]) for d in self.grid.active}

    def remove(self, name: str, label: Label) -> bool:
        """Take a value out of the grid, unless it is the last one; tell whether it is out."""
        edited = self.editable
        if key(label) not in edited[name].by_label:  # a search has found it within a range
            return False
        try:
            edited.put(edited[name].without(label))
            self.edit(edited)
        except ScanError:  # or nothing would be left that --where allows
            return False
        return True

    def _note_grid(self) -> None:
        """Keep what is on disk of the grid the same as the grid, its order too."""
        self.labels.clear()
        self.labels.update(self.grid.label_lists)
        if self._engine is not None:
            self._engine.keep_grid()

    def _note_sources(self) -> None:
        """Keep the code of the params, but for what a search finds in ranges: it takes a while."""
        self.sources.update(sources_of(self.editable, self.sources[CELL], self.namespace))

    def rounds(self) -> Iterator[dict[str, Label]]:
        """Give the labels of each round that is left, as they are decided on."""
        if self.options.reduce in (None, NONE):
            yield from self.queue
        else:
            from talos_magic.search.reduction import reducing

            yield from reducing(self.queue, self.session, self.options.reduce, self.remove)
        if self.queue.missing:
            self.session.total = len(self.session.rounds)
            which = "" if self.options.where is None else " that meet the condition"
            self.session.notice(
                f"after {self.session.total} rounds no more combinations{which} were found"
            )

    def run(
        self,
        model: Callable[..., Any],
        *,
        root: Path,
        rounds: Iterator[dict[str, Label]] | None = None,
    ) -> None:
        """Train the rounds. The `result` is there also when this raises.

        Parameters
        ----------
        model : callable
            Talos's model function.
        root : Path
            Where experiments lie.
        rounds : iterator of dict, optional
            Labels of each round, as they are decided on; those of the queue if not given.
        """
        from talos_magic.scan.engine import Engine

        saved = self.saved
        experiment = root / self.session.name
        is_first = not experiment.exists()
        name = experiment.name
        folder = make_folder(root, name) if saved is None else experiment / saved.folder.name
        self.session.folder = str(folder)
        folder = folder.resolve()  # the cell may change the working directory
        self._engine = engine = Engine(
            self.session,
            lambda labels: self.train(model, labels),
            params=self.labels,
            combinations=self.rounds() if rounds is None else rounds,
            folder=folder,
            sources=self.sources,
            identity=self.identity,
            saved=saved,
            stop_on_error=self.options.on_error == "stop",
            keep=how_many(self.options.keep),
        )
        try:
            engine.run()
        finally:
            if isinstance(self.session.judge, Pruning):
                self.session.judge.tell_idle()
            tell_front(self.session)
            if is_first:
                with suppress(OSError):  # it holds the scan, as a rule
                    folder.parent.rmdir()
            self.result = engine.result
            if self.result is not None:
                self.result.sources = dict(self.sources)
                # As in Talos's Scan: to evaluate the best model on the rows that ranked it.
                for name, part in zip(DATA, self.data.arguments, strict=True):
                    setattr(self.result, name, part)

    def train(self, model: Callable[..., Any], labels: Mapping[str, Label]) -> Any:
        """Call Talos's model function on the values that labels stand for."""
        values = {name: fresh(value) for name, value in self.grid.values(labels).items()}
        return model(*self.data.arguments, values)
