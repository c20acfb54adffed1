"""Manual search: rounds that a person picks one by one, and then, if wanted, the whole grid."""

from collections.abc import Iterator

from talos_magic.editor.waiting import Waiting
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.run import Plan
from talos_magic.scan.events import Label


def rounds_by_hand(plan: Plan, waiting: Waiting) -> Iterator[dict[str, Label]]:
    """Give the round that is picked in the editor, then wait for the next.

    Parameters
    ----------
    plan : Plan
        The scan, whose first round has been decided on.
    waiting : Waiting
        The editor.

    Yields
    ------
    dict
        Labels of a round.
    """
    tried: list[dict[str, Label]] = []
    plan.session.varying = [dimension.name for dimension in plan.grid.active]
    made = "try"
    while made != "end":
        try:
            rounds = _picked(plan, waiting) if made == "try" else _rest(plan, waiting, tried)
        except ScanError as error:
            waiting.decision.refuse(str(error))
        else:
            plan.session.total = len(tried) + len(rounds)
            tried += rounds
            yield from rounds
            if made == "scan":
                return
            waiting.decision.wait_for_next(len(tried))
        made = waiting.for_decision(stopped=plan.session.wants_no_more)


def _picked(plan: Plan, waiting: Waiting) -> list[dict[str, Label]]:
    return [plan.pick(waiting.editor.picked())]


def _rest(plan: Plan, waiting: Waiting, tried: list[dict[str, Label]]) -> list[dict[str, Label]]:
    """All of the grid that was not tried yet."""
    plan.choose_from(Grid(waiting.editor.grid.to_dict()))
    return [labels for labels in plan.rounds() if labels not in tried]
