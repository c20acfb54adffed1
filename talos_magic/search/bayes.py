"""Bayesian search: a model of the metric, fitted to the rounds so far, says where to try next.

For the first hundred rounds or so, a Gaussian process predicts the combinations that are left, or
in a large grid a sample of them, and the one with the greatest expected improvement is taken
(Jones, Schonlau and Welch, 1998). Later, between the steps of ranges, and for two metrics at once,
Optuna's tree-structured Parzen estimator proposes (Bergstra et al., 2011), with all hyperparameters
in one model.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talos_magic.search.adaptive import Adaptive
from talos_magic.search.gaussian_process import (
    expected_improvement,
    predict,
    scaled,
    standardized,
    with_later_rise,
)
from talos_magic.search.observations import Observation
from talos_magic.search.optuna_study import new_study, quiet
from talos_magic.search.space import Coordinates, Space
from talos_magic.values.labels import Label

FEW = 150  # losses, at the rungs and ends of rounds, that a Gaussian process learns from at once
MOST = 1000  # combinations that a Gaussian process can predict before each round
STARTS = (3, 10)  # rounds before the first that is chosen: at least, at most


class Bayes(Adaptive):
    """Chooses what is most promising, see `Adaptive`."""

    _study: Any = None  # Optuna's
    _in_study: Sequence[Mapping[str, Label]] = ()  # the combinations of its trials, in order

    @staticmethod
    def startup_count(space: Space) -> int:
        """Return one more than there are hyperparameters."""
        fewest, most = STARTS
        return min(max(len(space.dimensions) + 1, fewest), most)

    def restart(self) -> None:
        """Forget the study."""
        self._study, self._in_study = None, ()

    def propose(
        self,
        space: Space,
        known: Sequence[Observation],
        left: Sequence[int],
        running: Sequence[Observation],
    ) -> tuple[Coordinates, str]:
        """Choose the next combination."""
        seed = self._seed + len(known) + len(running)
        are_few = sum(len(observation.steps) for observation in known) <= FEW
        if left and not space.spans and are_few and len(known[0].losses) == 1:
            sample = left if len(left) <= MOST else _sample(space, known, left, seed)
            return _by_gaussian_process(space, [*known, *running], sample)
        return self._by_parzen_estimator(space, known, seed), "like the good ones so far"

    def _by_parzen_estimator(
        self, space: Space, known: Sequence[Observation], seed: int
    ) -> Coordinates:
        from optuna.samplers import TPESampler
        from optuna.trial import TrialState

        distributions = space.distributions()
        with quiet():
            self._update_study(space, known)
            sampler = TPESampler(n_startup_trials=1, multivariate=True, seed=seed)
            # Optuna's own goes through all trials.
            sampler.infer_relative_search_space = lambda *_: distributions  # type: ignore[method-assign]
            self._study.sampler = sampler
            asked = self._study.ask(distributions)
            self._study.tell(asked, state=TrialState.FAIL)  # another one may be trained instead
        return dict(asked.params)

    def _update_study(self, space: Space, known: Sequence[Observation]) -> None:
        """Make the study's trials those that are known."""
        from optuna.trial import TrialState, create_trial

        combinations = [observation.params for observation in known]
        count = len(self._in_study)
        if self._study is None or combinations[:count] != self._in_study:
            self._study, count = new_study(directions=["minimize"] * len(known[0].losses)), 0
        # Losses change where a paused round went on; another study would take a tenth of a second.
        trials = self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        for trial, observation in zip(trials, known, strict=False):
            trial.values = observation.losses
        for observation in known[count:]:
            trial = create_trial(
                params=space.coordinates(observation.params),
                distributions=space.distributions(),
                values=observation.losses,
            )
            self._study.add_trial(trial)
        self._in_study = combinations


def _sample(
    space: Space, known: Sequence[Observation], left: Sequence[int], seed: int
) -> Sequence[int]:
    """Draw combinations from those left, and add those that differ from the best in one value."""
    best = min(known, key=lambda observation: observation.losses)
    number = space.grid.number(best.params)
    near = [] if number is None else space.neighbours(number)
    drawn = random.Random(seed).sample(left, MOST)  # noqa: S311
    return [*dict.fromkeys([*set(left).intersection(near), *drawn])]


def _by_gaussian_process(
    space: Space, known: Sequence[Observation], left: Sequence[int]
) -> tuple[Coordinates, str]:
    """Choose by the losses at rungs, and at the ends of rounds; the depth is one more feature."""
    steps = [
        (number, depth, loss)
        for observation in known
        if (number := space.grid.number(observation.params)) is not None
        for depth, loss in observation.steps
    ]
    numbers, depths, losses = zip(*steps, strict=True)

    def at(numbers: Sequence[int], depths: Sequence[float]) -> NDArray[np.float64]:
        return np.column_stack([space.features(numbers), depths])

    tried = [*dict.fromkeys(numbers)]
    wholes = at(left, [1.0] * len(left)), at(tried, [1.0] * len(tried))
    y = with_later_rise(numbers, np.array(depths), scaled(np.array(losses)))
    new, known_ones = predict(at(numbers, depths), standardized(y), *wholes)
    best = float(known_ones[0].min())
    place = int(np.argmax(expected_improvement(*new, best)))
    chosen = space.coordinates(space.grid.labels(left[place])) or {}
    return chosen, "exploit" if new[0][place] <= best else "explore"
