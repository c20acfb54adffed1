"""Manual search: rounds that a person picks one by one, and then, if wanted, the whole grid."""

from collections.abc import Iterator
from typing import Any

from talos_magic.editor.waiting import Waiting
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
    made = "try"
    plan.session.total = 0
    plan.session.varying = [dimension.name for dimension in plan.grid.active]
    while made == "try":
        tried.append(plan.pick(waiting.editor.picked()))
        plan.session.total += 1
        yield tried[-1]
        waiting.decision.wait_for_next(len(tried))
        made = waiting.for_decision(stopped=plan.session.wants_no_more)
    if made == "scan":
        yield from _rest(plan, waiting.editor.grid, tried)


def _rest(plan: Plan, grid: Grid, tried: list[Any]) -> Iterator[dict[str, Label]]:
    plan.grid = Grid(grid.to_dict())
    plan.choose()
    rest = [labels for labels in plan.rounds() if labels not in tried]
    plan.session.total = len(tried) + len(rest)
    yield from rest
