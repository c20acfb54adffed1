"""Chooses the metric that ranks the rounds of a scan, from what its rounds have brought so far."""

import math
from collections.abc import Mapping, Sequence

from talos_magic.formatting import format_number
from talos_magic.scan.metric import (
    FALLBACKS,
    PREFERRED,
    choose_metric,
    is_accuracy,
    is_minimized,
)
from talos_magic.scan.round import Round


class MetricChoice:
    """The metric and the direction that were asked for, or else the usual ones.

    A metric that is one number in all epochs of all rounds ranks nothing, and neither does the
    accuracy of a regression: then a loss does, unless the person asked for that metric or its
    direction.
    """

    def __init__(self, wanted: str | None = None, minimize: bool | None = None) -> None:
        self.wanted = wanted
        self.wanted_minimize = minimize
        self.regression: str | None = None  # loss of all fits; empty if some have classes
        self._usual = ""
        self._done = 0
        self._varied: set[str] = set()  # metrics that have had two values or more
        self._first: dict[str, float] = {}  # the first value of each metric

    def is_minimized(self, metric: str) -> bool:
        """Return whether less of a metric is better."""
        return is_minimized(metric) if self.wanted_minimize is None else self.wanted_minimize

    def by_name(self, metrics: Mapping[str, float]) -> str:
        """Return the metric that is wanted, or else the usual one of a round."""
        self._usual = choose_metric(metrics, self.wanted)
        return self._usual

    def note_fit(self, regression: str) -> None:
        """Note the loss of a fit that is a regression; empty for any other fit."""
        self.regression = regression if self.regression is None else self.regression and regression

    def add(self, round_: Round) -> None:
        """Note which metrics vary, after a round is done."""
        self._done += 1
        for name in round_.curves.keys() - self._varied:
            values = set(filter(math.isfinite, round_.curves[name][round_.begin : round_.end]))
            if values and values != {self._first.setdefault(name, next(iter(values)))}:
                self._varied.add(name)

    def by_values(self, metrics: Mapping[str, float]) -> str:
        """Return the metric by name, or a loss in its place while it tells nothing apart."""
        losses = [name for name in FALLBACKS if name in metrics]
        if not self._is_meaningless(self._usual):
            is_one_number = self._done > 1 and self._usual not in self._varied
            losses = [name for name in losses if is_one_number and name in self._varied]
        return self._usual if self._is_asked else next(iter(losses), self._usual)

    @property
    def _is_asked(self) -> bool:
        return self.wanted is not None or self.wanted_minimize is not None

    def _is_meaningless(self, metric: str) -> bool:
        return bool(self.regression) and is_accuracy(metric) and not self._is_asked

    def why(self, metric: str) -> str:
        """Return why this metric ranks the rounds from now on."""
        usual, number = self._usual, format_number(self._first.get(self._usual, math.nan))
        if metric == usual:
            return f"{metric} varies now: it ranks the rounds again"
        if self._is_meaningless(usual):
            return (
                f"{usual} means nothing for a loss of {self.regression}: the rounds are ranked by "
                f"{metric}; -m {usual} ranks by it"
            )
        return f"{usual} is {number} in every epoch so far: the rounds are ranked by {metric}"

    def candidate_scores(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """Return an epoch's values of the metrics that may rank the rounds: less is better.

        If none was asked for, these are the usual ones, of validation if there are any.
        """
        usual = [self.wanted] if self.wanted else list(PREFERRED)
        names = [name for name in usual if name in metrics]
        if not self.wanted:
            of_validation = [name for name in names if name.startswith("val_")]
            names = of_validation or names or list(metrics)[:1]
        return {n: (1 if self.is_minimized(n) else -1) * float(metrics[n]) for n in names}

    def deciding_metrics(self, metric: str, history: Mapping[str, Sequence[float]]) -> list[str]:
        """Return the metrics that decide which epoch of a history is its best, the first before.

        Of a metric that is one number throughout, any epoch is as good: then a loss decides, as it
        does in place of the accuracy of a regression.
        """
        metric = metric or choose_metric(history, self.wanted)
        is_one_number = len(set(history.get(metric, ()))) == 1
        losses = [name for name in FALLBACKS if name in history]
        is_blind = is_one_number or self._is_meaningless(metric)
        return [*losses, metric] if is_blind and losses else [metric]
