"""The notice at the end of a scan with two metrics: which rounds are on the Pareto front."""

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession

MOST_NAMED = 20  # rounds


def report_pareto_front(session: ScanSession) -> None:
    """Show a notice of the rounds that no other beats in both metrics, if there are two."""
    if not (session.second_metric and session.metric):
        return
    both = f"both {session.metric} and {session.second_metric}"
    front = sorted(session.front, key=lambda combination: combination.rounds[0].number)
    numbers = [r.number for entry in front for r in entry.rounds if r.status == RoundStatus.DONE]
    if not numbers:
        session.notice(f"no round has {both}")
        return
    shown = ", ".join(map(str, numbers[:MOST_NAMED]))
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    session.notice(f"not beaten in {both}: rounds {shown}{more}")
