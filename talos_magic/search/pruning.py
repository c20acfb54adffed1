"""Ends rounds that do worse than others did at the same epoch, by the rules of Optuna's pruners.

What a pruner knows is made of the scan's rounds, so that a scan that is resumed goes on as if it
had never been interrupted.
"""

import math
from collections.abc import Callable
from statistics import median
from typing import Any

from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession
from talos_magic.search.studies import new_study, quiet

FIRST = 3  # rounds that are trained whole before any is judged
WARM_UP = 10  # a tenth of the epochs is trained before a round is judged
REDUCTION = 3  # one round of three goes on: the factor of Hyperband's paper


def _median(warm_up: int, _epochs: int) -> Any:
    from optuna.pruners import MedianPruner

    return MedianPruner(n_startup_trials=0, n_warmup_steps=warm_up)


def _asha(warm_up: int, _epochs: int) -> Any:
    from optuna.pruners import SuccessiveHalvingPruner

    return SuccessiveHalvingPruner(min_resource=warm_up, reduction_factor=REDUCTION)


def _hyperband(warm_up: int, epochs: int) -> Any:
    from optuna.pruners import HyperbandPruner

    return HyperbandPruner(warm_up, max_resource=epochs, reduction_factor=REDUCTION)


PRUNERS: dict[str, Callable[[int, int], Any]] = {
    "median": _median,
    "asha": _asha,
    "hyperband": _hyperband,
}


class Pruning:
    """Tells of a running round whether it is to end: a session's `judge`.

    - median: the best it has shown is worse than the median of the others, those that are done, at
      the same epoch (Golovin et al., 2017).
    - asha: not among the best third at 1, 3, 9, ... times the warm-up (Li et al., MLSys 2020).
    - hyperband: asha with several warm-ups (Li et al., JMLR 2018).

    The warm-up is a tenth of the epochs, rounded up. The first three rounds are trained whole. An
    epoch at which the metric is missing or no number is not judged, nor is the last one. After the
    first three, a round whose loss is no number any more ends, whatever the method: its weights
    are none either.

    Parameters
    ----------
    session : ScanSession
        Its metric is what rounds are judged by.
    method : str
        A key of `PRUNERS`.

    Examples
    --------
    >>> session = ScanSession(total=10)
    >>> session.judge = Pruning(session, "median")
    >>> for loss in (0.5, 0.4, 0.3):
    ...     _ = session.start_round({"lr": loss})
    ...     session.finish_round({"loss": [2 * loss, loss]})
    >>> round_ = session.start_round({"lr": 9.0})
    >>> session.end_epoch({"loss": 9.0})
    >>> session.judge(round_)
    1
    """

    def __init__(self, session: ScanSession, method: str) -> None:
        self._session = session
        self._method = method
        self._epochs = 0  # of a whole round
        self._study: Any = None
        self._known = 0  # rounds that the study has been told of
        self._trial: Any = None  # the running round's
        self._seen: list[float] = []  # its epochs that the study has been told of
        self._judged = 0  # epochs that were judged
        self._earlier = len(session.rounds)  # rounds of an earlier run

    def __call__(self, running: Round) -> int:
        """Look at the last epoch of the running round.

        Returns
        -------
        int
            The epochs that it is spared; 0 if it is to go on.
        """
        done = [round_ for round_ in self._session.rounds if self._is_whole(round_)]
        if len(done) < FIRST:
            return 0
        with quiet():
            if self._study is None:
                self._begin(max(round_.epochs for round_ in done[:FIRST]))
            self._catch_up(running)
            is_worse = self._report(running)
        is_over = is_worse or running.has_diverged
        return max(self._epochs_left(running, done), 0) if is_over else 0

    def _is_whole(self, round_: Round) -> bool:
        """Whether others can be compared with it."""
        return round_.status == "done" and math.isfinite(self._session.score(round_))

    def tell_idle(self) -> None:
        """Say so if there was nothing to judge a round by."""
        session, method = self._session, f"--prune {self._method}"
        done = [round_ for round_ in session.rounds if round_.status == "done"]
        could_be_judged = any(round_.number >= self._earlier for round_ in done[FIRST:])
        if session.rounds and session.total <= FIRST:
            session.notice(f"{method}: the first {FIRST} rounds are never pruned")
        elif could_be_judged and not self._judged:
            session.notice(
                f"{method} has judged no round: no epoch brought {session.metric} while it was "
                f"trained; a loop of your own may call talos_magic.report(epoch, ...)"
            )

    def _begin(self, epochs: int) -> None:
        self._epochs = epochs
        self._known, self._trial, self._seen = 0, None, []
        pruner = PRUNERS[self._method](math.ceil(epochs / WARM_UP), epochs)
        direction = "minimize" if self._session.minimize else "maximize"
        self._study = new_study(pruner=pruner, direction=direction)

    def _catch_up(self, running: Round) -> None:
        """Tell the study of the rounds that have ended since."""
        rounds = self._session.rounds
        last = rounds[self._known].curves.get(self._session.metric, [])
        if self._seen and repr(self._seen) != repr(last[: len(self._seen)]):
            self._begin(self._epochs)  # an epoch was reported twice: the record has the later one
        for ended in rounds[self._known : running.number]:
            self._tell(ended)

    def _epochs_left(self, running: Round, done: list[Round]) -> int:
        """How many epochs are still to be trained, as far as whole rounds, or fit, can tell."""
        lengths = [round_.epochs for round_ in done]
        for name, value in running.params.items():  # such as "epochs"
            if "epoch" in name and [round_.params.get(name) for round_ in done] == lengths:
                return int(value or 0) - running.epochs
        if min(lengths) == max(lengths) or running.step is None:
            return min(lengths) - running.epochs
        usual = round(median(lengths)) - running.epochs  # they end by themselves, early or late
        return min(running.step.epochs - running.step.epoch, max(usual, 1))

    def _tell(self, ended: Round) -> None:
        """Tell the study of a round that is over, whether it saw it run or not."""
        from optuna.trial import TrialState

        self._report(ended)
        if not self._trial.user_attrs:
            self._study.tell(self._trial, state=TrialState.FAIL)
        elif ended.status == "done":
            self._study.tell(self._trial, self._trial.user_attrs["last"])
        else:
            self._study.tell(self._trial, state=TrialState.PRUNED)
        self._trial, self._seen = None, []
        self._known += 1

    def _report(self, round_: Round) -> bool:
        """Report the epochs that are new; tell whether the last of them is worse than others."""
        if self._trial is None:
            self._trial = self._study.ask()
        curve = round_.curves.get(self._session.metric, [])
        is_worse = False
        for epoch in range(len(self._seen), len(curve)):
            is_worse = False
            if math.isfinite(curve[epoch]):
                self._trial.report(curve[epoch], epoch + 1)
                self._trial.set_user_attr("last", curve[epoch])
                is_worse = self._trial.should_prune()
                self._judged += round_.status == "running"
            self._seen.append(curve[epoch])
        return is_worse
