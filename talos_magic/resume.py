"""Going on with an earlier scan: which one it is, and whether it is still the same."""

import ast
import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.spec import key
from talos_magic.scan.events import Label
from talos_magic.scan.folder import scan_folders
from talos_magic.scan.saved import CELL, SavedScan, label_lists
from talos_magic.words import number

LONGEST_DIFF = 12  # lines


def find_earlier(
    root: Path, name: str, *, resume: bool, fresh: bool, named: bool = True
) -> SavedScan | None:
    """Find the scan to go on with.

    Parameters
    ----------
    root : Path
        Where experiments lie.
    name : str
        The experiment.
    resume, fresh : bool
        What the person wants. Without either, an experiment that was `named` is asked about; one
        that was not begins anew.

    Returns
    -------
    SavedScan or None
        The experiment's newest scan; None if it has none, or a new one is wanted.

    Raises
    ------
    ScanError
        If it is not clear what is wanted, or the scan cannot be resumed.

    Examples
    --------
    >>> find_earlier(Path("no such folder"), "lenet", resume=True, fresh=False) is None
    True
    """
    if resume and fresh:
        raise ScanError("--resume and --fresh contradict each other: give one")
    if fresh or not (resume or named):
        return None
    folders = scan_folders(root, name)
    if not folders:
        return None
    saved = SavedScan.open(folders[-1])
    if not resume:
        count = len(saved.records)
        raise ScanError(
            f"{name} has a scan already ({count} {'round' if count == 1 else 'rounds'}, begun "
            f"{saved.folder.name}): --resume goes on with it, --fresh begins another beside it"
        )
    _check(saved)
    return saved


def check_same(
    saved: SavedScan, *, source: str, identity: Mapping[str, object], grid: Grid
) -> None:
    """Refuse to go on with a scan whose cell, params or data are others now.

    Values that were added to the grid are no hindrance: only their combinations are new.

    Parameters
    ----------
    saved : SavedScan
        The earlier scan.
    source : str
        The model function's text.
    identity : mapping
        What is recorded of it: "code", its hash, and "data", its fingerprints.
    grid : Grid
        The params.

    Raises
    ------
    ScanError
        Saying what has changed.
    """
    changes = [
        *_code_changes(saved, source, str(identity.get("code", ""))),
        *_params_changes(_given(saved), grid.label_lists),
        *_data_changes(saved.identity.get("data"), identity.get("data")),
    ]
    if changes:
        lines = "\n".join(f"  {line}" for line in changes)
        raise ScanError(
            f"{saved.name} cannot be resumed, because since {saved.folder.name}\n{lines}\n"
            "undo that, or begin another scan beside it with --fresh"
        )


def added_values(saved: SavedScan, grid: Grid) -> str:
    """Say which values the grid has gained since; empty if none."""
    gained = []
    for name, labels in grid.label_lists.items():
        before = [*_given(saved).get(name, []), *saved.params.get(name, [])]
        known = {key(label) for label in before}
        new = [number(label) for label in labels if key(label) not in known]
        gained += [f"{name} {', '.join(new)}"] if new else []
    return "; ".join(gained)


def as_edited(saved: SavedScan, grid: Grid) -> Grid:
    """Give the grid as it was left by the edits that were made while the earlier scan ran.

    Parameters
    ----------
    saved : SavedScan
        The earlier scan.
    grid : Grid
        The params, which `check_same` has found to be those that it began with.

    Returns
    -------
    Grid
        Without the values that were taken out, and with the numbers that were typed in. Of a text
        that was typed in, nobody knows what it stood for.
    """
    edited = Grid()
    edited.dimensions = tuple(_dimension_as_edited(saved, dimension) for dimension in grid.active)
    return edited


def _dimension_as_edited(saved: SavedScan, dimension: Dimension) -> Dimension:
    began = {key(label) for label in _given(saved).get(dimension.name, [])}
    ended = {key(label): label for label in saved.params.get(dimension.name, [])}
    own = dict(zip(map(key, dimension.labels), dimension.values, strict=True))
    kept = [value for label, value in own.items() if label in ended or label not in began]
    typed = [label for of, label in ended.items() if of not in began and of not in own]
    values = [*kept, *(label for label in typed if not isinstance(label, str))]
    return dimension if values == list(own.values()) else Dimension.of(dimension.name, values)


def _given(saved: SavedScan) -> dict[str, list[Label]]:
    """Labels of the params that the earlier scan began with; its grid may have been edited."""
    return label_lists(saved.identity.get("params")) or saved.params


def _check(saved: SavedScan) -> None:
    labels = label_lists(saved.metadata.get("params"))
    if saved.seed is None or not labels or labels.keys() != _given(saved).keys():
        raise ScanError(
            f"metadata.json in {saved.folder} is damaged: talos_magic.ScanResult.load opens what "
            "is left, --fresh begins another scan beside it"
        )
    for name in ("sources", "interventions.json"):  # Talos would import the one, obey the other
        if (saved.folder / name).exists():
            raise ScanError(f"{saved.folder / name} is of no scan of ours: take it away to resume")
    links = [path for path in saved.folder.rglob("*") if path.is_symlink()]
    if links:
        raise ScanError(
            f"{links[0]} points outside its folder, which no scan makes: begin another with --fresh"
        )


def _code_changes(saved: SavedScan, source: str, code: str) -> Iterator[str]:
    if code in ("", saved.identity.get("code")) or not saved.identity.get("code"):
        return  # the same, or a function whose text Python does not know
    try:
        text = (saved.folder / CELL).read_text(encoding="utf-8")
        before, now = (ast.unparse(ast.parse(part)).splitlines() for part in (text, source))
    except (OSError, SyntaxError, ValueError):
        before, now = [], ["?"]
    if before == now:  # another Python may write, and so hash, the same code in another way
        return
    changed = [
        line
        for line in difflib.unified_diff(before, now, n=0, lineterm="")
        if before and not line.startswith(("---", "+++", "@@"))
    ]
    yield "the cell has changed" + (":" if changed else "")
    yield from (f"  {line}" for line in changed[:LONGEST_DIFF])
    if len(changed) > LONGEST_DIFF:
        yield f"  and {len(changed) - LONGEST_DIFF} lines more"


def _params_changes(
    before: Mapping[str, list[Label]], now: Mapping[str, list[Label]]
) -> Iterator[str]:
    if gone := [name for name in before if name not in now]:
        yield f"params has no {', '.join(gone)} any more"
    if new := [name for name in now if name not in before]:
        yield f"params has got {', '.join(new)}"
    for name in before.keys() & now.keys():
        known = {key(label) for label in now[name]}
        if lost := [number(label) for label in before[name] if key(label) not in known]:
            yield f"params[{name!r}] has no {', '.join(lost)} any more"


def _data_changes(before: object, now: object) -> Iterator[str]:
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return
    for name in sorted(before.keys() | now.keys()):
        old, new = str(before.get(name, "not there")), str(now.get(name, "not there"))
        shapes = [text.partition(" #")[0] for text in (old, new)]
        if shapes[0] != shapes[1]:
            yield f"{name} was {shapes[0]}, is {shapes[1]}"
        elif old != new:
            yield f"{name} holds other values: {new}, not {old}"
