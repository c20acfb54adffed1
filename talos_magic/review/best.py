"""The best of a scan in words: its params as code, its metrics, by how much it is the best."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from talos_magic.grid.chosen import combination_code
from talos_magic.scan.events import Label
from talos_magic.scan.ranking import Combination
from talos_magic.scan.result import ScanResult
from talos_magic.scan.rounds import Peak, Round
from talos_magic.scan.saved import PARAMS
from talos_magic.words import in_words, number, numbers_in_words, spread


class BestInfo(NamedTuple):
    """What there is to tell of the best combination of a scan.

    Attributes
    ----------
    metric : str
        What it is best by.
    best : Combination
        Its rounds.
    round : Round
        The best of these.
    peak : Peak or None
        The epoch, from 0, at which that round was best.
    second : Combination or None
        The next best combination.
    code : str
        The params as code, imports included.
    kept : Round or None
        The round whose model there is.
    """

    metric: str
    best: Combination
    round: Round
    peak: Peak | None
    second: Combination | None
    code: str
    kept: Round | None


def best_info(result: ScanResult, metric: str | None = None) -> BestInfo:
    """Collect what `best_in_words` tells.

    Parameters
    ----------
    result : ScanResult
        A scan.
    metric : str, optional
        What makes a combination good; the scan's own metric if not given.

    Raises
    ------
    ScanError
        If there is no best, or no such metric.
    """
    metric, minimize = result.direction(metric)
    best, *others = result.ranked(metric)
    round_ = best.best(metric, minimize=minimize) or best.rounds[0]
    code = combination_code(result.sources.get(PARAMS, ""), round_.params, result.params)
    peak = round_.peak(metric, minimize=minimize)
    second = others[0] if others else None
    kept = result.best_kept(metric, minimize)
    return BestInfo(metric, best, round_, peak, second, code, kept)


def best_in_words(info: BestInfo, *, model: str | None = None) -> str:
    """Tell about the best combination.

    Parameters
    ----------
    info : BestInfo
        What is told.
    model : str, optional
        The variable that holds its model.

    Returns
    -------
    str
        Lines.

    Examples
    --------
    >>> from talos_magic import run_scan
    >>> import tempfile
    >>> def train(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"], params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     result = run_scan(train, {"lr": [0.5, 0.1]}, root=root)
    >>> print(best_in_words(best_info(result)))
    round 1 is the best: loss 0.01, at its best in epoch 2 of 2
    0.24 ahead of round 0: lr 0.5
    <BLANKLINE>
    params = {"lr": 0.1}
    <BLANKLINE>
    its model is not kept: --keep all keeps every one that the cell returns
    """
    metric, best = info.metric, info.best
    score = spread(best.mean(metric), best.deviation(metric))
    lines = [f"{_rounds(best)} the best: {metric} {score}{_peak(info)}", *_others(info)]
    lines += [_distance(info, info.second)] if info.second is not None else []
    lines += ["", info.code]
    lines += ["", _how_to_use(info, model)]
    return "\n".join(lines)


def _how_to_use(info: BestInfo, model: str | None) -> str:
    if info.kept is None:
        return "its model is not kept: --keep all keeps every one that the cell returns"
    many = len(info.best.rounds) > 1
    which = "the best of them" if info.kept is info.round else "the one of them that is kept"
    of = f"of round {info.kept.number}, {which}" if many else ""
    if model is None:
        given = f"-o model gives {'the trained model ' + of if of else 'its trained model'}: "
    else:
        given = f"{model} is that {of}: " if of else ""
    name = model or "model"
    return f'{given}{name}.predict(x) predicts, {name}.save("best.keras") saves it'


def _rounds(combination: Combination) -> str:
    numbers = [round_.number for round_ in combination.rounds if round_.status == "done"]
    many = len(numbers) > 1
    return f"round{'s' if many else ''} {numbers_in_words(numbers)} {'are' if many else 'is'}"


def _peak(info: BestInfo) -> str:
    peak, round_ = info.peak, info.round
    if peak is None:
        return ""
    whose = f"; round {round_.number} was" if len(info.best.rounds) > 1 else ","
    last = round_.metrics[info.metric]
    value = "" if math.isclose(peak.value, last) else f" ({number(peak.value)})"
    return f"{whose} at its best in epoch {peak.epoch + 1} of {round_.epochs}{value}"


def _others(info: BestInfo) -> list[str]:
    means = {name: info.best.mean(name) for name in info.round.metrics if name != info.metric}
    return [in_words(means)] if means else []


def _distance(info: BestInfo, second: Combination) -> str:
    gap = abs(info.best.mean(info.metric) - second.mean(info.metric))
    rounds = _rounds(second).rpartition(" ")[0]
    told = in_words(_differing(second.params, info.round.params))
    if math.isclose(gap, 0, abs_tol=1e-9 * abs(second.mean(info.metric))):
        return f"{rounds} did as well: {told}"
    return f"{number(gap)} ahead of {rounds}: {told}"


def _differing(params: Mapping[str, Label], others: Mapping[str, Label]) -> dict[str, Label]:
    return {name: label for name, label in params.items() if label != others.get(name)}
