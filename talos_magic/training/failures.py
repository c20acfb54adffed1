"""Decides whether to give up a scan whose rounds have all failed."""

import re
from collections import defaultdict

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession

NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
SAME_FAILURES = 3  # rounds that fail in the same way from the start before the scan gives up


class Failures:
    """The failed rounds of a scan, those of an earlier run included."""

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._count = 0
        self._errors: set[str] = set()
        self._values: defaultdict[str, set[str]] = defaultdict(set)
        for round_ in session.rounds:
            if round_.status == RoundStatus.FAILED:
                self.add(round_)

    def add(self, failed: Round) -> None:
        """Add a failed round. Errors that differ only in their numbers are the same."""
        self._count += 1
        self._errors.add(NUMBER.sub("#", failed.error))
        for name, value in failed.params.items():
            self._values[name].add(str(value))

    def are_hopeless(self) -> bool:
        """Return whether all rounds have failed in the same way, so that the next will, too.

        Three rounds are enough, unless all of them share a value of a hyperparameter: it may be the
        cause. Where the person picks the rounds, the person decides.
        """
        session = self._session
        has_success = session.totals.counts[RoundStatus.DONE] > 0
        if session.open_ended or has_success or len(self._errors) != 1:
            return False
        if self._count == session.total:
            return True
        shares_a_value = any(len(self._values[name]) <= 1 for name in session.varying)
        return self._count >= SAME_FAILURES and not shares_a_value
