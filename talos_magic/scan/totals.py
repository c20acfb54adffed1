"""Totals of the rounds that have ended, kept up to date so that no view has to walk all rounds."""

from collections import Counter
from collections.abc import Iterable

from talos_magic.scan.round import Round, RoundStatus


class Totals:
    """Number of rounds, seconds and epochs by status, and the epochs that pruning has saved."""

    def __init__(self, rounds: Iterable[Round] = ()) -> None:
        self.counts: Counter[RoundStatus] = Counter()
        self.seconds = dict.fromkeys(RoundStatus, 0.0)
        self.epochs: Counter[RoundStatus] = Counter()
        self.epochs_saved = 0
        for round_ in rounds:
            self.add(round_)

    def add(self, round_: Round) -> None:
        """Add a round that has ended."""
        self.counts[round_.status] += 1
        self.seconds[round_.status] += round_.duration
        self.epochs[round_.status] += round_.epochs
        if round_.status == RoundStatus.PRUNED:
            self.epochs_saved += round_.epochs_saved
