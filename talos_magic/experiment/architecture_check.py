"""Build every architecture of the grid and train none: ``--check``."""

import random
import re
import sys
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from contextlib import suppress
from itertools import islice
from statistics import fmean
from typing import Any

from talos_magic.errors import InvalidInputError, ScanError
from talos_magic.experiment.plan import Plan
from talos_magic.formatting import (
    align_columns,
    format_bytes,
    format_duration,
    format_number,
    format_params,
)
from talos_magic.scan.seeds import round_seed, seed_generators
from talos_magic.scan.state import ScanState
from talos_magic.training.called_text import explain_called_text
from talos_magic.training.fit_hook import no_retracing_warning
from talos_magic.training.interrupts import interrupts_held
from talos_magic.training.memory import frozen_heap, released
from talos_magic.training.run_round import in_a_line
from talos_magic.training.shared_graphs import SharedGraphs
from talos_magic.training.trial_build import BuildReport, build
from talos_magic.values.labels import Label, combination_key, label_key

TIME_LIMIT = 30.0  # seconds after which no further combination is built
MAX_COMBINATIONS = 10_000  # that the sample is drawn from
MAX_LINES = 10  # of a table
NO_FIT = "--check needs a cell that calls fit() of a Keras model: leave out --check"

Labels = Mapping[str, Label]


def check_architectures(plan: Plan, model: Callable[..., Any]) -> str:
    """Build the grid's models, each up to its third batch, and report what they cost.

    The report is a table of the architectures, the combinations that cannot be trained, the number
    of graphs, and an estimate of the scan's time. Raises an error if the function never fits a
    Keras model.
    """
    if {"keras", "tensorflow"}.isdisjoint(sys.modules):
        raise InvalidInputError(NO_FIT)
    import keras  # noqa: F401  # its fit is stopped early

    session = plan.session
    combinations = covering(islice(plan.queue, MAX_COMBINATIONS), session.seed or 0)
    check = _ArchitectureCheck(plan, model)
    end = time.monotonic() + TIME_LIMIT
    quiet = no_retracing_warning()
    with (
        suppress(KeyboardInterrupt),
        quiet,
        frozen_heap(),
        interrupts_held(session) as interrupts,
    ):
        for labels in combinations:
            with interrupts.training():
                check.build(labels)
            if session.state == ScanState.STOPPING or time.monotonic() > end:
                break
    lines = [*check.table(), *check.failures(), *check.graphs(), *check.estimate()]
    return "\n".join([*lines, *session.notices])


def covering(combinations: Iterable[Labels], seed: int) -> list[Labels]:
    """Order combinations so that the first few cover every value; repeats are left out."""
    distinct = list({combination_key(labels): labels for labels in combinations}.values())
    shuffled = random.Random(seed).sample(distinct, len(distinct))  # noqa: S311
    seen: set[Hashable] = set()
    first: list[Labels] = []
    rest: list[Labels] = []
    for labels in shuffled:
        values = {(name, label_key(label)) for name, label in labels.items()}
        (first if values - seen else rest).append(labels)
        seen |= values
    return [*first, *rest]


