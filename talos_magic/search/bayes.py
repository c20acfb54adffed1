"""Bayesian search: a model of the metric, fitted to the rounds so far, says where to try next.

For the first hundred rounds, a Gaussian process predicts the combinations that are left, or in a
large grid a sample of them, and the one with the greatest expected improvement is taken (Jones,
Schonlau and Welch, 1998). Later, between the steps of ranges, and for two metrics at once, Optuna's
tree-structured Parzen estimator proposes (Bergstra et al., 2011), with all hyperparameters in one
model.
"""

import random
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talos_magic.search.adaptive import Adaptive
from talos_magic.search.observations import Observation
from talos_magic.search.optuna_study import new_study, quiet
from talos_magic.search.space import Coordinates, Space

FEW = 100  # rounds that a Gaussian process learns from in half a second
MOST = 1000  # combinations that a Gaussian process can predict before each round
STARTS = (3, 10)  # rounds before the first that is chosen: at least, at most


class Bayes(Adaptive):
    """Chooses what is most promising, see `Adaptive`."""

    _study: Any = None  # Optuna's, with the first observations
    _in_study = 0  # how many

    @staticmethod
    def startup_count(space: Space) -> int:
        """Return one more than there are hyperparameters."""
        fewest, most = STARTS
        return min(max(len(space.dimensions) + 1, fewest), most)

    def restart(self) -> None:
        """Forget the study."""
        self._study, self._in_study = None, 0

    def propose(
        self,
        space: Space,
        known: Sequence[Observation],
        left: Sequence[int],
        running: Sequence[Observation],
    ) -> tuple[Coordinates, str]:
        """Choose the next combination."""
        seed = self._seed + len(known) + len(running)
        if left and not space.spans and len(known) <= FEW and len(known[0].losses) == 1:
            sample = left if len(left) <= MOST else _sample(space, known, left, seed)
            return _by_gaussian_process(space, [*known, *running], sample)
        return self._by_parzen_estimator(space, known, seed), "like the good ones so far"

    def _by_parzen_estimator(
        self, space: Space, known: Sequence[Observation], seed: int
    ) -> Coordinates:
        from optuna.samplers import TPESampler
        from optuna.trial import TrialState, create_trial

        distributions = space.distributions()
        with quiet():
            if self._study is None:
                self._study = new_study(directions=["minimize"] * len(known[0].losses))
            for observation in known[self._in_study :]:
                trial = create_trial(
                    params=space.coordinates(observation.params),
                    distributions=distributions,
                    values=observation.losses,
                )
                self._study.add_trial(trial)
            self._in_study = len(known)
            sampler = TPESampler(n_startup_trials=1, multivariate=True, seed=seed)
            # Optuna's own goes through all trials.
            sampler.infer_relative_search_space = lambda *_: distributions  # type: ignore[method-assign]
            self._study.sampler = sampler
            asked = self._study.ask(distributions)
            self._study.tell(asked, state=TrialState.FAIL)  # another one may be trained instead
        return dict(asked.params)


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
    tried = (space.grid.number(observation.params) for observation in known)
    numbers = [number for number in tried if number is not None]
    x, candidates = space.features(numbers), space.features(left)
    y = normal_scores(np.array([observation.losses[0] for observation in known]))
    mean, deviation, best = predict(x, y, candidates)
    place = int(np.argmax(expected_improvement(mean, deviation, best)))
    chosen = space.coordinates(space.grid.labels(left[place])) or {}
    return chosen, "exploit" if mean[place] <= best else "explore"


def normal_scores(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace numbers by the normal quantiles of their ranks, so that none is an outlier."""
    from scipy.stats import norm, rankdata

    return np.asarray(norm.ppf((rankdata(losses) - 0.5) / len(losses)))


def predict(
    x: NDArray[np.float64], y: NDArray[np.float64], candidates: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Predict a loss by a Gaussian process (Rasmussen and Williams, 2006; scikit-learn).

    Return its mean and its deviation, without noise, at the candidates, and the least mean at the
    points of `x`.
    """
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    kernel = ConstantKernel(1.0, (0.1, 10.0)) * Matern(
        np.full(x.shape[1], 0.7), (0.1, 10.0), nu=2.5
    ) + WhiteKernel(0.05, (1e-3, 0.5))
    process = GaussianProcessRegressor(kernel, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length that reaches its bound
        process.fit(x, y)
        mean, deviation = process.predict(candidates, return_std=True)
    noise = process.kernel_.k2.noise_level
    return mean, np.sqrt(np.maximum(deviation**2 - noise, 1e-12)), float(process.predict(x).min())


def expected_improvement(
    mean: NDArray[np.float64], deviation: NDArray[np.float64], best: float
) -> NDArray[np.float64]:
    """Return by how much a normally distributed loss is expected to be less than `best`."""
    from scipy.stats import norm

    z = (best - mean) / deviation
    return np.asarray(deviation * (z * norm.cdf(z) + norm.pdf(z)))
