"""The one source of truth about a running scan: its state, its rounds, its best."""

import math
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from traitlets import Bool, Float, Int, List, Unicode

from talos_magic.scan.events import (
    EpochEnded,
    Event,
    Label,
    Noticed,
    RoundEnded,
    RoundStarted,
    ScanEnded,
)
from talos_magic.scan.forecast import seconds_left
from talos_magic.scan.metric import choose_metric, is_minimized, last_values
from talos_magic.scan.ranking import Combination, Ranking
from talos_magic.scan.rounds import ENDED, Round, Step
from talos_magic.scan.seeds import round_seed
from talos_magic.scan.steering import RoundPruned, Steering
from talos_magic.scan.stopping import reason_to_stop

History = Mapping[str, list[float]]


class ScanSession(Steering):
    """State of one scan. The engine writes it, views observe it, the person steers it.

    Traits hold what can be asked at any moment; `subscribe` delivers what happens, one event at a
    time, so that a view need send no more than what changed.

    Examples
    --------
    >>> session = ScanSession(name="demo", total=2)
    >>> session.begin()
    >>> _ = session.start_round({"lr": 0.1})
    >>> session.end_epoch({"loss": 0.5})
    >>> session.finish_round({"loss": [0.5]})
    >>> session.best.params, session.metric, session.minimize
    ({'lr': 0.1}, 'loss', True)
    """

    name = Unicode()
    folder = Unicode()
    total = Int()
    open_ended = Bool(help="Whether rounds are picked one by one, so that nobody knows how many.")
    seed = Int(allow_none=True, default_value=None)
    repeats = Int(1, help="How often each combination is trained, with other seeds.")
    metric = Unicode(help="Metric that ranks the rounds; empty until the first round is done.")
    minimize = Bool(help="Whether less of the metric is better.")
    against = Unicode(help="Metric to weigh against the first; empty for none.")
    target = Float(allow_none=True, default_value=None)
    time_limit = Float(allow_none=True, default_value=None, help="Seconds; None for no limit.")
    patience = Int(None, allow_none=True, help="Rounds without a better one that end the scan.")
    varying: list[str] = List(help="Params with more than one value.")  # type: ignore[assignment]
    rounds: list[Round] = List()  # type: ignore[assignment]

    def __init__(
        self, *, minimize: bool | None = None, metric: str | None = None, **traits: object
    ):
        super().__init__(**traits)
        self.wanted_metric = metric
        self.wanted_minimize = minimize
        self._subscribers: list[Callable[[Event], None]] = []
        self.judge: Callable[[Round], int] | None = None  # epochs to prune the running round of
        self.reason_to_try = ""  # why the next combination was chosen
        self.round_began = 0.0  # seconds of `elapsed`
        self.first_epoch: float | None = None  # seconds of the running round, its model built too
        self._restored = 0
        self._ranking = Ranking()

    def subscribe(self, observer: Callable[[Event], None]) -> None:
        """Call `observer` with every event from now on."""
        self._subscribers.append(observer)

    def unsubscribe(self, observer: Callable[[Event], None]) -> None:
        """Call `observer` no more."""
        if observer in self._subscribers:
            self._subscribers.remove(observer)

    # What can be asked.

    @property
    def running(self) -> Round | None:
        """The round being trained, if any."""
        return self.rounds[-1] if self.rounds and self.rounds[-1].status == "running" else None

    @property
    def best(self) -> Round | None:
        """The done round with the best value of the metric; that of the best mean, if repeated."""
        return self._ranking.best

    @property
    def finished(self) -> int:
        """Number of rounds that ended, well or not."""
        return sum(ended.status in ENDED for ended in self.rounds)

    @property
    def elapsed(self) -> float:
        """Seconds that the scan has run for, without pauses."""
        return self.clock.seconds

    @property
    def remaining(self) -> float | None:
        """Estimated seconds until the last round ends; None before one can tell, and after it."""
        return seconds_left(self)

    @property
    def combinations(self) -> list[Combination]:
        """The rounds so far by their params."""
        return self._ranking.combinations()

    def combination(self, params: Mapping[str, Label]) -> Combination:
        """All rounds with these params."""
        return self._ranking[params]

    def score(self, round_: Round) -> float:
        """Value of the metric at the end of a round, NaN where there is none."""
        return round_.metrics.get(self.metric, math.nan)

    # What the engine says.

    def restore(self, rounds: Iterable[Round]) -> None:
        """Take the rounds of an earlier run as this one's first."""
        self.rounds = list(rounds)
        self._restored = len(self.rounds)
        self._ranking = Ranking(self.rounds)
        done = [round_.metrics for round_ in self.rounds if round_.status == "done"]
        if done:
            known = dict(ChainMap(*done[::-1]))  # the first may have lacked what ranks the rest
            self._choose_metric(known if self.wanted_metric in known else done[0])
            self._ranking.choose_best(self.metric, minimize=self.minimize)

    def begin(self) -> None:
        """Start the clock."""
        self.clock.go()
        if self.state == "ready":  # it may have been stopped already
            self.state = "running"

    def start_round(self, params: Mapping[str, Label]) -> Round:
        """Open the next round."""
        before = self._ranking[params].rounds
        others = {r.seed for r in before} if self.repeats > 1 else set()
        reason = before[0].reason if before and self.repeats > 1 else self.reason_to_try
        seeds = (round_seed(self.seed or 0, params, repeat) for repeat in count())
        seed = next(seed for seed in seeds if seed not in others)
        round_ = Round(len(self.rounds), dict(params), seed=seed, reason=reason)
        self.rounds.append(round_)
        self._ranking.add(round_)
        self.round_began, self.first_epoch = self.elapsed, None
        self.was_cut = False
        self._emit(RoundStarted(round_.number, round_.params))
        return round_

    def step(self, step: Step) -> None:
        """Note how far the running round is. Cheap: it is called with every batch."""
        if self.running is not None:
            self.rounds[-1].step = step

    def end_epoch(self, metrics: Mapping[str, float], epoch: int | None = None) -> None:
        """Add an epoch to the curves of the running round: the next one, if no number is given."""
        round_ = self.running
        if round_ is None:
            return
        epoch = round_.epochs if epoch is None else epoch
        metrics = {name: float(value) for name, value in metrics.items()}
        if self.first_epoch is None:
            self.first_epoch = self.elapsed - self.round_began
        for name, value in metrics.items():
            curve = round_.curves.setdefault(name, [])
            # A metric that comes every few epochs (validation_freq) keeps its place on the axis.
            curve.extend([math.nan] * (epoch - len(curve)))
            curve[epoch : epoch + 1] = [value]
        self._emit(EpochEnded(round_.number, epoch, metrics))
        wanted = self.wanted_metric
        if wanted and not self.metric and wanted not in round_.curves:
            self.notice(f"there is no {wanted} so far: there is {', '.join(round_.curves)}")

    def pass_epoch(self, metrics: Mapping[str, float], epoch: int | None = None) -> None:
        """Add an epoch while its round is trained, which may end with it.

        Raises
        ------
        RoundPruned, RoundSkipped, RoundStopped
            If the round is worse than others were; else as `tick` does.
        """
        self.end_epoch(metrics, epoch)
        running = self.running
        if running is not None and self.judge is not None:
            running.spared = running.spared or self.judge(running)  # once pruned, it stays so
        if running is not None and running.spared:
            raise RoundPruned
        self.tick()

    def finish_round(self, history: History) -> None:
        """Close the running round with the history that the model function returned."""
        round_ = self._running()
        metrics = last_values(history)
        self._choose_metric(metrics)
        unseen = {name: values for name, values in history.items() if name not in round_.curves}
        for epoch in range(max(map(len, unseen.values()), default=0)):
            self.end_epoch({k: v[epoch] for k, v in unseen.items() if epoch < len(v)}, epoch)
        round_.metrics = metrics
        round_.status = "done"
        self._ranking.judge(round_, self.metric, minimize=self.minimize)
        self._close(round_, "done")

    def fail_round(self, error: str, traceback: str) -> None:
        """Close the running round with the error that ended it."""
        round_ = self._running()
        round_.error, round_.traceback = error, traceback
        self._close(round_, "failed")
        if sum(done.status == "failed" for done in self.rounds) == 1:
            text = error.rstrip(".") or "an error without a text"
            self.notice(f"round {round_.number} failed: {text}; scan.failures tells more")

    def cut_round(self, status: str) -> None:
        """Close the running round, "skipped" or "pruned", with what it has shown so far.

        It cannot become the best.
        """
        round_ = self._running()
        round_.metrics = last_values(round_.curves)
        if round_.metrics and self.wanted_metric in (None, *round_.metrics):
            self._choose_metric(round_.metrics)
        self._close(round_, status)

    def drop_round(self) -> None:
        """Close the running round without a result: the scan was stopped in the middle of it."""
        round_ = self.running
        if round_ is not None:
            self._close(round_, "stopped")

    def end(self, state: str, reason: str = "") -> None:
        """Stop the clock."""
        self.drop_round()
        self.clock.hold()
        self.reason = reason or self.reason
        self.wants_pause = self.wants_end = False
        self.state = state
        self._emit(ScanEnded(state, self.reason))

    def notice(self, text: str) -> None:
        """Tell the person something, once."""
        is_new = text not in self.notices
        super().notice(text)
        if is_new:
            self._emit(Noticed(text))

    def skip(self, number: int) -> None:
        """Ask to end a round now if it runs: a second click must not skip the one that follows."""
        running = self.running is not None and self.running.number == number
        if running and self.state in ("running", "paused"):
            self.wants_skip = number

    def wants_no_more(self) -> bool:
        """Tell, between two rounds, whether the scan should end here, and note why."""
        try:
            self._listen()
            if not self.open_ended:  # or the person could not pick the next round
                self._wait_while_paused()
        except KeyboardInterrupt:
            self.stop("interrupted")
        has_trained = len(self.rounds) > self._restored
        if self.wants_end and (self.open_ended or (has_trained and self.finished < self.total)):
            self.stop("stopped by you after a round")
        if reason := reason_to_stop(self):
            self.stop(reason)
        return self.state == "stopping"

    def _choose_metric(self, metrics: Mapping[str, float]) -> None:
        if self.metric and self.best is not None:  # what was cut short may not have all
            return
        self.metric = choose_metric(metrics, self.wanted_metric)
        wanted = self.wanted_minimize
        self.minimize = is_minimized(self.metric) if wanted is None else wanted

    def _running(self) -> Round:
        if self.running is None:
            raise RuntimeError("no round is running")
        return self.running

    def _close(self, round_: Round, status: str) -> None:
        round_.duration = self.elapsed - self.round_began
        round_.status = status
        round_.step = self.wants_skip = None
        self._emit(RoundEnded(round_.number, status, round_.metrics, round_.duration, round_.error))

    def _emit(self, event: Event) -> None:
        for observer in list(self._subscribers):
            try:
                observer(event)
            except Exception as error:  # noqa: BLE001  # a broken view must not end a night's scan
                self.unsubscribe(observer)
                self.notice(f"{type(error).__name__} in {observer!r}: {error}")
