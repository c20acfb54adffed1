"""Removes values from the grid while the scan runs, by Talos's reducers."""

from collections.abc import Callable, Hashable, Iterator
from types import SimpleNamespace

import pandas as pd

from talos_magic.errors import InvalidInputError
from talos_magic.scan.round import NextRound, Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.ended_rounds import EndedRounds
from talos_magic.search.final_values import final_values
from talos_magic.values.labels import Label, combination_key

CORRELATIONS = ("correlation", "spearman", "pearson", "kendall")
EVERY = 20  # combinations between two reductions, and rounds that each looks at: reduction_window
THRESHOLD = 0.2  # Talos's reduction_threshold

OVER = [s for s in RoundStatus if s.is_finished() or s == RoundStatus.PAUSED]

Removed = list[tuple[str, Label]]


def check_reducer(method: str) -> None:
    """Raise an InvalidInputError if Talos has no such reducer, or one that needs more than data."""
    from talos.reducers.reduce_run import _REDUCERS

    known = (*CORRELATIONS, *_REDUCERS)
    if method not in known:
        raise InvalidInputError(f"--reduce is {method!r}: give {', '.join(known)} or none")


def values_to_remove(session: ScanSession, method: str) -> Removed:
    """Return the names and labels that Talos's reducer removes after the last rounds."""
    from talos.reducers.reduce_run import reduce_run

    trained = [round_ for round_ in session.rounds if round_.status.has_score()]
    values = final_values(trained, session.metric, minimize=session.minimize)
    metric = "metric"
    while metric in session.varying:  # it must not be the name of a hyperparameter
        metric += "_"
    rows = [{**r.params, metric: value} for r, value in zip(trained, values, strict=True)]
    removed: Removed = []
    scan = SimpleNamespace(
        performance_target=None,
        reduction_method=method,
        reduction_interval=1,
        reduction_window=EVERY,
        reduction_threshold=THRESHOLD,
        reduction_metric=metric,
        minimize_loss=session.minimize,
        seed=session.seed,
        result=pd.DataFrame(rows[-EVERY:]),
        _param_dict_keys=list(session.varying),
        param_object=SimpleNamespace(
            param_index=[],
            round_counter=1,
            remove_is=lambda name, label: removed.append((name, label)),
        ),
    )
    reduce_run(scan)
    return removed


def with_reduction(
    rounds: Iterator[NextRound],
    session: ScanSession,
    method: str,
    remove: Callable[[str, Label], bool],
) -> Iterator[NextRound]:
    """Yield rounds; after every 20 combinations, remove values from the grid by a reducer of Talos.

    `remove` removes a value, unless it is the last one, and returns whether it did; `rounds` has
    the combinations that are left, also after such an edit.
    """
    ended_rounds = EndedRounds(session, paused=True)
    tried: set[Hashable] = set()
    looked = 0

    def is_tried(round_: Round) -> bool:
        combination = session.combination(round_.params)
        return round_.status == RoundStatus.PAUSED or combination.has_ended(session.repeats)

    while True:
        tried.update(combination_key(r.params) for r in ended_rounds.take() if is_tried(r))
        is_due = len(tried) // EVERY > looked // EVERY
        over = [round_ for round_ in session.rounds if round_.status in OVER]
        if session.metric and is_due and over and is_tried(over[-1]):
            looked = len(tried)
            for name, label in values_to_remove(session, method):
                if remove(name, label):
                    session.notice(
                        f"--reduce {method}: {name} {label} has left the grid after {len(over)} "
                        "rounds"
                    )
        try:
            labels = next(rounds)
        except StopIteration:
            return
        yield labels
