"""The notebook around an editor, as far as the editor needs it."""

from collections.abc import Mapping
from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Float, HasTraits, Int, Set, Unicode

from talos_magic.grid.condition import Condition
from talos_magic.scan.metric import PREFERRED
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession


class Context(HasTraits):
    """The cell that will use the grid, and the results of the notebook's last scan."""

    # Keys of params that the cell reads; None if unknown.
    reads: set[str] | None = Set(allow_none=True, default_value=None)  # type: ignore[assignment]
    # Keys whose values the cell calls, as in params["opt"]().
    called: set[str] = Set()  # type: ignore[assignment]
    # Options of the scan.
    where: Condition | None = AnyTrait(None)  # type: ignore[assignment]
    rounds = Int(None, allow_none=True)
    fraction = Float(None, allow_none=True)
    # What a running scan has left, in words, and its view says how long that takes; else None.
    left = Unicode(None, allow_none=True)
    # Mean duration of a round; None before the first round.
    seconds = Float(None, allow_none=True)
    version = Int(help="Counts the updates: the trait to observe.")
    # The usual ones and those of the last scan.
    metrics: set[str] = Set({*PREFERRED})  # type: ignore[assignment]
    namespace: Mapping[str, Any] = AnyTrait()  # type: ignore[assignment]

    def __init__(self, namespace: Mapping[str, Any] | None = None, **traits: Any) -> None:
        # Not copied: expressions that are typed in see the notebook's current variables.
        super().__init__(namespace={} if namespace is None else namespace, **traits)

    def set(self, **traits: Any) -> None:
        """Set several traits, then increase the version once."""
        for name, value in traits.items():
            setattr(self, name, value)
        self.version += 1

    def learn(self, session: ScanSession) -> None:
        """Take the mean duration of a round and the metrics from a scan."""
        done = [round_ for round_ in session.rounds if round_.status == RoundStatus.DONE]
        if done:
            self.set(
                seconds=sum(round_.duration for round_ in done) / len(done),
                metrics={*PREFERRED, *(name for round_ in done for name in round_.metrics)},
            )
