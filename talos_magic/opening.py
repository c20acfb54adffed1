"""What a scan begins with, made of its options: the session and the queue."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from talos_magic.grid.grid import Grid
from talos_magic.grid.queue import Queue
from talos_magic.grid.spec import key
from talos_magic.options import ScanOptions
from talos_magic.scan.events import Label
from talos_magic.scan.rounds import Round
from talos_magic.scan.saved import DAMAGED
from talos_magic.scan.session import ScanSession
from talos_magic.search.strategies import GUIDED, UNSEEDED, beginning, strategy
from talos_magic.words import counted

if TYPE_CHECKING:  # it imports numpy, which takes a while
    from talos_magic.search.guided import Include


def open_session(options: ScanOptions) -> ScanSession:
    """Make a session that has not begun."""
    return ScanSession(
        name=options.name,
        seed=options.seed,
        metric=options.metric,
        minimize=options.minimize,
        time_limit=options.time,
        target=options.target,
        patience=options.patience,
        against=options.against or "",
        repeats=options.repeats,
    )


def open_queue(
    grid: Grid,
    options: ScanOptions,
    session: ScanSession,
    include: "Include",
    ranges: Collection[str],
) -> Queue:
    """Choose the combinations that are left to train.

    Parameters
    ----------
    grid : Grid
        The params.
    options : ScanOptions
        What the person asks for.
    session : ScanSession
        The scan, with the rounds that it has already.
    include : callable
        Adds values to the grid and gives their labels.
    ranges : collection of str
        The hyperparameters that may have any value between those of the grid.
    """
    search = strategy(
        options.strategy,
        session,
        order=options.order,
        sample=options.sample,
        ranges=ranges,
        include=include,
        where=options.where,
    )
    return Queue(
        grid,
        where=options.where,
        search=search,
        grows=bool(ranges),
        count=options.rounds,
        fraction=options.fraction,
        repeats=options.repeats,
        tried=[dict(r.params) for r in session.rounds if _counts(r, options.retry)],
        again=_failed(session.rounds) if options.retry else (),
    )


def varying(grid: Grid, rounds: Sequence[Round]) -> list[str]:
    """Names of the hyperparameters that have, or had, several values; all where none has."""
    seen = {dimension.name: set(map(key, dimension.labels)) for dimension in grid.active}
    for params in (round_.params for round_ in rounds if round_.error != DAMAGED):
        for name in seen.keys() & params.keys():
            seen[name].add(key(params[name]))
    return [name for name, labels in seen.items() if len(labels) > 1] or list(seen)


def remarks(options: ScanOptions, grid: Grid, count: int) -> Iterator[str]:
    """Say where a scan is less than what was asked for.

    Parameters
    ----------
    options : ScanOptions
        What the person asks for.
    grid : Grid
        The params.
    count : int
        How many combinations are trained, those of an earlier run too.

    Examples
    --------
    >>> list(remarks(ScanOptions(rounds=5), Grid({"lr": [0.1, 0.2]}), 2))
    ['--rounds 5 is more than there are: 2 combinations']
    """
    if options.sample in UNSEEDED:
        yield f"--sample {options.sample} has no seed: each resume draws anew"
    combinations = counted(count, "combination")
    asked = None if options.retry or options.fraction is not None else options.rounds
    if asked is not None and count < asked:
        which = "" if options.where is None else " that meet the condition"
        yield f"--rounds {asked} is more than there are: {combinations}{which}"
    if options.strategy in GUIDED:
        first = beginning(options.strategy, grid)
        if count <= first:
            yield (
                f"--search {options.strategy} begins with {first} combinations all over the grid: "
                f"with {count} it chooses none"
            )


def _counts(round_: Round, retry: bool) -> bool:
    """Tell a round that has been trained from one that is to be trained again."""
    return round_.error != DAMAGED and not (retry and round_.status == "failed")


def _failed(rounds: Iterable[Round]) -> list[dict[str, Label]]:
    return [dict(round_.params) for round_ in rounds if round_.status == "failed"]
