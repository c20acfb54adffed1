"""The picture of a scan that was loaded from disk, as its session would have left it."""

from typing import TYPE_CHECKING

from talos_magic.analysis.listed_scans import STATES
from talos_magic.live.picture import picture_html
from talos_magic.scan.ranking import Ranking, varying
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState, Stopwatch
from talos_magic.storage.saved_scan import SavedScan

if TYPE_CHECKING:  # it imports Talos
    from talos_magic.engine.result import ScanResult


REASONS = {"failed": "failed", "running": "still running when this was written"}
STOPPED = "stopped before the end"


def saved_picture(result: "ScanResult", metric: str | None = None) -> str:
    """Return HTML that reads without scripts, and lives where they run."""
    metric, minimize = result.direction(metric)
    rounds = list(result.rounds)
    combinations = Ranking(rounds).combinations()
    saved = SavedScan.open(result.run_dir)
    is_whole = STATES.get(saved.status) == ScanState.DONE
    session = ScanSession(
        name=result.details["experiment_name"],
        folder=f"{result.run_dir.parent.name}/{result.run_dir.name}",
        seed=saved.seed,
        rounds=rounds,
        total=len(rounds),
        open_ended=not is_whole,  # nobody recorded how many there were to be
        varying=varying(rounds),
        repeats=max(len(combination.rounds) for combination in combinations),
        metric=metric,
        minimize=minimize,
    )
    session.clock = Stopwatch(sum(round_.duration for round_ in rounds))
    session.state = ScanState.DONE if is_whole else ScanState.STOPPED
    session.reason = "" if is_whole else REASONS.get(saved.status, STOPPED)
    return picture_html(session)
