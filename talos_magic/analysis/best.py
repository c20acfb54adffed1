"""The best combination of a scan as text: its metrics, its lead and its params as code."""

import math
from typing import NamedTuple

from talos_magic.analysis.comparison import done_numbers, rounds_text
from talos_magic.engine.result import ScanResult
from talos_magic.formatting import format_mean, format_number, format_params
from talos_magic.grid.code import combination_code
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import Peak, Round
from talos_magic.storage.keras_files import is_keras
from talos_magic.storage.saved_scan import PARAMS


class BestInfo(NamedTuple):
    """The best combination of a scan by a metric, and its best round."""

    metric: str
    best: Combination
    round: Round
    peak: Peak | None  # the epoch at which the round was best
    second: Combination | None
    code: str  # of the params, imports included
    kept: Round | None  # the round whose model was kept
    kind: str  # class of that model if it is not Keras's
    advice: str  # how to keep the model if it was not kept


def best_info(result: ScanResult, metric: str | None = None) -> BestInfo:
    """Find the best combination; ScanError if no round finished, or none has the metric."""
    metric, minimize = result.direction(metric)
    best, *others = result.ranked(metric)
    round_ = best.best(metric, minimize=minimize) or best.rounds[0]
    code = combination_code(result.sources.get(PARAMS, ""), round_.params, result.params)
    peak = round_.peak(metric, minimize=minimize)
    second = others[0] if others else None
    kept = result.best_kept(metric, minimize)
    model = None if kept is None else result.unsaved.get(kept.number)
    kind = "" if model is None or is_keras(model) else type(model).__name__
    advice = "" if kept else result.how_to_keep()
    return BestInfo(metric, best, round_, peak, second, code, kept, kind, advice)


def best_in_words(info: BestInfo, *, model: str | None = None) -> str:
    """Describe the best combination; `model` is the variable that holds its model."""
    return "\n".join([*facts(info), "", _how_to_use(info, model)])


def facts(info: BestInfo) -> list[str]:
    """Return lines on the best combination: its metrics, its lead and its params as code."""
    metrics = {name: info.best.mean(name) for name in info.round.metrics if name != info.metric}
    return [
        f"{best_line(info.best, info.metric)}{_peak(info)}",
        *([format_params(metrics)] if metrics else []),
        *([_lead(info, info.second)] if info.second is not None else []),
        "",
        info.code,
    ]


def best_line(best: Combination, metric: str, experiment: str = "") -> str:
    """Return "Best is round 4: METRIC VALUE"."""
    verb = "are" if len(done_numbers(best)) > 1 else "is"
    score = format_mean(best.mean(metric), best.deviation(metric))
    return f"Best {verb} {rounds_text(best)}{experiment}: {metric} {score}"


def _peak(info: BestInfo) -> str:
    if info.peak is None:
        return ""
    whose = f"round {info.round.number}'s" if len(info.best.rounds) > 1 else "its"
    is_last = math.isclose(info.peak.value, info.round.metrics[info.metric])
    value = "" if is_last else f" ({format_number(info.peak.value)})"
    epochs, held = info.round.recorded_epochs, info.round.model_epoch
    text = f"; {whose} best epoch was {info.peak.epoch + 1} of {epochs}{value}"
    if held is None:
        return text
    which = "that epoch" if held == info.peak.epoch else f"epoch {held + 1}"
    return f"{text}, and its model has the weights of {which}"


def _lead(info: BestInfo, second: Combination) -> str:
    """Compare the best combination with the second, and name the params of the second."""
    gap = abs(info.best.mean(info.metric) - second.mean(info.metric))
    best = info.round.params
    params = format_params({k: v for k, v in second.params.items() if v != best.get(k)})
    if math.isclose(gap, 0, abs_tol=1e-9 * abs(second.mean(info.metric))):
        return f"tied with {rounds_text(second)}: {params}"
    return f"{format_number(gap)} ahead of {rounds_text(second)}: {params}"


def _how_to_use(info: BestInfo, model: str | None) -> str:
    if info.kept is None:
        return f"its model was not kept: {info.advice}"
    which = "its trained model"
    if len(info.best.rounds) > 1:
        rank = "the best of them" if info.kept is info.round else "the best one kept"
        score = format_number(info.kept.metrics[info.metric])
        which = f"the trained model of round {info.kept.number}, {rank} ({score})"
    name = model or "model"
    given = f"{model} is" if model else "-o model loads"
    if info.kind:
        return f"{given} {which}, of class {info.kind}"
    return f'{given} {which}: {name}.predict(x), {name}.save("best.keras")'
