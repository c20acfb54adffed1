"""The pruners by name."""

from talos_magic.scan.session import ScanSession
from talos_magic.search.promotion import Promoter
from talos_magic.search.pruning import PRUNERS, Pruner


def make_pruner(session: ScanSession, method: str | None) -> Pruner | Promoter | None:
    """Make the pruner of a session; None if no round is to be pruned."""
    if method not in PRUNERS:
        return None
    return Pruner(session, method) if method == "median" else Promoter(session, method)
