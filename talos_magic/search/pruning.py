"""Prunes rounds that do worse than others did at the same epoch.

What a pruner knows is made of the rounds, so a resumed scan prunes as if never interrupted.
"""

import math
from bisect import insort
from collections.abc import Callable

from talos_magic.scan.round import Round, RoundStatus, Verdict
from talos_magic.scan.session import ScanSession
from talos_magic.search.ended_rounds import EndedRounds
from talos_magic.search.pruning_rules import (
    Hyperband,
    Median,
    Rule,
    SuccessiveHalving,
    Trial,
    middle,
)

WARM_UP = 10  # a tenth of the epochs is trained before a round is judged

PRUNERS: dict[str, Callable[[int, int], Rule]] = {  # from the epochs of a whole round, and a seed
    "median": lambda epochs, _: Median(math.ceil(epochs / WARM_UP)),
    "asha": lambda epochs, _: SuccessiveHalving(math.ceil(epochs / WARM_UP)),
    "hyperband": lambda epochs, seed: Hyperband(math.ceil(epochs / WARM_UP), epochs, seed),
}


class Pruner:
    """Decides after each epoch whether the running round is pruned: a session's `pruner`.

    - median: the best value so far is worse than the median of the done rounds at the same epoch
      (Golovin et al., 2017).
    - asha: not among the best third at 1, 3, 9, ... times the warm-up (Li et al., MLSys 2020).
    - hyperband: asha with several warm-ups (Li et al., JMLR 2018).

    The warm-up is a tenth of the epochs of the longest round, rounded up. The first round is
    trained to the end. An epoch is not judged if it is the last one, if the metric is missing or
    not finite, or if it is reported once more, as by a loop over folds. After the first, a round
    whose loss is NaN is pruned, whatever the method: so are its weights.

    Each epoch and each ended round is looked at once. Of an ended round, the recorded curve counts.
    """

    def __init__(self, session: ScanSession, method: str) -> None:
        self._session = session
        self._method = method
        self._reported: set[str] = set()  # metrics that epochs brought during training
        self._earlier = session.totals.counts[RoundStatus.DONE]  # in an earlier run
        self._start()

    def _start(self) -> None:
        self._objective = self._session.metric, self._session.minimize
        self._ended = EndedRounds(self._session)
        self._trials: dict[int, Trial] = {}  # of the running rounds
        self._rule: Rule | None = None
        self._epochs = 0  # for which the rule is made
        self._taken: list[Round] = []  # all ended rounds so far
        self._lengths: list[int] = []  # epochs of the whole rounds, sorted
        self._length_names: set[str] = set()  # hyperparameters that are the number of epochs

    def judge(self, running: Round, *, can_pause: bool) -> Verdict:
        """Judge a running round by its last epoch."""
        running.epochs_saved = self._epochs_to_save(running)
        return Verdict.PRUNE if running.epochs_saved else Verdict.GO_ON

    def _epochs_to_save(self, running: Round) -> int:
        """Return the epochs that are saved by pruning the round now; 0 if it goes on."""
        if self._objective != (self._session.metric, self._session.minimize):
            self._start()
        for ended in self._ended.take():
            self._take_in(ended)
        self._reported.update(running.curves)
        if self._rule is None:
            return 0
        trial = self._trials.setdefault(running.number, Trial(running.number))
        is_over = self._follow(trial, running, self._rule) or running.has_diverged
        return max(self._epochs_left(running), 0) if is_over else 0

    def report_idle(self) -> None:
        """Add a notice to the session if no round can have been judged."""
        session, method = self._session, f"--prune {self._method}"
        done = session.totals.counts[RoundStatus.DONE]
        if session.rounds and session.total == 1:
            session.notice(f"{method}: the first round is never pruned")
        elif done > max(1, self._earlier) and session.metric not in self._reported:
            session.notice(
                f"{method} has judged no round: no epoch reported {session.metric} during "
                "training; in a training loop of your own, call talos_magic.report(epoch, ...)"
            )

    def _take_in(self, ended: Round) -> None:
        """Compare later rounds with this one."""
        self._trials.pop(ended.number, None)
        self._taken.append(ended)
        if ended.status == RoundStatus.DONE and math.isfinite(self._session.score(ended)):
            self._note_length(ended)
        new = [ended]
        if self._lengths and self._lengths[-1] > self._epochs:  # the first may have stopped early
            self._epochs = self._lengths[-1]
            self._rule = PRUNERS[self._method](self._epochs, self._session.seed or 0)
            self._trials.clear()
            new = self._taken
        if self._rule is not None:
            for round_ in new:
                trial = Trial(round_.number)
                self._follow(trial, round_, self._rule)
                self._rule.add(trial, is_done=round_.status == RoundStatus.DONE)

    def _follow(self, trial: Trial, round_: Round, rule: Rule) -> bool:
        """Look at the epochs that are new; return whether the last of them is worse than others."""
        curve = round_.curves.get(self._session.metric, [])
        is_worse = False
        for epoch in range(trial.epochs, len(curve)):
            is_worse = math.isfinite(curve[epoch])
            if is_worse:
                trial.add(epoch + 1, curve[epoch] if self._session.minimize else -curve[epoch])
                is_worse = rule.is_worse(trial, epoch + 1)
        trial.epochs = len(curve)
        return is_worse

    def _note_length(self, whole: Round) -> None:
        names = {n for n, v in whole.params.items() if "epoch" in n and v == whole.epochs}
        self._length_names = self._length_names & names if self._lengths else names
        insort(self._lengths, whole.epochs)

    def _epochs_left(self, running: Round) -> int:
        """Return how many epochs are left, as far as the whole rounds, or fit, show it."""
        for name, value in running.params.items():  # such as "epochs"
            if name in self._length_names:
                return int(value or 0) - running.epochs
        if running.step is None or running.epochs <= self._lengths[0] == self._lengths[-1]:
            return self._lengths[0] - running.epochs
        usual = round(middle(self._lengths)) - running.epochs  # rounds may stop early by themselves
        return min(running.step.epochs - running.step.epoch, max(usual, 1))
