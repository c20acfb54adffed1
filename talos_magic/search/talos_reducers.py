"""Removes values from the grid while the scan runs, by Talos's reducers."""

from collections.abc import Callable, Hashable, Iterator
from types import SimpleNamespace

import pandas as pd

from talos_magic.errors import InvalidInputError
from talos_magic.scan.session import ScanSession
from talos_magic.search.ended_rounds import EndedRounds
from talos_magic.search.final_values import FinalValues
from talos_magic.values.labels import Label, combination_key

CORRELATIONS = ("correlation", "spearman", "pearson", "kendall")
EVERY = 20  # combinations between two reductions, and rounds that each looks at: reduction_window
THRESHOLD = 0.2  # Talos's reduction_threshold

Removed = list[tuple[str, Label]]


def check_reducer(method: str) -> None:
    """Raise an InvalidInputError if Talos has no such reducer, or one that needs more than data."""
    from talos.reducers.reduce_run import _REDUCERS

    known = (*CORRELATIONS, *_REDUCERS)
    if method not in known:
        raise InvalidInputError(f"--reduce is {method!r}: give {', '.join(known)} or none")


def values_to_remove(session: ScanSession, final_values: FinalValues, method: str) -> Removed:
    """Return the names and labels that Talos's reducer removes after the last rounds."""
    from talos.reducers.reduce_run import reduce_run

    last = [round_ for round_ in session.rounds if round_.status.has_score()][-EVERY:]
    metric = "metric"
    while metric in session.varying:  # it must not be the name of a hyperparameter
        metric += "_"
    rows = [{**r.params, metric: final_values.of(r, session.metric)} for r in last]
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
        result=pd.DataFrame(rows),
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
    rounds: Iterator[dict[str, Label] | None],
    session: ScanSession,
    method: str,
    remove: Callable[[str, Label], bool],
) -> Iterator[dict[str, Label] | None]:
    """Yield rounds; after every 20 combinations, remove values from the grid by a reducer of Talos.

    `remove` removes a value, unless it is the last one, and returns whether it did; `rounds` has
    the combinations that are left, also after such an edit.
    """
    ended_rounds, final_values = EndedRounds(session), FinalValues(session)
    tried: set[Hashable] = set()
    looked = 0

    def is_tried(params: dict[str, Label]) -> bool:
        return session.combination(params).has_ended(session.repeats)

    while True:
        ended = ended_rounds.take()
        tried.update(combination_key(r.params) for r in ended if is_tried(r.params))
        is_due = len(tried) // EVERY > looked // EVERY
        finished = (r for r in reversed(session.rounds) if r.status.is_finished())
        last = next(finished, None)
        if session.metric and is_due and last is not None and is_tried(last.params):
            looked = len(tried)
            for name, label in values_to_remove(session, final_values, method):
                if remove(name, label):
                    session.notice(
                        f"--reduce {method}: {name} {label} has left the grid after "
                        f"{session.finished} rounds"
                    )
        try:
            labels = next(rounds)
        except StopIteration:
            return
        yield labels
