"""The metrics of a round that its curves do not end with."""

from talos_magic.scan.metric import last_values
from talos_magic.scan.round import Round


def final_metrics(round_: Round) -> dict[str, float]:
    """Return the metrics that count, as final/NAME, where they are not those of the last epoch.

    So it is with ``--score best``: trackers show the last value of a curve.

    >>> final_metrics(Round(0, {}, curves={"loss": [0.2, 0.3]}, metrics={"loss": 0.2}))
    {'final/loss': 0.2}
    """
    last = last_values(round_.curves)
    own = round_.metrics.items()
    return {f"final/{name}": value for name, value in own if repr(value) != repr(last.get(name))}
