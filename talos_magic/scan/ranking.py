"""Which combination is best: the one whose rounds, which differ in their seeds, are so on average.

Most scans train each combination once; its mean is its score then.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from talos_magic.scan.events import Label
from talos_magic.scan.metric import is_better
from talos_magic.scan.rounds import ENDED, Round


@dataclass
class Combination:
    """The rounds that were trained on the same params.

    Examples
    --------
    >>> rounds = [Round(n, {"lr": 0.1}, status="done", metrics={"loss": n / 4}) for n in (1, 3)]
    >>> Combination(rounds).mean("loss"), round(Combination(rounds).deviation("loss"), 3)
    (0.5, 0.354)
    """

    rounds: list[Round] = field(default_factory=list)

    @property
    def params(self) -> Mapping[str, Label]:
        """What its rounds share."""
        return self.rounds[0].params

    def scores(self, metric: str) -> list[float]:
        """Give a metric at the end of each round that is done, NaN where it has none."""
        done = (round_ for round_ in self.rounds if round_.status == "done")
        return [round_.value(metric) for round_ in done]

    def mean(self, metric: str) -> float:
        """Mean of a metric; NaN if no round is done, or one has diverged."""
        scores = self.scores(metric)
        try:
            return math.fsum(scores) / len(scores) if scores else math.nan
        except OverflowError:  # numbers of 300 digits
            return math.nan

    def deviation(self, metric: str) -> float:
        """Standard deviation of a metric over its rounds, as a sample's; NaN of fewer than two."""
        scores, mean = self.scores(metric), self.mean(metric)
        if len(scores) < 2:
            return math.nan
        return math.dist(scores, [mean] * len(scores)) / math.sqrt(len(scores) - 1)

    def best(self, metric: str, *, minimize: bool) -> Round | None:
        """The done round with the best value of a metric."""
        best = None
        for round_ in self.rounds:
            if round_.status == "done":
                known = math.nan if best is None else best.metrics[metric]
                score = round_.metrics.get(metric, math.nan)
                best = round_ if is_better(score, known, minimize=minimize) else best
        return best

    def has_ended(self, repeats: int) -> bool:
        """Whether it has been trained as often as it is to be."""
        return sum(round_.status in ENDED for round_ in self.rounds) >= repeats


class Ranking:
    """All combinations of a scan by their rounds.

    Parameters
    ----------
    rounds : iterable of Round
        Those there are.

    Attributes
    ----------
    best : Round or None
        The best round of the combination with the best mean, as far as `judge` was told.

    Examples
    --------
    >>> scores = [("a", 0.9), ("b", 0.7), ("a", 0.1)]
    >>> ranking = Ranking(
    ...     Round(n, {"opt": opt}, status="done", metrics={"acc": score})
    ...     for n, (opt, score) in enumerate(scores)
    ... )
    >>> ranking.choose_best("acc", minimize=False)
    >>> ranking.best.params
    {'opt': 'b'}
    """

    def __init__(self, rounds: Iterable[Round] = ()) -> None:
        self._combinations: dict[str, Combination] = {}
        self.best: Round | None = None
        for round_ in rounds:
            self.add(round_)

    def add(self, round_: Round) -> None:
        """Take in a round."""
        self._combinations.setdefault(_key(round_.params), Combination()).rounds.append(round_)

    def __getitem__(self, params: Mapping[str, Label]) -> Combination:
        return self._combinations.get(_key(params)) or Combination()

    def combinations(self) -> list[Combination]:
        """All of them, in the order in which they were first trained."""
        return list(self._combinations.values())

    def ordered(self, metric: str, *, minimize: bool) -> list[Combination]:
        """Those that have a mean, the best first."""
        sign = 1 if minimize else -1
        known = [c for c in self._combinations.values() if math.isfinite(c.mean(metric))]
        return sorted(known, key=lambda combination: sign * combination.mean(metric))

    def judge(self, round_: Round, metric: str, *, minimize: bool) -> None:
        """See whether a round makes its combination the best, or the best one no more so."""
        own = self[round_.params]
        mean = own.mean(metric)
        best = math.nan if self.best is None else self[self.best.params].mean(metric)
        if self.best in own.rounds or mean == best:  # of equal ones, the first is the best
            self.choose_best(metric, minimize=minimize)
        elif is_better(mean, best, minimize=minimize):
            self.best = own.best(metric, minimize=minimize)

    def choose_best(self, metric: str, *, minimize: bool) -> None:
        """Compare all combinations."""
        best = math.nan
        self.best = None
        for combination in self._combinations.values():
            mean = combination.mean(metric)
            if is_better(mean, best, minimize=minimize):
                best = mean
                self.best = combination.best(metric, minimize=minimize)


def _key(params: Mapping[str, Label]) -> str:
    """Tell 1 from True and 1.0; the order of names, which Talos changes, does not count."""
    return json.dumps(sorted(params.items()), default=str)