class _ArchitectureCheck:
    """Builds combinations, and reports those that can be trained and those that cannot."""

    def __init__(self, plan: Plan, model: Callable[..., Any]) -> None:
        self._plan = plan
        self._model = model
        self._graphs = SharedGraphs() if plan.setup.options.share_graphs else None
        self._built: list[tuple[Labels, BuildReport]] = []
        self._failed: list[tuple[Labels, str]] = []
        self._traced: dict[Any, float] = {}  # seconds of a round of each kind
        self._shared: dict[Any, float] = {}  # if it trains on the graph of an earlier one

    def build(self, labels: Labels) -> None:
        session = self._plan.session
        try:
            built = self._build(labels, self._traced)
            if built is not None and built.seconds is not None:
                self._traced[built.kind] = self._shared[built.kind] = built.seconds
                again = self._build(labels, {}) if built.graph else built
                if again is not None and again.seconds is not None:
                    self._shared[built.kind] = again.seconds
        except ScanError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever the user's code raises
            explain_called_text(error, labels)
            self._failed.append((labels, in_a_line(error)))
            return
        if built is not None:
            self._built.append((labels, built))
        elif session.state != ScanState.STOPPING:
            raise InvalidInputError(NO_FIT)

    def _build(self, labels: Labels, known: Collection[Any]) -> BuildReport | None:
        session = self._plan.session
        seed_generators(round_seed(session.seed or 0, labels))
        with released():
            return build(
                lambda: self._plan.train(self._model, labels),
                known,
                lambda: session.state == ScanState.STOPPING,
                self._graphs,
            )

    def table(self) -> list[str]:
        """Return a row per architecture: its combinations, size and time, smallest first."""
        groups: dict[str, list[tuple[Labels, BuildReport]]] = {}
        for labels, built in self._built:
            groups.setdefault(built.architecture, []).append((labels, built))
        if not groups:
            return []
        names = [
            name
            for name in self._plan.session.varying
            if all(_is_shared(name, group) for group in groups.values())
        ]
        rows = [["combinations", "parameters", "memory", "a round", *names]]
        by_size = sorted(groups.values(), key=lambda group: group[0][1].parameters)
        rows += [self._row(group, names) for group in by_size]
        hidden = len(by_size) - MAX_LINES
        more = [f"… and {hidden} larger ones"] if hidden > 0 else []
        return [*align_columns(rows[: MAX_LINES + 1]), *more]

    def _row(self, group: list[tuple[Labels, BuildReport]], names: list[str]) -> list[str]:
        labels, built = group[0]
        memory = max(one.memory for _, one in group)  # it grows with the batch
        duration = format_duration(self._mean_seconds(group)) if built.batches else "?"
        size = [f"{built.parameters:,}", format_bytes(memory)]
        return [str(len(group)), *size, duration, *(format_number(labels[n]) for n in names)]

    def failures(self) -> list[str]:
        """Return a line per error, with the values that its combinations share, or the first."""
        alike: dict[str, list[tuple[Labels, str]]] = {}
        for labels, error in self._failed:
            alike.setdefault(re.sub(r"\d+", "#", error), []).append((labels, error))
        lines = []
        for group in alike.values():
            labels, error = group[0]
            shared = [name for name in self._plan.session.varying if _is_shared(name, group)]
            params = format_params({name: labels[name] for name in shared or labels})
            such = "" if shared else "such as "
            count = f" ({len(group)} combinations)" if len(group) > 1 else ""
            lines.append(f"cannot be trained: {such}{params}{count}: {error}")
        hidden = len(lines) - MAX_LINES
        more = [f"… and {hidden} other errors"] if hidden > 0 else []
        return [*lines[:MAX_LINES], *more]

    def estimate(self) -> list[str]:
        """Return the number of combinations tried and the time that the scan will take."""
        session = self._plan.session
        rounds = session.total - session.finished  # a resumed scan has trained the others
        count = -(-rounds // session.repeats)
        tried = len(self._built) + len(self._failed)
        sample = ", a sample" if tried < count else ""
        lines = [f"built {tried} of {count} combinations{sample}, trained none"]
        if any(not built.batches for _, built in self._built):
            lines += ["no estimate of the time: Keras cannot count the batches of an epoch"]
        elif self._built:
            total = format_duration(rounds * self._mean_seconds(self._built))
            lines += [f"{rounds} rounds will take about {total}, without validation"]
        return lines

    def graphs(self) -> list[str]:
        """Return how many graphs are traced for the combinations built."""
        sharing = [built.graph for _, built in self._built if built.graph]
        alone = len(self._built) - len(sharing)
        if self._graphs is None or not self._built:
            return []
        if not sharing:
            return ["graphs: each round is traced, since a part of the model is not Keras's own"]
        rest = f"; {alone} others are traced in each round" if alone else ""
        return [f"graphs: {len(set(sharing))} for {len(sharing)} combinations{rest}"]

    def _mean_seconds(self, built: list[tuple[Labels, BuildReport]]) -> float:
        """Return the mean of all rounds; of those that share a graph, the first is traced."""
        repeats = self._plan.session.repeats
        graphs = {one.graph: one.kind for _, one in reversed(built) if one.graph}
        tracing = sum(self._traced[kind] - self._shared[kind] for kind in graphs.values())
        each = [(self._shared if one.graph else self._traced)[one.kind] for _, one in built]
        return fmean(each) + tracing / (len(built) * repeats)


def _is_shared(name: str, group: Iterable[tuple[Labels, object]]) -> bool:
    return len({label_key(labels[name]) for labels, _ in group}) == 1
