"""Evolutionary search: combinations descend from the best of those before, by Optuna's samplers.

CMA-ES (Hansen and Ostermeier, 2001) where all hyperparameters are numbers, NSGA-II (Deb et al.,
2002) otherwise, or for two metrics at once.
"""

from collections.abc import Sequence
from typing import Any

from talos_magic.search.guided import Guided
from talos_magic.search.observations import Observation
from talos_magic.search.space import Params, Space
from talos_magic.search.studies import new_study, quiet

POPULATION = 8  # rounds a generation: of Optuna's 50 a scan would see one or two


class Evolution(Guided):
    """Breeds combinations, see `Guided`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._study: Any = None
        self._distributions: dict[str, Any] = {}
        self._labels: list[Any] = []  # what the study's numbers stand for
        self._told: list[Observation] = []  # what the study has been told
        self._asked: Any = None  # the trial of the one after them

    def start(self, space: Space) -> int:
        """One generation."""
        return POPULATION

    def propose(
        self, space: Space, known: Sequence[Observation], left: Sequence[int]
    ) -> tuple[int | Params, str]:
        """Choose among the combinations that are left."""
        with quiet():
            params = self._bred(space, known)
        return params, f"generation {len(known) // POPULATION}"

    def _bred(self, space: Space, known: Sequence[Observation]) -> Params:
        """Let the generations pass as they were trained, and breed the next of the last.

        Optuna keeps what it knows of a generation in its trials, so a trial is asked for also where
        the round is of an earlier run; then the study is told what was trained in its place.
        """
        from optuna.trial import TrialState, create_trial

        distributions = space.distributions()
        labels = [d.labels for d in space.dimensions if d.name not in space.spans]
        is_edited = distributions != self._distributions or labels != self._labels
        if self._study is None or is_edited or list(known[: len(self._told)]) != self._told:
            self._study = new_study(directions=["minimize"] * len(known[0].losses))
            self._distributions, self._labels = distributions, labels
            self._told, self._asked = [], None
        for observation in known[len(self._told) :]:
            asked = self._asked or self._ask(space)
            self._study.tell(asked, state=TrialState.FAIL)
            trials = self._study.get_trials(deepcopy=False)
            self._study.add_trial(
                create_trial(
                    params=space.params(observation.params),
                    distributions=distributions,
                    values=observation.losses,
                    system_attrs=trials[asked.number].system_attrs,
                )
            )
            self._told.append(observation)
            self._asked = None
        self._asked = self._asked or self._ask(space)
        return dict(self._asked.params)

    def _ask(self, space: Space) -> Any:
        """Ask a sampler that has no past of its own, so that an earlier run's are asked alike."""
        self._study.sampler = self._sampler(space)
        return self._study.ask(self._distributions)

    def _sampler(self, space: Space) -> Any:
        from optuna.samplers import CmaEsSampler, NSGAIISampler

        seed = self._seed + len(self._told)
        one_metric = len(self._study.directions) == 1
        if space.is_numeric and one_metric and len(space.dimensions) > 1:
            first = [trial for trial in self._study.get_trials(deepcopy=False) if trial.values]
            centre = min(first[:POPULATION], key=lambda trial: trial.values, default=None)
            return CmaEsSampler(
                x0=None if centre is None else centre.params,
                n_startup_trials=POPULATION,
                popsize=POPULATION,
                seed=seed,
            )
        return NSGAIISampler(seed=seed, population_size=POPULATION)
