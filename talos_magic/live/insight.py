"""What the rounds say so far: which hyperparameters matter, and which of their values lead."""

import math
from typing import TYPE_CHECKING, NamedTuple

from talos_magic.formatting import format_number, shorten
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession

if TYPE_CHECKING:  # it imports numpy, which takes a while
    from talos_magic.search.effects import Effect

ENOUGH = 8  # rounds that are done before anything is said, as for importance
EVERY, SHARE = 4, 0.1  # rounds between two renewals: at least 4, and 10 % of those done
MOST = 2  # hyperparameters in the line
LEAST_SHARE = 0.005  # of the variation: a smaller share is none
LONGEST_LABEL = 24  # characters


class Insight(NamedTuple):
    """A hyperparameter that matters, empty if none stands out, and what is said of it."""

    name: str
    text: str


class Insights:
    """What the rounds of a session say, renewed every few rounds, because it takes a moment.

    Only what the words after a scan call no chance is said to matter.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._due = ENOUGH
        self._first: list[str] = []  # hyperparameters that mattered once
        self.lines: list[Insight] = []
        self.renew_if_due()

    def renew_if_due(self) -> None:
        """Look at the rounds again if enough of them have ended since, or the scan has."""
        done = self._session.totals.counts[RoundStatus.DONE]
        if done < (self._due if self._session.is_active else ENOUGH):
            return
        self._due = done + max(EVERY, int(SHARE * done))
        effects = _effects(self._session)
        leading = sorted(filter(_matters, effects), key=lambda effect: -effect.share)
        names = [effect.name for effect in leading]
        if set(names) - set(self._first):  # not at each renewal, as shares always differ a little
            self._first = list(dict.fromkeys([*names, *self._first]))
        metrics = [f"{self._session.metric} ", *[""] * (MOST - 1)]  # the first names it for all
        said = zip(leading, metrics, strict=False)
        self.lines = [_insight(effect, effects, metric) for effect, metric in said]
        if not self.lines and any(effect.is_separable for effect in effects):
            yet = " yet" if self._session.is_active else ""
            self.lines = [Insight("", f"no hyperparameter stands out{yet}")]

    @property
    def text(self) -> str:
        """What the rounds say in one line; empty while they are too few."""
        return " · ".join(" ".join(filter(None, line)) for line in self.lines)

    @property
    def order(self) -> list[str]:
        """The hyperparameters that vary: those that matter first, the others as in the grid."""
        names = self._session.varying
        return [n for n in self._first if n in names] + [n for n in names if n not in self._first]


def _effects(session: ScanSession) -> list["Effect"]:
    """Estimate the effects of what varies, the largest first; none if the rounds are too few."""
    import numpy as np

    from talos_magic.search.effects import FEW, effects_of
    from talos_magic.search.levels import levels_of

    done = [round_ for round_ in session.rounds if round_.status == RoundStatus.DONE]
    scored = [round_ for round_ in done if math.isfinite(session.score(round_))]
    tried = {n: levels_of([r.params.get(n) for r in scored]) for n in session.varying}
    levels = {name: own for name, own in tried.items() if len(own.names) > 1}
    columns = 1 + sum(len(own.names) - 1 for own in levels.values())
    if len(scored) < columns + FEW:
        return []
    scores = np.array([session.score(round_) for round_ in scored])
    return effects_of(levels, scores, minimize=session.minimize)


def _matters(effect: "Effect") -> bool:
    return effect.is_separable and not effect.is_doubtful and effect.share >= LEAST_SHARE


def _insight(effect: "Effect", effects: list["Effect"], metric: str) -> Insight:
    """Say how much a hyperparameter explains, and how its best value compares with its worst."""
    most = " most" if _is_most(effect, effects) else ""
    best, worst = effect.best, effect.worst
    lead, last = (shorten(format_number(level.label), LONGEST_LABEL) for level in (best, worst))
    means = f"{metric}{format_number(best.mean)} against {format_number(worst.mean)}"
    return Insight(
        effect.name, f"matters{most} ({effect.share:.0%}): {lead} leads, {means} with {last}"
    )


def _is_most(effect: "Effect", effects: list["Effect"]) -> bool:
    """Whether an effect is the largest, explains the most, and all others are known."""
    is_first = effect is effects[0] and effect.share == max(other.share for other in effects)
    return len(effects) > 1 and all(other.is_separable for other in effects) and is_first
