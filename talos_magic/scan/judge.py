"""What a session asks of a pruner."""

from typing import Protocol

from talos_magic.scan.round import Round, Verdict


class Judge(Protocol):
    """Says after each epoch whether a running round goes on."""

    def judge(self, running: Round, *, can_pause: bool) -> Verdict:
        """Judge a round by its last epoch; of a pruned one, set `epochs_saved`.

        `can_pause` is False if it could not go on after a pause.
        """
