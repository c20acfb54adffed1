"""In which order the combinations of a grid are tried, as Talos search strategies."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from talos.experiment.param_domain import ParamDomain
from talos.experiment.param_search import SearchStrategy

from talos_magic.scan.events import Label


class ChosenCombinations(SearchStrategy):  # type: ignore[misc]  # Talos has no type hints
    """Talos search strategy that hands out combinations in a given order.

    Parameters
    ----------
    params : mapping of str to list
        The grid's labels.
    combinations : iterable of dict
        Labels of each round, in order. Read lazily, so a grid of any size costs no memory.
    seed : int
        Recorded by Talos as part of the experiment's identity.
    """

    def __init__(
        self,
        params: Mapping[str, list[Label]],
        combinations: Iterable[Mapping[str, Label]],
        seed: int,
    ) -> None:
        super().__init__(ParamDomain(dict(params)), seed=seed)
        self._combinations: Iterator[Mapping[str, Label]] = iter(combinations)

    is_finite = True

    def __next__(self) -> dict[str, Any]:
        combination = dict(next(self._combinations))
        self._generated_count += 1
        return combination

    def get_state(self) -> dict[str, Any]:
        """Give Talos what it needs to continue here."""
        return {"generated_count": self._generated_count}

    def set_state(self, state: dict[str, Any]) -> None:
        """Count what an earlier run has trained; the combinations are those that are left."""
        self._generated_count = state["generated_count"]
