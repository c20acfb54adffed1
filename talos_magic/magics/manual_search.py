"""Manual search: the user picks the rounds one by one, and at last, perhaps, the whole grid."""

from collections.abc import Iterator

from talos_magic.editor.waiting import Waiting
from talos_magic.errors import ScanError
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.scan.round import NextRound
from talos_magic.scan.session import ScanSession


def rounds_by_hand(plan: Plan, waiting: Waiting) -> Iterator[NextRound]:
    """Yield the labels of each round that is picked in the editor; the first has been picked."""
    session = plan.session
    session.varying = [dimension.name for dimension in plan.grid.active]
    session.open_ended = True
    decision = "try"
    while decision != "end":
        try:
            waiting.editor.check()
            if decision == "scan":
                plan.edit(Grid(waiting.editor.grid.to_dict()))
                break
            labels = plan.pick(waiting.editor.picked())
        except ScanError as error:
            waiting.decision.refuse(str(error))
        else:
            session.total = session.tried + session.repeats
            yield from [labels] * session.repeats
            waiting.editor.context.learn(session)
            waiting.decision.wait_for_next(_progress(session))
        with session.waiting():
            decision = waiting.for_decision(stopped=session.wants_no_more)
    session.open_ended = False
    if decision == "scan":
        yield from plan.rounds()


def _progress(session: ScanSession) -> str:
    error = "" if session.latest is None else session.latest.error
    failed = f"; the last one failed: {error}" if error else ""
    return f"{session.tried} tried{failed}; pick other values, or finish"
