"""Going on with an earlier scan: which one it is, and whether it is still the same."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from talos_magic.changes import changes
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.spec import key
from talos_magic.notebook_changes import varying_constants
from talos_magic.options import CHOOSING
from talos_magic.scan.folder import scan_folders
from talos_magic.scan.rounds import Round
from talos_magic.scan.saved import FAILURES, PARAMS, SavedScan, by_round, label_lists
from talos_magic.words import number, numbers_in_words

# What is recorded of a scan to be told when it goes on otherwise.
OPTIONS = ("repeats", "rounds", "fraction", "where", *CHOOSING, "against")
FLAGS = {"against": "metric"}  # what the person calls them


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
        The experiment's newest scan; None if it has none, if all of its rounds failed, or a new
        one is wanted.

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
    count = len(saved.records)
    all_failed = len(by_round(saved.folder / FAILURES)) >= count
    in_a_round = len(saved.all_rounds()) > count
    if all_failed and (saved.status == "failed" or (count and not in_a_round)):
        return None  # as after a mistake in the cell: there is nothing to go on with, or to lose
    if not resume:
        raise ScanError(
            f"{name} has a scan already ({count} {'round' if count == 1 else 'rounds'}, begun "
            f"{saved.folder.name}): --resume goes on with it, --fresh begins another beside it"
        )
    _check(saved)
    return saved


def check_same(
    saved: SavedScan, *, sources: Mapping[str, str], identity: Mapping[str, object], grid: Grid
) -> None:
    """Refuse to go on with a scan whose cell, params or data are others now.

    Values that were added to the grid are no hindrance: only their combinations are new.

    Parameters
    ----------
    saved : SavedScan
        The earlier scan.
    sources : mapping of str to str
        Texts that are kept beside the results, by file: the model function, what it calls.
    identity : mapping
        What is recorded of it: "code", the function's hash, and "data", its fingerprints.
    grid : Grid
        The params.

    Raises
    ------
    ScanError
        Saying what has changed.
    """
    told = changes(saved, sources=sources, identity=identity, label_lists=grid.label_lists)
    if told:
        lines = "\n".join(f"  {line}" for line in told)
        raise ScanError(
            f"{saved.name} cannot be resumed, because since {saved.folder.name}\n{lines}\n"
            "undo that, or begin another scan beside it with --fresh"
        )


def resume_notices(
    saved: SavedScan,
    done: Sequence[Round],
    *,
    sources: Mapping[str, str],
    identity: Mapping[str, object],
    retry: bool = False,
) -> Iterator[str]:
    """Tell what a person who goes on with a scan may take for granted, and is not so."""
    recorded = [name for name in OPTIONS if name in saved.identity]
    options = [name for name in recorded if saved.identity[name] != identity.get(name)]
    if options:
        then, now = (_line(of, options) for of in (saved.identity, identity))
        yield f"the scan began with {then} and goes on with {now}"
    failed = [round_.number for round_ in done if round_.status == "failed"]
    if failed and not retry:
        told = numbers_in_words(failed)
        yield f"round {told} failed and will not be trained again: --retry would do so"
    yield from varying_constants(saved.sources, sources)
    data = identity.get("data")
    known = data.items() if isinstance(data, Mapping) else ()
    batches = [name for name, text in known if "#" not in str(text)]
    if batches:
        yield f"whether {', '.join(batches)} holds what it held cannot be told: it has no array"


def _line(identity: Mapping[str, object], options: Sequence[str]) -> str:
    parts = []
    for name in options:
        value = identity[name]
        nothing = "all" if name in ("rounds", "fraction") else "none"
        parts.append(f"--{FLAGS.get(name, name)} {value or nothing}")
    return " ".join(parts)


def added_values(saved: SavedScan, grid: Grid) -> str:
    """Say which values the grid has gained since; empty if none."""
    gained = []
    for name, labels in grid.label_lists.items():
        before = [*saved.first_params.get(name, []), *saved.params.get(name, [])]
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
    dimensions = {d.name: _dimension_as_edited(saved, d) for d in grid.active}
    names = [name for name in saved.edited if name in dimensions]  # they may have been moved
    if len(names) < len(dimensions):
        names = list(dimensions)
    edited.dimensions = tuple(dimensions[name] for name in names)
    return edited


def ranges_as_edited(
    saved: SavedScan, ranges: Mapping[str, Dimension], grid: Grid
) -> dict[str, Dimension]:
    """Give what --continuous searches as it was left, without what was found between its ends.

    Parameters
    ----------
    saved : SavedScan
        The earlier scan; the code of its params is read, not run.
    ranges : mapping of str to Dimension
        As the scan began with them.
    grid : Grid
        As it was left, with all that was found.
    """
    written = _literals(saved.sources.get(PARAMS, ""))
    left = {}
    for name, own in ranges.items():
        candidates = [own, grid[name]]
        with suppress(ScanError):
            candidates.insert(0, Dimension.of(name, written.get(name, [])))
        left[name] = next(each for each in candidates if each.ends == grid[name].ends)
    return left


def _literals(source: str) -> dict[str, Any]:
    """Read the entries of a dict that are numbers."""
    found = {}
    with suppress(SyntaxError, ValueError, RecursionError):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Dict):
                for key_, value in zip(node.keys, node.values, strict=True):
                    with suppress(ValueError):
                        found[ast.literal_eval(key_ or "")] = ast.literal_eval(value)
                break
    return found


def _dimension_as_edited(saved: SavedScan, dimension: Dimension) -> Dimension:
    began = {key(label) for label in saved.first_params.get(dimension.name, [])}
    ended = {key(label): label for label in saved.params.get(dimension.name, [])}
    own = dict(zip(map(key, dimension.labels), dimension.values, strict=True))
    new = [label for label in own if label not in began and label not in ended]
    there = [label for label in ended if label in own or not isinstance(ended[label], str)]
    if [label for label in own if label in ended] == there:  # no more than taken out, or nothing
        values = [value for label, value in own.items() if label in ended or label in new]
    else:
        values = [own.get(label, ended.get(label)) for label in (*there, *new)]
    return dimension if values == list(own.values()) else Dimension.of(dimension.name, values)


def _check(saved: SavedScan) -> None:
    labels = label_lists(saved.metadata.get("params"))
    if saved.seed is None or not labels or labels.keys() != saved.first_params.keys():
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
