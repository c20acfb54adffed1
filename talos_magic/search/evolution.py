"""Evolutionary search: combinations descend from the best of those before, by Optuna's samplers.

CMA-ES (Hansen and Ostermeier, 2001) where all hyperparameters are numbers, NSGA-II (Deb et al.,
2002) otherwise, or for two metrics at once.
"""

from collections.abc import Sequence
from typing import Any

from talos_magic.search.by_study import ByStudy
from talos_magic.search.observations import Observation
from talos_magic.search.space import Params, Space
from talos_magic.search.studies import quiet

POPULATION = 8  # rounds a generation: of Optuna's 50 a scan would see one or two


class Evolution(ByStudy):
    """Breeds combinations, see `Guided`."""

    _asked: Any = None  # the trial of the combination after those that the study was told of

    @staticmethod
    def start(space: Space) -> int:
        """One generation."""
        return POPULATION

    def propose(
        self, space: Space, known: Sequence[Observation], left: Sequence[int]
    ) -> tuple[Params, str]:
        """Choose among the combinations that are left."""
        with quiet():
            self.catch_up(space, known)
            self._asked = self._asked or self._ask(space)
        return dict(self._asked.params), f"generation {len(known) // POPULATION}"

    def begin(self) -> None:
        """Forget the trial of the study before."""
        self._asked = None

    def tell(self, space: Space, observation: Observation) -> None:
        """Add one observation to the study, as what became of the trial that was asked for.

        Optuna keeps what it knows of a generation in its trials, so a trial is asked for also where
        the round is of an earlier run; then the study is told what was trained in its place.
        """
        from optuna.trial import TrialState, create_trial

        asked = self._asked or self._ask(space)
        self.study.tell(asked, state=TrialState.FAIL)
        trials = self.study.get_trials(deepcopy=False)
        self.study.add_trial(
            create_trial(
                params=space.params(observation.params),
                distributions=space.distributions(),
                values=observation.losses,
                system_attrs=trials[asked.number].system_attrs,
            )
        )
        self._asked = None

    def _ask(self, space: Space) -> Any:
        """Ask a sampler that has no past of its own, so that an earlier run's are asked alike."""
        self.study.sampler = self._sampler(space)
        return self.study.ask(space.distributions())

    def _sampler(self, space: Space) -> Any:
        from optuna.samplers import CmaEsSampler, NSGAIISampler

        seed = self._seed + len(self._told)
        one_metric = len(self.study.directions) == 1
        if space.is_numeric and one_metric and len(space.dimensions) > 1:
            first = [trial for trial in self.study.get_trials(deepcopy=False) if trial.values]
            centre = min(first[:POPULATION], key=lambda trial: trial.values, default=None)
            return CmaEsSampler(
                x0=None if centre is None else centre.params,
                n_startup_trials=POPULATION,
                popsize=POPULATION,
                seed=seed,
            )
        return NSGAIISampler(seed=seed, population_size=POPULATION)
