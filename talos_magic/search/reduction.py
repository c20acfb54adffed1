"""Takes values out of the grid that Talos's reducers find to be of no use, while the scan runs."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pandas as pd

from talos_magic.errors import ScanError
from talos_magic.scan.events import Label
from talos_magic.scan.rounds import TRAINED
from talos_magic.scan.session import ScanSession
from talos_magic.search.observations import final

CORRELATIONS = ("correlation", "spearman", "pearson", "kendall")
EVERY = 20  # rounds between two looks, and that a look is about: Talos's reduction_window
THRESHOLD = 0.2  # Talos's reduction_threshold

Removed = list[tuple[str, Label]]


def check_reducer(method: str) -> None:
    """Refuse a reduction method that Talos does not have, or that takes more than a record."""
    from talos.reducers.reduce_run import _REDUCERS

    known = (*CORRELATIONS, *_REDUCERS)
    if method not in known:
        raise ScanError(f"--reduce is {method!r}: give {', '.join(known)} or none")


def reduced(session: ScanSession, method: str) -> Removed:
    """Ask Talos's reducer about the last rounds.

    Parameters
    ----------
    session : ScanSession
        The scan.
    method : str
        Talos's name of a reduction method.

    Returns
    -------
    list of (name, label)
        The values that are to leave the grid.

    Examples
    --------
    >>> session = ScanSession(varying=["opt"])
    >>> for number in range(8):
    ...     _ = session.start_round({"opt": ["adam", "sgd"][number % 2]})
    ...     session.finish_round({"acc": [0.9 - 0.5 * (number % 2) + number / 100]})
    >>> reduced(session, "correlation")
    [('opt', 'sgd')]
    """
    from talos.reducers.reduce_run import reduce_run

    done = [round_ for round_ in session.rounds if round_.status in TRAINED]
    metric = "metric"
    while metric in session.varying:  # it must be no hyperparameter's name
        metric += "_"
    rows = [{**r.params, metric: final(session, r, session.metric)} for r in done]
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


def reducing(
    rounds: Iterator[dict[str, Label]],
    session: ScanSession,
    method: str,
    remove: Callable[[str, Label], bool],
) -> Iterator[dict[str, Label]]:
    """Hand out rounds, and look every so many of them at which values can leave the grid.

    Parameters
    ----------
    rounds : iterator of dict
        What is left to train; edits of the grid change it.
    session : ScanSession
        The scan.
    method : str
        Talos's name of a reduction method.
    remove : callable
        Takes a value out of the grid; tells whether it did, because the last one stays.
    """
    looked = 0
    while True:
        tried = _tried(session)
        if session.metric and tried % EVERY == 0 and tried != looked:
            looked = tried
            for name, label in reduced(session, method):
                if remove(name, label):
                    session.notice(
                        f"--reduce {method}: {name} {label} has left the grid after "
                        f"{session.finished} rounds"
                    )
        labels = next(rounds, None)
        if labels is None:
            return
        yield labels


def _tried(session: ScanSession) -> int:
    """Count the combinations that were tried; 0 in the middle of one."""
    if session.rounds and not session.combination(session.rounds[-1].params).has_ended(
        session.repeats
    ):
        return 0
    return sum(combination.has_ended(session.repeats) for combination in session.combinations)
