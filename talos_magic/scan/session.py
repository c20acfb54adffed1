"""A running scan: the engine opens and closes its rounds, and each change is an event."""

import math
from collections.abc import Callable, Mapping
from itertools import count

from talos_magic.scan.events import (
    EpochEnded,
    Event,
    Noticed,
    PhaseStarted,
    RoundContinued,
    RoundEnded,
    RoundStarted,
    ScanEnded,
    WorkBegan,
)
from talos_magic.scan.history import metrics_of, place_of
from talos_magic.scan.judge import Judge
from talos_magic.scan.metric import last_values
from talos_magic.scan.ranked_rounds import RankedRounds
from talos_magic.scan.round import Round, RoundStatus, Step, Verdict
from talos_magic.scan.seeds import round_seed
from talos_magic.scan.state import RoundPaused, RoundPruned, ScanState
from talos_magic.values.labels import Label, combination_key

BUILDING = "building the model"


class ScanSession(RankedRounds):
    """State of one scan: the engine writes it, views observe it, the person controls it.

    Traits hold the state; `subscribe` delivers an event for each change, which is all a view sends.
    """

    def __init__(
        self, *, minimize: bool | None = None, metric: str | None = None, **traits: object
    ):
        super().__init__(minimize=minimize, metric=metric, **traits)
        self._subscribers: list[Callable[[Event], None]] = []
        self.pruner: Judge | None = None
        # Returns why no further round may start; an empty text lets the scan continue.
        self.stop_rule: Callable[[ScanSession], str] = lambda _: ""
        self.reason_to_try = ""  # why the search chose the next combination
        self.doing = ""  # what goes on between two rounds, in words
        self._has_trained = False  # in this run
        self._checkpointed = 0.0  # seconds of the scan
        # Number that a loop of the cell gives to its first epoch, 0 or 1; None until it reports.
        self.first_reported: int | None = None

    def subscribe(self, observer: Callable[[Event], None]) -> None:
        """Call `observer` with every event from now on."""
        self._subscribers.append(observer)

    def unsubscribe(self, observer: Callable[[Event], None]) -> None:
        """Stop calling `observer`."""
        if observer in self._subscribers:
            self._subscribers.remove(observer)

    def begin(self) -> None:
        """Start the clock."""
        self.clock.go()
        if self.state == ScanState.READY:  # not if it has been stopped already
            self.state = ScanState.RUNNING
        self.tell("preparing the search")

    def start_round(self, params: Mapping[str, Label]) -> Round:
        """Open the next round."""
        before = self._ranking[params]
        earlier = before.rounds if self.repeats > 1 else []
        others = set() if self.has_folds else {r.seed for r in earlier}
        reason = earlier[0].reason if earlier else self.reason_to_try
        fold = before.next_fold(self.repeats) if self.has_folds else None
        seeds = (round_seed(self.seed or 0, params, repeat) for repeat in count(fold or 0))
        seed = next(seed for seed in seeds if seed not in others)
        gap = self._take_gap(params)
        number = len(self.rounds) if gap is None else gap.number
        if gap is not None and combination_key(gap.params) == combination_key(params):
            if gap.saved_epochs:
                self._ranking.add(gap)
                return self.continue_round(gap)
            reason = gap.reason
        round_ = Round(number, dict(params), seed=seed, fold=fold, reason=reason)
        self.rounds[number : number + 1] = [round_]
        self._ranking.add(round_)
        self._open_round(round_)
        self._emit(RoundStarted(round_.number, round_.params))
        return round_

    def continue_round(self, round_: Round) -> Round:
        """Let a round go on from its checkpoint, or from its beginning if it has none.

        It was paused, or in flight when an earlier run ended or the process that trained it died.
        """
        self._paused.pop(round_.number, None)
        epochs = round_.saved_epochs
        curves = round_.curves.items() if epochs else ()
        round_.curves = {name: curve[:epochs] for name, curve in curves}
        round_.phases = [phase for phase in round_.phases if phase < epochs]
        self._open_round(round_)
        round_.began = self.elapsed - (round_.duration if epochs else 0.0)
        self._emit(RoundContinued(round_.number, epochs))
        return round_

    def _open_round(self, round_: Round) -> None:
        self._has_trained = True
        round_.status, round_.verdict, round_.step = RoundStatus.RUNNING, Verdict.GO_ON, None
        round_.metrics, round_.epochs_saved = {}, 0
        round_.began = self._checkpointed = self.elapsed
        # A loop of the cell tells nothing before its first epoch has ended.
        round_.doing = BUILDING if self.first_reported is None else ""
        self.doing = ""
        self._open[round_.number] = self._latest = round_
        self.first_reported, self.was_cut = None, False

    def restart_round(self, number: int) -> None:
        """Begin a running round again, because its checkpoint is of no use."""
        round_ = self._running(number)
        round_.curves, round_.phases, round_.step, round_.epochs_saved = {}, [], None, 0
        round_.verdict, round_.saved_epochs = Verdict.GO_ON, 0
        round_.began, round_.first_epoch = self.elapsed, None
        self._emit(RoundStarted(number, round_.params))

    def _take_gap(self, params: Mapping[str, Label]) -> Round | None:
        """Return an earlier round that did not end, if possible of these params."""
        if not self._gaps:
            return None
        own = combination_key(params)
        gap = min(self._gaps, key=lambda round_: combination_key(round_.params) != own)
        self._gaps.remove(gap)
        return gap

    # Of several running rounds, these take the number of one.

    def step(self, step: Step, number: int | None = None) -> None:
        """Set the progress of a running round. Called with every batch, so it must be cheap."""
        round_ = self._round(number)
        if round_ is not None:
            round_.step, round_.doing = step, ""

    def tell(self, doing: str, number: int | None = None) -> None:
        """Say what goes on before the next step of a running round, or between two rounds."""
        round_ = self._round(number)
        told = self if round_ is None else round_
        if told.doing != doing:
            told.doing = doing
            self._emit(WorkBegan(None if round_ is None else round_.number, doing))

    def end_epoch(
        self, metrics: Mapping[str, float], epoch: int | None = None, number: int | None = None
    ) -> None:
        """Add an epoch to the curves of a running round: by default, the next one."""
        round_ = self._round(number)
        if round_ is None:
            return
        round_.doing = ""
        epoch = round_.epochs if epoch is None else epoch
        metrics = {name: float(value) for name, value in metrics.items()}
        if round_.first_epoch is None:
            round_.first_epoch = self.elapsed - round_.began
        for name, value in metrics.items():
            curve = round_.curves.setdefault(name, [])
            # A metric of every few epochs only (validation_freq) keeps its place on the axis.
            curve.extend([math.nan] * (epoch - len(curve)))
            curve[epoch : epoch + 1] = [value]
        self._emit(EpochEnded(round_.number, epoch, metrics))
        wanted = self.metric_choice.wanted
        if wanted and not self.metric and wanted not in round_.curves:
            self.notice(f"no metric {wanted} so far: there is {', '.join(round_.curves)}")

    def start_phase(self, number: int | None = None) -> None:
        """Begin another phase of a running round: its next fit."""
        round_ = self._round(number)
        if round_ is not None and round_.epochs > round_.last_phase:
            round_.phases.append(round_.epochs)
            self._emit(PhaseStarted(round_.number, round_.epochs))

    def pass_epoch(
        self,
        metrics: Mapping[str, float],
        epoch: int | None = None,
        save: Callable[[], None] | None = None,
    ) -> None:
        """Add an epoch, then raise RoundPruned or RoundPaused if the pruner says so, and `tick`.

        `save` saves a checkpoint of the round; None if it could not go on from here.
        """
        self.end_epoch(metrics, epoch)
        if self.running is not None:
            self._judge(self.running, save)
        self.tick()

    def judge(self, running: Round, *, can_pause: bool) -> None:
        """Set the verdict of a running round by its last epoch, unless it has one already."""
        if self.pruner is not None and running.verdict == Verdict.GO_ON:
            if self.metric_choice.wanted in (None, *running.curves):  # for the first round, too
                self._choose_metric(last_values(running.curves))
            running.verdict = self.pruner.judge(running, can_pause=can_pause)

    def _judge(self, running: Round, save: Callable[[], None] | None) -> None:
        is_new = running.verdict == Verdict.GO_ON
        self.judge(running, can_pause=save is not None)
        if running.verdict == Verdict.PRUNE:  # raised again if the cell has caught it
            raise RoundPruned
        is_due = self.elapsed - self._checkpointed >= self.checkpoint_every
        if save is not None and is_new and (is_due or running.verdict == Verdict.PAUSE):
            save()
            self._checkpointed = self.elapsed
        if running.verdict == Verdict.PAUSE:
            raise RoundPaused

    def finish_round(
        self,
        history: Mapping[str, list[float]],
        model_epoch: int | None = None,
        *,
        has_model: bool = True,
        number: int | None = None,
    ) -> Round:
        """Close a running round as DONE, with the history that the model function returned.

        `model_epoch` is the epoch over all phases whose weights the model has, if not the last.
        """
        round_ = self._running(number)
        self._choose_metric(last_values(history))
        self._record(round_, history)
        epoch = None if model_epoch is None else model_epoch - round_.begin
        if self.by_best_epoch and not has_model:  # there are no weights that could be others
            name = self.deciding_metrics(history)[0]
            minimize = self.minimize if name == self.metric else True
            peak = round_.peak(name, minimize=minimize)
            epoch = None if peak is None else peak.epoch
        elif epoch is not None and 0 <= epoch < round_.recorded_epochs - 1:
            round_.model_epoch = epoch
        else:
            epoch = None
        round_.metrics = metrics_of(round_, history, epoch)
        self._close(round_, RoundStatus.DONE)
        return round_

    def _record(self, round_: Round, history: Mapping[str, list[float]]) -> None:
        """Find a history among the epochs that streamed, and add what is not there."""
        place = place_of(round_, history)
        if place is None:  # such as the mean over folds: it is a phase of its own
            self.start_phase(round_.number)
            round_.begin, unseen = round_.epochs, history
        else:
            round_.begin, round_.end = place
            unseen = {name: v for name, v in history.items() if name not in round_.curves}
        for epoch in range(max(map(len, unseen.values()), default=0)):
            values = {name: v[epoch] for name, v in unseen.items() if epoch < len(v)}
            self.end_epoch(values, round_.begin + epoch, round_.number)

    def fail_round(self, error: str, traceback: str, number: int | None = None) -> None:
        """Close a running round as FAILED."""
        round_ = self._running(number)
        round_.error, round_.traceback = error, traceback
        self._close(round_, RoundStatus.FAILED)
        if self.totals.counts[RoundStatus.FAILED] == 1:
            text = error.rstrip(".") or "an error without a message"
            self.notice(f"round {round_.number} failed: {text}; see scan.failures")

    def cut_round(self, status: RoundStatus, number: int | None = None) -> None:
        """Close a running round as SKIPPED or PRUNED, with its metrics so far; never the best."""
        round_ = self._running(number)
        round_.metrics = last_values(round_.curves)
        if round_.metrics and self.metric_choice.wanted in (None, *round_.metrics):
            self._choose_metric(round_.metrics)
        self._close(round_, status)

    def pause_round(self, number: int | None = None) -> Round:
        """Close a running round as PAUSED, with its metrics so far; never the best."""
        round_ = self._running(number)
        round_.metrics = last_values(round_.curves)
        self._close(round_, RoundStatus.PAUSED)
        return round_

    def drop_paused(self) -> list[Round]:
        """Close the paused rounds as PRUNED, and return them: no other is to show their worth."""
        dropped = self.paused
        for round_ in dropped:
            del self._paused[round_.number]
            round_.epochs_saved = max(round_.planned_epochs - round_.epochs, 1)
            self._finish(round_, RoundStatus.PRUNED)
        return dropped

    def drop_rounds(self) -> None:
        """Close the running rounds as STOPPED, without a result."""
        for round_ in self.in_flight:
            self._close(round_, RoundStatus.STOPPED)

    def end(self, state: ScanState, reason: str = "") -> None:
        """Set the final state and stop the clock."""
        self.drop_rounds()
        self.clock.hold()
        self.reason = reason or self.reason
        self.wants_pause = self.wants_end = False
        self.doing = ""
        self.state = state
        self._emit(ScanEnded(self.state, self.reason))

    def notice(self, text: str) -> None:
        """Show the person a message, once."""
        is_new = text not in self.notices
        super().notice(text)
        if is_new:
            self._emit(Noticed(text))

    def skip(self, number: int) -> None:
        """Request the end of a round; by its number, as a second click must not skip the next."""
        if number in self._open and self.state in (ScanState.RUNNING, ScanState.PAUSED):
            self.wants_skip = number

    def wants_no_more(self) -> bool:
        """Handle requests between two rounds; return whether none begins, and set `reason`.

        Rounds that are running when a rule ends the scan are trained to their end.
        """
        try:
            self._receive_requests()
            if not self.open_ended:  # a pause would keep the person from picking a round
                self._wait_while_paused()
        except KeyboardInterrupt:
            self.stop("interrupted")
        reason = self.stop_rule(self)
        has_more = self.open_ended or self.finished < self.total
        if self.wants_end and has_more and (self.open_ended or self._has_trained):
            reason = "stopped by you after a round"
        if reason and not self._open:
            self.stop(reason)
        return bool(reason) or self.state == ScanState.STOPPING

    def _round(self, number: int | None) -> Round | None:
        return self.running if number is None else self._open.get(number)

    def _running(self, number: int | None) -> Round:
        round_ = self._round(number)
        if round_ is None:
            raise RuntimeError("no round is running")
        return round_

    def _close(self, round_: Round, status: RoundStatus) -> None:
        del self._open[round_.number]
        round_.duration = self.elapsed - round_.began
        round_.step, round_.doing = None, ""
        if self.wants_skip == round_.number:
            self.wants_skip = None
        self._finish(round_, status)

    def _finish(self, round_: Round, status: RoundStatus) -> None:
        round_.status = status
        self.ended.append(round_)
        if status == RoundStatus.PAUSED:
            self._paused[round_.number] = round_
        else:
            self.totals.add(round_)
        if status == RoundStatus.DONE:
            self.metric_choice.add(round_)
            self._rank_by_values(round_.metrics)
            self._ranking.update(round_, self.metric, minimize=self.minimize)
            self._update_front([self._ranking[round_.params]])
        elif round_.fold is not None:  # its combination may have no mean now
            self._ranking.update(round_, self.metric, minimize=self.minimize)
        self._emit(RoundEnded(round_.number, status, round_.metrics, round_.duration, round_.error))

    def _emit(self, event: Event) -> None:
        self._call(self._subscribers, event)
