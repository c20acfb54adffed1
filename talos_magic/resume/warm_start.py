"""Find the earlier scan from which a search learns (``--from``), and the rounds that it can use."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from talos_magic.errors import DamagedScanError, InvalidInputError, ScanError
from talos_magic.formatting import pluralize
from talos_magic.grid.grid import Grid
from talos_magic.resume.identity import ScanIdentity
from talos_magic.scan.metric import choose_metric
from talos_magic.scan.round import DURATION, Round, RoundStatus
from talos_magic.storage.folders import is_there, scan_folders
from talos_magic.storage.saved_scan import SavedScan

if TYPE_CHECKING:  # it imports numpy, which takes a while
    from talos_magic.search.warm_start import WarmStart


class EarlierScan(NamedTuple):
    """The scan from which a search learns."""

    recorded: str  # where it is, for a resume: NAME/SCAN below the root, or its path
    warm_start: "WarmStart | None"  # None if it was there when the scan began, but no longer
    known: int  # rounds of it whose values the grid has
    notice: str


def find_warm_start(
    text: str,
    root: Path,
    grid: Grid,
    *,
    ranges: Collection[str],
    metrics: Iterable[str | None],
    saved: SavedScan | None,
) -> EarlierScan:
    """Find what `text` names: an experiment below the root, or the path of a scan's folder.

    A resumed scan, `saved`, learns from the folder that it began with. Of an experiment, the newest
    scan that has a whole round is taken. Raise an InvalidInputError if there is none, or if it has
    other hyperparameters than the grid, or not all of the `metrics` that were asked for.
    """
    began_with = _recorded(saved)
    if began_with is None or not _is_named(began_with, text, root):
        folder = _newest(text, root, saved)
        return _learn(text, SavedScan.open(folder), _path(folder, root), grid, ranges, metrics)
    try:
        earlier = SavedScan.open(root / began_with)
        return _learn(text, earlier, began_with, grid, ranges, metrics)
    except ScanError as error:
        return EarlierScan(
            began_with, None, 0, f"no longer learns from {began_with}, as it began: {error}"
        )


def _recorded(saved: SavedScan | None) -> str | None:
    recorded = saved and ScanIdentity.from_saved(saved).options.get("warm_start")
    return recorded if isinstance(recorded, str) else None


def _is_named(recorded: str, text: str, root: Path) -> bool:
    own, path = Path(recorded), Path(text)
    return path in (own, own.parent) or _path(path, root) == recorded


def _path(folder: Path, root: Path) -> str:
    """Return how a folder is recorded: below the root, both may be moved together."""
    whole = folder.resolve()
    is_below = whole.parent.parent == root.resolve()
    return f"{whole.parent.name}/{whole.name}" if is_below else whole.as_posix()


def _newest(text: str, root: Path, saved: SavedScan | None) -> Path:
    """Return the folder of the newest scan that is called so and has a whole round."""
    folders = [f for f in scan_folders(root) if saved is None or f.resolve() != saved.folder]
    named = [f for f in folders if text in (f.parent.name, f"{f.parent.name}/{f.name}")]
    if not named and is_there(Path(text)):
        named = [Path(text)]
    if not named:
        names = sorted({folder.parent.name for folder in folders})
        near = get_close_matches(text, names, n=1) or names
        there = f"choose from {', '.join(near)}" if names else f"there is no earlier one in {root}"
        raise InvalidInputError(f"--from {text}: no experiment is called so: {there}")
    whole = next(filter(_has_a_whole_round, reversed(named)), None)
    if whole is None:
        raise InvalidInputError(f"--from {text}: it has no whole round to learn from")
    return whole


def _has_a_whole_round(folder: Path) -> bool:
    try:
        rounds = SavedScan.open(folder).rounds()
    except DamagedScanError:
        return False
    return any(round_.status == RoundStatus.DONE for round_ in rounds)


def _learn(
    text: str,
    earlier: SavedScan,
    recorded: str,
    grid: Grid,
    ranges: Collection[str],
    metrics: Iterable[str | None],
) -> EarlierScan:
    from talos_magic.search.space import Space
    from talos_magic.search.warm_start import WarmStart

    rounds, space = _with_params_of(grid, text, earlier), Space(grid, ranges)
    known = [round_ for round_ in rounds if space.coordinates(round_.params) is not None]
    if not known:
        raise InvalidInputError(f"--from {text}: none of its rounds has values that params has")
    there = {metric: None for round_ in known for metric in round_.metrics}
    for metric in metrics:
        if metric not in (None, DURATION, *there):
            raise InvalidInputError(
                f"--from {text}: none of its rounds has the metric {metric}: they have "
                f"{', '.join(there)}"
            )
    metric = (earlier.objective or {}).get("metric")
    metric = metric if metric in there else choose_metric(there)
    count = f"{len(known)} of the {pluralize(len(earlier.shown_rounds()), 'round')}"
    notice = f"learns from {count} of {earlier.name} ({earlier.folder.name})"
    return EarlierScan(recorded, WarmStart(earlier.name, rounds, metric), len(known), notice)


def _with_params_of(grid: Grid, text: str, earlier: SavedScan) -> list[Round]:
    """Return the rounds that show how good they are, with the hyperparameters of a grid.

    One of a single value may be new, because the cell may have had that value itself. One that the
    grid has no more is left out.
    """
    new = [d.name for d in grid.active if len(d.values) > 1 and d.name not in earlier.params]
    if new:
        raise InvalidInputError(
            f"--from {text}: its rounds have no {', '.join(new)}: they have "
            f"{', '.join(earlier.params)}"
        )
    trained = [
        round_
        for round_ in earlier.rounds()
        if round_.status.has_score() and round_.params.keys() == earlier.params.keys()
    ]
    return [
        replace(
            round_,
            number=place,
            params={d.name: round_.params.get(d.name, d.labels[0]) for d in grid.active},
        )
        for place, round_ in enumerate(trained)
    ]
