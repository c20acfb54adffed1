"""How views put numbers, times and parameters into words."""

import math
from collections.abc import Mapping, Sequence

from talos_magic.scan.events import Label
from talos_magic.scan.forecast import spared
from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession
from talos_magic.scan.stopping import way_on

LONGEST_VALUE = 60  # characters of a value in a line or a table


def number(value: Label) -> str:
    """Write a value in four digits, as a person would.

    Examples
    --------
    >>> number(0.123456), number(12), number(None), number("relu")
    ('0.1235', '12', 'None', 'relu')
    """
    return f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).splitlines())


def cut(text: str, most: int) -> str:
    """Shorten a text in its middle: what tells it from others stands at its ends.

    Examples
    --------
    >>> cut("a rather long label 1", 11), cut("short", 11)
    ('a rat…bel 1', 'short')
    """
    half = most // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-(most - half - 1) :]}"


def written(value: Label) -> str:
    """Write a value as a person would, in twelve digits: more come from arithmetic.

    Examples
    --------
    >>> written(0.1 + 0.2), written(1), written(0.0), written("relu")
    ('0.3', '1', '0.0', 'relu')
    """
    return str(float(f"{value:.12g}") if isinstance(value, float) else value)


def spread(mean: float, deviation: float) -> str:
    """Write a mean and, if there is one, its standard deviation.

    Examples
    --------
    >>> spread(0.9311, 0.00412), spread(0.9311, math.nan)
    ('0.9311 ± 0.0041', '0.9311')
    """
    return f"{number(mean)} ± {deviation:.2g}" if math.isfinite(deviation) else number(mean)


def numbers_in_words(numbers: Sequence[int]) -> str:
    """Write numbers of rounds.

    Examples
    --------
    >>> numbers_in_words([4]), numbers_in_words([4, 5, 6]), numbers_in_words([0, 8])
    ('4', '4–6', '0, 8')
    """
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 1 and list(numbers) == list(range(first, last + 1)):
        return f"{first}–{last}"
    return ", ".join(map(str, numbers))


def clock(seconds: float) -> str:
    """Write a duration.

    Examples
    --------
    >>> clock(7.2), clock(95), clock(3723)
    ('0:07', '1:35', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size_in_words(count: float) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> size_in_words(61_000), size_in_words(1_250_000), size_in_words(3e9)
    ('61 kB', '1.2 MB', '3.0 GB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / 1e3:.0f} kB"


def params_in_words(session: ScanSession, round_: Round) -> str:
    """Write in a line those params of a round that tell it from others."""
    names = session.varying or list(round_.params)
    return in_words({name: round_.params[name] for name in names})


def in_words(params: Mapping[str, Label]) -> str:
    """Write params in a line.

    Examples
    --------
    >>> in_words({"opt": "Adam", "dropout": 0.5})
    'opt Adam, dropout 0.5'
    """
    return ", ".join(
        f"{name} {cut(number(value), LONGEST_VALUE)}" for name, value in params.items()
    )


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows of cells as lines of a table.

    Examples
    --------
    >>> aligned([["lr", "loss"], ["0.1", "2"]])
    [' lr  loss', '0.1     2']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def headline(session: ScanSession) -> str:
    """Say in a line where a scan stands."""
    state = session.reason if session.state == "stopped" else session.state
    if session.state == "failed":
        state = f"failed: {session.reason}"
    parts = [state, f"{session.finished} of {session.total} rounds"]
    for outcome in ("pruned", "skipped", "failed"):
        count = sum(round_.status == outcome for round_ in session.rounds)
        parts += [f"{count} {outcome}"] if count else []
    return " · ".join([*parts, f"{clock(session.elapsed)} elapsed"])


def running_line(session: ScanSession) -> str:
    """Say in a line how far the running round is; empty where none runs."""
    running = session.running
    if running is None:
        return ""
    step = running.step
    epoch = f"epoch {running.epochs}"
    if step is not None:
        epoch = f"epoch {min(step.epoch + 1, step.epochs)} of {step.epochs}"
    return f"round {running.number} · {epoch} · {params_in_words(session, running)}"


def why_line(session: ScanSession) -> str:
    """Say why the running round was chosen, and what pruning has saved; empty if there is nothing.

    Examples
    --------
    >>> session = ScanSession()
    >>> session.reason_to_try = "generation 1"
    >>> _ = session.start_round({"lr": 0.1})
    >>> why_line(session)
    'generation 1'
    """
    parts = [session.running.reason] if session.running and session.running.reason else []
    epochs, seconds = spared(session)
    if epochs:
        parts += [f"pruning saved {counted(epochs, 'epoch')}, about {clock(seconds)}"]
    return " · ".join(parts)


def counted(count: int, unit: str) -> str:
    """Write how many of something there are.

    Examples
    --------
    >>> counted(1, "round"), counted(1200, "epoch")
    ('1 round', '1,200 epochs')
    """
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def best_line(session: ScanSession) -> str:
    """Say in a line which round is best; empty before one is."""
    best = session.best
    if best is None:
        return ""
    combination = session.combination(best.params)
    metric, params = session.metric, params_in_words(session, best)
    score = spread(combination.mean(metric), combination.deviation(metric))
    numbers = [round_.number for round_ in combination.rounds if round_.status == "done"]
    rounds = f"round{'s' if len(numbers) > 1 else ''} {numbers_in_words(numbers)}"
    return f"best: {rounds} · {metric} {score} · {params}"


def whereabouts(session: ScanSession) -> str:
    """Say what was not trained, where the rest is on disk, and how to open it another time."""
    left = session.total - session.finished
    parts = []
    if left > 0 and not session.is_active:
        were = "was" if left == 1 else "were"
        parts += [f"{left} of {session.total} rounds {were} not trained"]
        parts += [f"to go on: {way_on(session)}"] if session.folder else []
    if session.folder:
        parts += [f"on disk: {session.folder}"]
        if not session.is_active:
            parts += [f"to open it again: talos_magic.ScanResult.load({session.folder!r})"]
    elif not session.is_active:
        parts += ["nothing of it is on disk"]
    return " · ".join([*parts, f"seed {session.seed}"])
