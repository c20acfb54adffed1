"""What a search knows before its first round: the rounds of an earlier scan (``--from``)."""

from collections.abc import Sequence

import numpy as np

from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.search.observations import Observation, Observations
from talos_magic.values.labels import combination_key


class WarmStart:
    """The rounds of an earlier scan, as observations of a search.

    They have the hyperparameters of the grid that is searched. Where the earlier scan had more,
    combinations may be the same without these: they are observed as one, with the mean loss.
    """

    def __init__(self, name: str, rounds: Sequence[Round], metric: str) -> None:
        self.name = name  # of the experiment
        self._metric = metric  # by which they are learnt from until the session has one
        self._earlier = ScanSession()
        self._earlier.restore(rounds)
        self._observations = Observations(self._earlier)

    def observed(self, session: ScanSession, own: Sequence[Observation]) -> list[Observation]:
        """Return what was observed then, by the metric of a session, on the level of its losses."""
        earlier, metric = self._earlier, session.metric or self._metric
        earlier.metric, earlier.minimize = metric, session.metric_choice.is_minimized(metric)
        earlier.second_metric = session.second_metric
        found = self._observations.update()
        if not found:
            session.notice(f"no round of {self.name} has {metric}: nothing is learnt from it")
        return on_level_of(own, found)


def on_level_of(own: Sequence[Observation], earlier: Sequence[Observation]) -> list[Observation]:
    """Add to earlier losses what the own ones have more, because other data have another level.

    It is the median difference over the combinations that both have; none is added without any.
    """
    before = {combination_key(observation.params): observation.losses for observation in earlier}
    pairs = [(o.losses, before.get(combination_key(o.params))) for o in own]
    differences = [np.subtract(now, then) for now, then in pairs if then is not None]
    if not differences:
        return [*earlier]
    more = np.median(differences, axis=0)
    return [
        Observation(
            observation.params,
            tuple((observation.losses + more).tolist()),
            tuple((depth, loss + float(more[0])) for depth, loss in observation.steps),
        )
        for observation in earlier
    ]
