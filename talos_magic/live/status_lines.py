"""The status of a scan in single lines of text."""

import math

from talos_magic.formatting import (
    format_duration,
    format_mean,
    format_number,
    format_params,
    format_round_numbers,
    pluralize,
)
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState
from talos_magic.scan.stop_rules import how_to_resume
from talos_magic.scan.time_left import saved_by_pruning

MOST_LINES = 4  # of running rounds, as in scan.js


def params_text(session: ScanSession, round_: Round) -> str:
    """Return the params of a round that vary in the scan; all of them if none does."""
    names = session.varying or list(round_.params)
    return format_params({name: round_.params[name] for name in names})


def headline(session: ScanSession) -> str:
    """Return the state of a scan, its rounds and its time in one line."""
    elapsed = f"{format_duration(session.elapsed)} elapsed"
    return " · ".join([state_text(session), counts_text(session), elapsed])


def state_text(session: ScanSession) -> str:
    """Return the state of a scan; of a stopped or failed one, the reason."""
    match session.state:
        case ScanState.STOPPED:
            return session.reason
        case ScanState.FAILED:
            return f"failed: {session.reason}"
        case ScanState.READY:
            return "starting"
        case ScanState.WAITING:
            return "waiting for you"
        case ScanState.RUNNING if session.wants_pause:
            return "pausing"
        case ScanState.PAUSED if not session.wants_pause:
            return "resuming"
    return str(session.state)


def counts_text(session: ScanSession) -> str:
    """Return how many rounds ended, how many are paused, and how many ended otherwise than done."""
    total = f"{session.finished} of {session.total} rounds"
    parts = [pluralize(session.finished, "round") if session.open_ended else total]
    parts += [f"{len(session.paused)} paused"] if session.paused else []
    for outcome in (RoundStatus.PRUNED, RoundStatus.SKIPPED, RoundStatus.FAILED):
        count = session.totals.counts[outcome]
        parts += [f"{count} {outcome}"] if count else []
    return " · ".join(parts)


def running_lines(session: ScanSession) -> list[str]:
    """Return a line for each running round, or for the first ones and how many more there are."""
    running = session.in_flight
    lines = [_running_line(session, round_) for round_ in running[:MOST_LINES]]
    more = len(running) - len(lines)
    return [*lines, f"and {more} more"] if more else lines


def _running_line(session: ScanSession, running: Round) -> str:
    """Return a running round, its epoch and its params."""
    parts = [f"round {running.number}"]
    if running.doing:
        parts += [running.doing]
    elif running.step is not None:
        epoch, epochs = running.step.epoch, running.step.epochs
        parts += [f"epoch {min(epoch + 1, epochs)} of {epochs}"]
    else:
        parts += [f"epoch {running.epochs}" if running.epochs else "starting"]
    return " · ".join([*parts, params_text(session, running)])


def why_line(session: ScanSession) -> str:
    """Return why the last round was chosen, and what pruning saved; empty if there is neither."""
    # It stays between two rounds, so that the page does not flicker.
    parts = [session.latest.reason] if session.latest is not None and session.is_active else []
    if session.totals.counts[RoundStatus.PRUNED]:
        epochs, seconds = saved_by_pruning(session)
        parts += [f"pruning saved {pluralize(epochs, 'epoch')}, about {format_duration(seconds)}"]
    elif session.paused and session.is_active:
        parts += ["paused rounds go on if they are among the best"]
    elif session.pruner is not None and session.is_active:
        parts += ["pruning saved nothing yet"]
    return " · ".join(filter(None, parts))


def best_line(session: ScanSession) -> str:
    """Return the best round, its score and its params; empty before there is one."""
    best = session.best
    if best is None:
        return ""
    params = params_text(session, best)
    return f"best: {_best_rounds(session, best)} · {_best_score(session, best)} · {params}"


def best_text(session: ScanSession) -> str:
    """Return the best score and its round; empty before there is one."""
    best = session.best
    if best is None:
        return ""
    return f"best {_best_score(session, best)} in {_best_rounds(session, best)}"


def _best_score(session: ScanSession, best: Round) -> str:
    combination, metric = session.combination(best.params), session.metric
    score = format_mean(combination.mean(metric), combination.deviation(metric))
    return f"{metric} {score}"


def _best_rounds(session: ScanSession, best: Round) -> str:
    rounds = session.combination(best.params).rounds
    numbers = [round_.number for round_ in rounds if round_.status == RoundStatus.DONE]
    return f"round{'s' if len(numbers) > 1 else ''} {format_round_numbers(numbers)}"


def last_round_line(session: ScanSession, last: Round) -> str:
    """Return the last round that ended, is paused or goes on, and its score."""
    if last.status == RoundStatus.RUNNING:
        return f"round {last.number} goes on"
    score = session.score(last)
    parts = [f"round {last.number} {last.status}{_place(last)}"]
    parts += [f"{session.metric} {format_number(score)}"] if math.isfinite(score) else []
    parts += ["best so far"] if last is session.best else []
    return ", ".join(parts)


def _place(last: Round) -> str:
    """Return the epoch at which a round is paused."""
    if last.status != RoundStatus.PAUSED:
        return ""
    planned = f" of {last.planned_epochs}" if last.planned_epochs else ""
    return f" at epoch {last.epochs}{planned}"


def location_line(session: ScanSession) -> str:
    """Return what was not trained, where the rest is saved, and how to load it again."""
    paused = len(session.paused)
    left = session.total - session.tried
    parts = []
    if not session.is_active:
        were = "was" if left == 1 else "were"
        parts += [f"{left} of {session.total} rounds {were} not trained"] if left > 0 else []
        parts += [f"{pluralize(paused, 'round')} paused"] if paused else []
        parts += [how_to_resume(session)] if session.folder and parts else []
    if session.folder:
        parts += [f"saved in {session.folder}"]
        if not session.is_active:
            parts += [f"to load it: talos_magic.ScanResult.load({session.folder!r})"]
    elif not session.is_active:
        parts += ["not saved to disk"]
    return " · ".join([*parts, f"seed {session.seed}"])
