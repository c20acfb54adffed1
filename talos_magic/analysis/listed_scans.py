"""Sums up the scans under a folder. It imports no pandas, so that listing them is quick."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from talos_magic.errors import DamagedScanError, InvalidInputError
from talos_magic.formatting import format_mean, format_params
from talos_magic.scan.metric import choose_metric, is_minimized
from talos_magic.scan.ranking import Combination, Ranking, varying
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.scan_json import scan_json
from talos_magic.storage.folders import scan_folders
from talos_magic.storage.saved_scan import SavedScan

COLUMNS = ["experiment", "scan", "state", "rounds", "failed", "best", "params"]
STATES = {"complete": "done", "paused": "stopped"}  # of Talos's words


@dataclass(frozen=True)
class ListedScan:
    """A scan on disk: how it ended, and its rounds.

    The state is running, done, stopped, failed, interrupted if the kernel died, or damaged.
    """

    folder: Path
    name: str
    state: str
    recorded: int = 0  # rounds that ended
    rounds: list[Round] = field(default_factory=list)
    metric: str = ""  # empty if no round ended
    minimize: bool = False

    @property
    def row(self) -> tuple[str | int, ...]:
        """Its row of the table: `best` and `params` are the best combination's."""
        best, score = self.best, ""
        if best is not None:
            mean, deviation = best.mean(self.metric), best.deviation(self.metric)
            score = f"{self.metric} {format_mean(mean, deviation)}"
        params = {} if best is None else best.params
        names = varying(self.rounds) or list(params)
        shown = format_params({name: v for name, v in params.items() if name in names})
        own = (self.name, self.folder.name, self.state, self.recorded, self.failed)
        return (*own, score, shown)

    @property
    def failed(self) -> int:
        """Number of rounds that failed."""
        return sum(round_.status == RoundStatus.FAILED for round_ in self.rounds)

    @property
    def best(self) -> Combination | None:
        """The best combination, if there is one."""
        ranked = Ranking(self.rounds).ordered(self.metric, minimize=self.minimize)
        return ranked[0] if ranked else None

    def as_json(self) -> dict[str, Any]:
        """Return the summary that its cell's output has, too."""
        return scan_json(
            self.rounds,
            name=self.name,
            folder=str(self.folder),
            state=self.state,
            metric=self.metric,
            minimize=self.minimize,
        )


def listed_scans(root: Path) -> Iterator[ListedScan]:
    """Yield the scans in folders ``root/NAME/SCAN``, the newest last."""
    for folder in scan_folders(root):
        try:
            saved = SavedScan.open(folder)
            known = saved.metadata
            is_ours = bool(known.get("experiment_name") and known.get("details"))
            if is_ours or not known:
                yield listed(saved, folder)
        except InvalidInputError:  # no scan
            continue
        except DamagedScanError:
            yield ListedScan(folder, folder.parent.name, "damaged")


def listed(saved: SavedScan, folder: Path) -> ListedScan:
    """Sum up a scan; `folder` is its path as it is to be shown."""
    rounds = saved.rounds()
    metrics = {name: None for round_ in rounds for name in round_.metrics}
    objective = saved.objective or {}
    metric = objective.get("metric") or (choose_metric(metrics) if metrics else "")
    direction = objective.get("direction")
    failed = sum(round_.status == RoundStatus.FAILED for round_ in rounds)
    state = STATES.get(saved.status, saved.status)
    is_failed = 0 < len(saved.records) <= failed and state != "running"
    return ListedScan(
        folder,
        saved.name,
        "failed" if is_failed else state,
        len(saved.records),
        rounds,
        metric,
        is_minimized(metric) if direction is None else direction == "min",
    )
