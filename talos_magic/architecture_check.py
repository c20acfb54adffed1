"""What ``--check`` does: every architecture of the grid is built, none is trained."""

import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.plan import Plan
from talos_magic.scan.building import Built, build
from talos_magic.scan.events import Label
from talos_magic.scan.interrupts import heard_interrupts
from talos_magic.scan.memory import released
from talos_magic.scan.round import in_a_line
from talos_magic.scan.seeds import round_seed, seed_generators
from talos_magic.words import aligned, clock, in_words, number, size_in_words

BUDGET = 30.0  # seconds after which no further combination is built
MOST_LISTED = 10_000  # combinations that the sample is drawn from
MOST_TOLD = 10  # lines

Labels = Mapping[str, Label]


def check_architectures(plan: Plan, model: Callable[..., Any]) -> str:
    """Build the grid's models, each up to its third batch, and say what they cost.

    Parameters
    ----------
    plan : Plan
        The scan.
    model : callable
        Talos's model function.

    Returns
    -------
    str
        A table of the architectures, what cannot be built, and how long the scan will take.

    Raises
    ------
    ScanError
        If the model function has no ``fit`` to stop at.
    """
    import keras  # noqa: F401  # its fit is what is stopped at

    session = plan.session
    combinations = covering(islice(plan.queue, MOST_LISTED), session.seed or 0)
    check = _Check(plan, model)
    end = time.monotonic() + BUDGET
    with suppress(KeyboardInterrupt), _tensorflow_quiet(), heard_interrupts(session) as interrupts:
        for labels in combinations:
            with released(), interrupts.training():
                check.build(labels)
            if session.state == "stopping" or time.monotonic() > end:
                break
    return "\n".join([*check.table(), *check.failures(), *check.estimate(), *session.notices])


def covering(combinations: Iterable[Labels], seed: int) -> list[Labels]:
    """Order combinations so that the first few of them have every value once.

    Examples
    --------
    >>> grid = [{"a": a, "b": b} for a in range(9) for b in range(9)]
    >>> first = covering(grid, seed=1)[:20]
    >>> len({labels["a"] for labels in first}), len({labels["b"] for labels in first})
    (9, 9)
    """
    each = {in_words(labels): labels for labels in combinations}.values()  # repeats are alike
    shuffled = random.Random(seed).sample(list(each), len(each))  # noqa: S311
    seen: set[tuple[str, str]] = set()
    first: list[Labels] = []
    rest: list[Labels] = []
    for labels in shuffled:
        values = {(name, repr(label)) for name, label in labels.items()}
        (first if values - seen else rest).append(labels)
        seen |= values
    return [*first, *rest]


class _Check:
    """Collects what can be built and what cannot."""

    def __init__(self, plan: Plan, model: Callable[..., Any]) -> None:
        self._plan = plan
        self._model = model
        self._built: list[tuple[Labels, Built]] = []
        self._failed: list[tuple[Labels, str]] = []
        self._seconds: dict[Any, float] = {}  # of a round of each kind

    def build(self, labels: Labels) -> None:
        session = self._plan.session
        seed_generators(round_seed(session.seed or 0, labels))
        try:
            built = build(
                lambda: self._plan.train(self._model, labels),
                self._seconds,
                lambda: session.state == "stopping",
            )
        except ScanError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever the person's code raises
            self._failed.append((labels, in_a_line(error)))
            return
        if built is not None:
            self._built.append((labels, built))
            if built.seconds is not None:
                self._seconds[built.kind] = built.seconds
        elif session.state != "stopping":
            raise ScanError(
                "the cell came to its end without fit() of a Keras model, which is where --check "
                "stops it: leave --check out"
            )

    def table(self) -> list[str]:
        """Tell of each architecture how many combinations have it, how large it is, how slow."""
        groups: dict[str, list[tuple[Labels, Built]]] = {}
        for labels, built in self._built:
            groups.setdefault(built.architecture, []).append((labels, built))
        if not groups:
            return []
        names = self._telling(groups.values())
        rows = [["combinations", "parameters", "memory", "a round", *names]]
        for group in sorted(groups.values(), key=lambda group: group[0][1].parameters):
            labels, built = group[0]
            memory = max(one.memory for _, one in group)  # it grows with the batch
            size = [f"{built.parameters:,}", size_in_words(memory)]
            seconds = [self._seconds[one.kind] for _, one in group]
            duration = clock(sum(seconds) / len(seconds)) if built.batches else "?"
            rows.append([str(len(group)), *size, duration, *(number(labels[n]) for n in names)])
        left_out = max(len(rows) - 1 - MOST_TOLD, 0)
        more = [f"… and {left_out} larger ones"] if left_out else []
        return [*aligned(rows[: MOST_TOLD + 1]), *more]

    def _telling(self, groups: Iterable[list[tuple[Labels, Built]]]) -> list[str]:
        """Names of the hyperparameters that an architecture has one value of."""
        return [
            name
            for name in self._plan.session.varying
            if all(_is_shared(name, group) for group in groups)
        ]

    def failures(self) -> list[str]:
        """Tell of each error what those that raise it have in common, or name the first."""
        alike: dict[str, list[tuple[Labels, str]]] = {}
        for labels, error in self._failed:
            alike.setdefault(re.sub(r"\d+", "#", error), []).append((labels, error))
        lines = []
        for group in alike.values():
            labels, error = group[0]
            shared = [name for name in self._plan.session.varying if _is_shared(name, group)]
            told = in_words({name: labels[name] for name in shared or labels})
            such = "" if shared else "such as "
            count = f" ({len(group)} combinations)" if len(group) > 1 else ""
            lines.append(f"cannot be trained: {such}{told}{count}: {error}")
        more = [f"… and {len(lines) - MOST_TOLD} other errors"] if len(lines) > MOST_TOLD else []
        return [*lines[:MOST_TOLD], *more]

    def estimate(self) -> list[str]:
        """Say how much was looked at, and how long the whole will take."""
        session = self._plan.session
        rounds = session.total - len(session.rounds)  # of a resumed scan, what is left
        count = -(-rounds // session.repeats)
        looked = len(self._built) + len(self._failed)
        sample = ", a sample" if looked < count else ""
        lines = [f"{looked} of {count} combinations were tried{sample}, none was trained"]
        if any(not built.batches for _, built in self._built):
            lines += ["how long it will take cannot be told: Keras cannot count an epoch's batches"]
        elif self._built:
            seconds = [self._seconds[built.kind] for _, built in self._built]
            total = clock(rounds * sum(seconds) / len(seconds))
            lines += [f"{rounds} rounds will take about {total}, without their validation"]
        return lines


def _is_shared(name: str, group: Iterable[tuple[Labels, object]]) -> bool:
    return len({repr(labels[name]) for labels, _ in group}) == 1


@contextmanager
def _tensorflow_quiet() -> Iterator[None]:
    """TensorFlow warns of models that are traced and then hardly used, which is the point here."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
