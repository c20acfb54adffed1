"""Notices at the end of a scan: what its scores do not show."""

import math

from talos_magic.formatting import format_number
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession


def report_scores(session: ScanSession) -> None:
    """Say whether the metric ranks nothing, and which round would win by its best epoch."""
    done = [round_ for round_ in session.rounds if round_.status == RoundStatus.DONE]
    scores = {score for score in map(session.score, done) if math.isfinite(score)}
    metric = session.metric
    if len(done) > 1 and len(scores) == 1:
        value = format_number(scores.pop())
        session.notice(f"{metric} is {value} in all rounds, so it ranks none of them")
    if not session.by_best_epoch and session.repeats == 1 and session.best is not None:
        sign = 1 if session.minimize else -1
        peaks = [(round_.peak(metric, minimize=session.minimize), round_) for round_ in done]
        known = [(sign * peak.value, peak, round_) for peak, round_ in peaks if peak is not None]
        _, peak, first = min(known, key=lambda entry: (entry[0], entry[2] is not session.best))
        if first is not session.best:
            session.notice(
                f"by its best epoch, round {first.number} would win: {metric} "
                f"{format_number(peak.value)} at epoch {peak.epoch + 1} of "
                f"{first.recorded_epochs} (--score best ranks so, and keeps those weights)"
            )
