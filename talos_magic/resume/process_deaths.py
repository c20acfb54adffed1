"""Combinations in whose rounds the process died: they are trained twice at most."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from talos_magic.formatting import format_params
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.values.labels import Label, combination_key

MOST = 2  # deaths after which a combination counts as failed
FAILED = "its process died twice; --retry tries again"


class ProcessDeaths:
    """Counts the deaths of the process in earlier runs of a scan, by combination."""

    def __init__(self, saved: SavedScan | None) -> None:
        deaths = [] if saved is None else saved.deaths
        self._times = Counter(map(combination_key, deaths))
        self.combinations = list({combination_key(labels): labels for labels in deaths}.values())

    def are_many(self, labels: Mapping[str, Label]) -> bool:
        """Whether a combination is not to be trained again."""
        return self._times[combination_key(labels)] >= MOST

    def notices(
        self,
        trained: Collection[Mapping[str, Label]],
        varying: Collection[str],
        *,
        retry: bool,
        when: str,
    ) -> Iterator[str]:
        """Name the combinations that have no round yet, and say what happens to them, and when."""
        known = set(map(combination_key, trained))
        for labels in self.combinations:
            if combination_key(labels) not in known:
                params = format_params({name: labels[name] for name in labels if name in varying})
                if self.are_many(labels) and not retry:
                    yield f"the process died twice in the round of {params}: it counts as failed"
                else:
                    yield f"the process died in the round of {params}: it is trained {when}"
