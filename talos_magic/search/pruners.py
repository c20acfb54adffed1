"""The pruners by name."""

from collections.abc import Callable, Mapping

from talos_magic.scan.session import ScanSession
from talos_magic.search.promotion import Promoter
from talos_magic.search.pruning import PRUNERS, Pruner
from talos_magic.values.labels import Label


def make_pruner(
    session: ScanSession,
    method: str | None,
    *,
    can_pause: bool,
    is_open: Callable[[Mapping[str, Label]], bool],
) -> Pruner | Promoter | None:
    """Make the pruner of a session; None if no round is to be pruned.

    `is_open` says of params whether a paused round may still go on.
    """
    if method not in PRUNERS:
        return None
    promotes = can_pause and method != "median"
    return Promoter(session, method, is_open) if promotes else Pruner(session, method)
