"""The rounds of a scan and their ranking: what views and searches read of a session."""

import math
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence

from traitlets import Bool, Float, Int, List, Unicode

from talos_magic.scan.metric_choice import MetricChoice
from talos_magic.scan.pareto import ParetoFront, objectives_of
from talos_magic.scan.ranking import Combination, Ranking
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.state import ScanControls
from talos_magic.scan.totals import Totals
from talos_magic.values.labels import Label


class RankedRounds(ScanControls):
    """The rounds of a scan, by what they are ranked, and the best of them; see `ScanSession`."""

    name = Unicode()
    folder = Unicode()
    total = Int()
    open_ended = Bool(help="Whether the person picks the rounds one by one: `total` is unknown.")
    seed = Int(allow_none=True, default_value=None)
    repeats = Int(1, help="Number of rounds of each combination, each with another seed.")
    has_folds = Bool(help="Whether these rounds are the folds of a cross-validation.")
    metric = Unicode(help="Metric that ranks the rounds; empty until one has ended.")
    minimize = Bool(help="Whether less of the metric is better.")
    by_best_epoch = Bool(help="Whether a round counts by its best epoch, not by its last.")
    second_metric = Unicode(help="Second objective beside the metric; empty for none.")
    target = Float(allow_none=True, default_value=None)
    time_limit = Float(allow_none=True, default_value=None, help="Seconds; None for no limit.")
    patience = Int(None, allow_none=True, help="Combinations without improvement before a stop.")
    checkpoint_every = Float(60.0, help="Seconds of a round after which a checkpoint is saved.")
    varying: list[str] = List(help="Hyperparameters with more than one value.")  # type: ignore[assignment]
    rounds: list[Round] = List()  # type: ignore[assignment]

    def __init__(
        self, *, minimize: bool | None = None, metric: str | None = None, **traits: object
    ):
        super().__init__(**traits)
        self.metric_choice = MetricChoice(metric, minimize)
        self._open: dict[int, Round] = {}  # the running rounds, by number
        self.restore(self.rounds)

    def restore(self, rounds: Iterable[Round]) -> None:
        """Start with the rounds of an earlier run."""
        self.rounds = list(rounds)
        # Those that did not end leave their numbers to the next ones that begin.
        self._gaps = [round_ for round_ in self.rounds if round_.status == RoundStatus.STOPPED]
        known = [round_ for round_ in self.rounds if round_.status != RoundStatus.STOPPED]
        self._paused = {r.number: r for r in known if r.status == RoundStatus.PAUSED}
        self._latest = known[-1] if known else None
        self._ranking = Ranking(known)
        self._front = ParetoFront(self._ranking)
        self.totals = Totals(round_ for round_ in known if round_.status.is_finished())
        # In the order in which they ended or paused; of an earlier run, by number.
        self.ended = known.copy()
        done = [round_ for round_ in self.rounds if round_.status == RoundStatus.DONE]
        if done:
            for round_ in done:
                self.metric_choice.add(round_)
            first = done[0].metrics  # which may lack the metric of the others
            all_ = dict(ChainMap(*(round_.metrics for round_ in reversed(done))))
            self._choose_metric(all_ if self.metric_choice.wanted in all_ else first)
            self._rank_by_values(done[-1].metrics)
            self._ranking.choose_best(self.metric, minimize=self.minimize)
            self._update_front(self.combinations)
        elif self.paused:
            self._choose_metric(self.paused[0].metrics)

    @property
    def in_flight(self) -> list[Round]:
        """The rounds being trained, in the order in which they began."""
        return list(self._open.values())

    @property
    def running(self) -> Round | None:
        """The round being trained, if any; of several, the one that began last."""
        return next(reversed(self._open.values()), None)

    @property
    def paused(self) -> list[Round]:
        """The rounds that wait to go on if they are among the best, in the order of the pauses."""
        return list(self._paused.values())

    def is_paused(self, number: int) -> bool:
        """Return whether the round of this number is paused."""
        return number in self._paused

    @property
    def tried(self) -> int:
        """Number of rounds that have ended or are paused: most of the paused ones are over."""
        return self.finished + len(self._paused)

    @property
    def begun(self) -> int:
        """Number of rounds that have begun, and will not begin again."""
        return self.tried + len(self._open)

    @property
    def latest(self) -> Round | None:
        """The round that began last; before any has, the last one of the earlier run that ended."""
        return self._latest

    @property
    def best(self) -> Round | None:
        """The best round of the combination with the best mean metric."""
        return self._ranking.best

    @property
    def finished(self) -> int:
        """Number of rounds that have ended and will not be trained again."""
        return self.totals.counts.total() - self.totals.counts[RoundStatus.STOPPED]

    @property
    def elapsed(self) -> float:
        """Seconds that the scan has run, without pauses."""
        return self.clock.seconds

    @property
    def combinations(self) -> list[Combination]:
        """The combinations trained so far, with their rounds."""
        return self._ranking.combinations()

    @property
    def front(self) -> ParetoFront:
        """The Pareto front, which is empty without a second metric."""
        return self._front

    def combination(self, params: Mapping[str, Label]) -> Combination:
        """Return the combination with these params and its rounds, if any."""
        return self._ranking[params]

    def score(self, round_: Round) -> float:
        """Return the metric at the end of a round, NaN if it has none."""
        return round_.metrics.get(self.metric, math.nan)

    def deciding_metrics(self, history: Mapping[str, Sequence[float]]) -> list[str]:
        """Return the metrics that decide which epoch of a history is its best, the first before."""
        return self.metric_choice.deciding_metrics(self.metric, history)

    def _choose_metric(self, metrics: Mapping[str, float]) -> None:
        if self.best is None:
            self._rank_by(self.metric_choice.by_name(metrics))

    def _rank_by(self, metric: str) -> None:
        before, self.metric = self.metric, metric
        self.minimize = self.metric_choice.is_minimized(metric)
        if before not in ("", self.metric):  # earlier rounds may have the new one, too
            self._ranking.choose_best(self.metric, minimize=self.minimize)
            self._update_front(self.combinations)

    def _rank_by_values(self, metrics: Mapping[str, float]) -> None:
        """Rank by another metric if this one turns out to rank nothing, and say so."""
        metric = self.metric_choice.by_values(metrics)
        if metric != self.metric:
            self._rank_by(metric)
            self.notice(self.metric_choice.why(metric))

    def _update_front(self, changed: list[Combination]) -> None:
        if self.second_metric:
            objectives = objectives_of(self.metric, self.minimize, self.second_metric)
            self._front.update(changed, objectives)
