"""The picture of a scan that was loaded from disk, as its session would have left it."""

from typing import TYPE_CHECKING

from talos_magic.live.picture import picture_html
from talos_magic.scan.ranking import Ranking, varying
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState, Stopwatch
from talos_magic.storage.saved_scan import SavedScan

if TYPE_CHECKING:  # it imports Talos
    from talos_magic.engine.result import ScanResult


def saved_picture(result: "ScanResult", metric: str | None = None) -> str:
    """Return HTML that reads without scripts, and lives where they run."""
    metric, minimize = result.direction(metric)
    rounds = list(result.rounds)
    combinations = Ranking(rounds).combinations()
    session = ScanSession(
        name=result.details["experiment_name"],
        folder=f"{result.run_dir.parent.name}/{result.run_dir.name}",
        seed=SavedScan.open(result.run_dir).seed,
        rounds=rounds,
        total=len(rounds),
        varying=varying(rounds),
        repeats=max(len(combination.rounds) for combination in combinations),
        metric=metric,
        minimize=minimize,
    )
    session.clock = Stopwatch(sum(round_.duration for round_ in rounds))
    session.state = ScanState.DONE
    return picture_html(session)
