"""Manual search: rounds that a person picks one by one, and then, if wanted, the whole grid."""

from collections.abc import Iterator

from talos_magic.editor.waiting import Waiting
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.plan import Plan
from talos_magic.scan.events import Label
from talos_magic.scan.session import ScanSession

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
    session = plan.session
    session.varying = [dimension.name for dimension in plan.grid.active]
    session.open_ended = True
    made = "try"
    while made != "end":
        try:
            waiting.editor.check()
            if made == "scan":
                plan.edit(Grid(waiting.editor.grid.to_dict()))
                break
            labels = plan.pick(waiting.editor.picked())
        except ScanError as error:
            waiting.decision.refuse(str(error))
        else:
            session.total = len(session.rounds) + session.repeats
            yield from [labels] * session.repeats
            waiting.editor.context.learn(session)
            waiting.decision.wait_for_next(_progress(session))
        with session.waiting():
            made = waiting.for_decision(stopped=session.wants_no_more)
    session.open_ended = False
    if made == "scan":
        yield from plan.rounds()


def _progress(session: ScanSession) -> str:
    last = session.rounds[-1]
    parts = [f"{len(session.rounds)} tried"]
    if last.error:
        parts.append(f"the last one failed: {last.error}")
    return "; ".join([*parts, "pick other values, or finish"])
