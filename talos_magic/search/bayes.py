"""Bayesian search: a model of the metric, made of the rounds so far, says where to try next.

In a grid that is small enough, and for the first hundred rounds, a Gaussian process is asked about
each combination that is left, and the one with the greatest expected improvement is taken (Jones,
Schonlau and Welch, 1998). Else, and for two metrics at once, Optuna's tree-structured Parzen
estimator proposes (Bergstra et al., 2011), with all hyperparameters in one model.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from talos_magic.search.by_study import ByStudy
from talos_magic.search.observations import Observation
from talos_magic.search.space import Params, Space
from talos_magic.search.studies import quiet

FEW = 100  # rounds that a Gaussian process learns from in half a second
SMALL = 1000  # combinations that a Gaussian process can be asked about before each round
STARTS = (3, 10)  # rounds before the first that is chosen: at least, at most


class Bayes(ByStudy):
    """Chooses what promises most, see `Guided`."""

    @staticmethod
    def start(space: Space) -> int:
        """One round more than there are hyperparameters."""
        fewest, most = STARTS
        return min(max(len(space.dimensions) + 1, fewest), most)

    def propose(
        self, space: Space, known: Sequence[Observation], left: Sequence[int]
    ) -> tuple[Params, str]:
        """Choose among the combinations that are left."""
        is_small = left and space.grid.size <= SMALL and len(known) <= FEW
        if is_small and not space.spans and len(known[0].losses) == 1:
            return self._by_gaussian_process(space, known, left)
        return self._by_parzen_estimator(space, known), "by what was good so far"

    def _by_gaussian_process(
        self, space: Space, known: Sequence[Observation], left: Sequence[int]
    ) -> tuple[Params, str]:
        tried = (space.grid.number(observation.params) for observation in known)
        numbers = [number for number in tried if number is not None]
        x, candidates = space.features(numbers), space.features(left)
        y = normal_scores(np.array([observation.losses[0] for observation in known]))
        mean, deviation, best = predict(x, y, candidates)
        gain = expected_improvement(mean, deviation, best)
        place = int(np.argmax(gain))
        return space.params_of(left[place]), "exploit" if mean[place] <= best else "explore"

    def _by_parzen_estimator(self, space: Space, known: Sequence[Observation]) -> Params:
        from optuna.samplers import TPESampler
        from optuna.trial import TrialState

        seed = self._seed + len(known)
        with quiet():
            self.catch_up(space, known)
            self.study.sampler = TPESampler(n_startup_trials=1, multivariate=True, seed=seed)
            asked = self.study.ask(space.distributions())
            self.study.tell(asked, state=TrialState.FAIL)  # what is trained may be another one
        return dict(asked.params)

    def tell(self, space: Space, observation: Observation) -> None:
        """Add one observation to the study."""
        from optuna.trial import create_trial

        self.study.add_trial(
            create_trial(
                params=space.params(observation.params),
                distributions=space.distributions(),
                values=observation.losses,
            )
        )


def normal_scores(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace numbers by the normal quantiles of their ranks, so that none is far from the rest.

    Examples
    --------
    >>> normal_scores(np.array([0.1, 0.2, 1e9])).round(2).tolist()
    [-0.97, 0.0, 0.97]
    """
    from scipy.stats import norm, rankdata

    return np.asarray(norm.ppf((rankdata(losses) - 0.5) / len(losses)))


def predict(
    x: NDArray[np.float64], y: NDArray[np.float64], candidates: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Predict a loss by a Gaussian process (Rasmussen and Williams, 2006; scikit-learn).

    Returns
    -------
    mean, deviation : array
        At each of the candidates; the deviation without what is noise.
    best : float
        The least mean at what was tried.
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
    """How much less than `best` a normally distributed loss is expected to be.

    Examples
    --------
    >>> expected_improvement(np.array([0.0, 2.0]), np.array([1.0, 1.0]), 0.0).round(3).tolist()
    [0.399, 0.008]
    """
    from scipy.stats import norm

    z = (best - mean) / deviation
    return np.asarray(deviation * (z * norm.cdf(z) + norm.pdf(z)))
