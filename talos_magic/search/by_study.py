"""A search that asks one of Optuna's studies, which is told of each combination once."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from talos_magic.search.guided import Guided
from talos_magic.search.observations import Observation
from talos_magic.search.space import Space
from talos_magic.search.studies import new_study


class ByStudy(Guided):
    """See `Guided`.

    The study is kept from round to round because it is dear to make. What it says depends on what
    is known and on nothing else: where the grid or the past has changed, it is made anew.

    Attributes
    ----------
    study : optuna.Study
        It knows what `catch_up` was called with.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.study: Any = None
        self._terms: tuple[Any, ...] = ()  # what the study's numbers stand for
        self._told: list[Observation] = []

    @abstractmethod
    def tell(self, space: Space, observation: Observation) -> None:
        """Add one observation to the study."""

    def begin(self) -> None:
        """Forget what belonged to the study before."""

    def catch_up(self, space: Space, known: Sequence[Observation]) -> None:
        """Let the study know what is known."""
        labels = [d.labels for d in space.dimensions if d.name not in space.spans]
        terms = (space.distributions(), labels)
        if (
            self.study is None
            or terms != self._terms
            or list(known[: len(self._told)]) != self._told
        ):
            self.study = new_study(directions=["minimize"] * len(known[0].losses))
            self._terms, self._told = terms, []
            self.begin()
        for observation in known[len(self._told) :]:
            self.tell(space, observation)
            self._told.append(observation)
