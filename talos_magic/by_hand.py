"""Manual search: rounds that a person picks one by one, and then, if wanted, the whole grid."""

from collections.abc import Iterator

from talos_magic.editor.waiting import Waiting
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.spec import key
from talos_magic.run import Plan
from talos_magic.scan.events import Label

Labels = dict[str, Label]


def rounds_by_hand(plan: Plan, waiting: Waiting) -> Iterator[Labels]:
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
    session, tried = plan.session, 0
    seen: set[tuple[object, ...]] = set()
    session.varying = [dimension.name for dimension in plan.grid.active]
    session.open_ended = True
    made = "try"
    while made != "end":
        try:
            waiting.editor.check()
            if made == "scan":
                plan.choose_from(Grid(waiting.editor.grid.to_dict()))
                break
            labels = plan.pick(waiting.editor.picked())
        except ScanError as error:
            waiting.decision.refuse(str(error))
        else:
            tried += 1
            session.total = tried
            seen.add(_key(labels))
            yield labels
            waiting.decision.wait_for_next(_progress(plan, tried))
        made = waiting.for_decision(stopped=session.wants_no_more)
    session.open_ended = False
    if made == "scan":
        session.total += tried
        yield from _not_seen(plan, seen)


def _not_seen(plan: Plan, seen: set[tuple[object, ...]]) -> Iterator[Labels]:
    """All of the grid that was not tried yet, one by one: there may be any number."""
    for labels in plan.rounds():
        if _key(labels) in seen:
            plan.session.total -= 1
        else:
            yield labels


def _key(labels: Labels) -> tuple[object, ...]:
    return tuple((name, *key(labels[name])) for name in sorted(labels))


def _progress(plan: Plan, tried: int) -> str:
    last = plan.session.rounds[-1]
    return f"{tried} tried" + (f"; the last one failed: {last.error}" if last.error else "")
