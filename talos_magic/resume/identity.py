"""What makes two runs the same scan: its code, params, data and options."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from talos_magic.resume.changes import code_changes, data_changes, params_changes
from talos_magic.resume.notebook_changes import changed_constants, changed_definitions
from talos_magic.search.strategies import CHOOSING
from talos_magic.storage.saved_scan import CELL, SURROUNDINGS, SavedScan
from talos_magic.values.labels import Label, label_key

# The options that are recorded: a resume may change them, and says so.
RECORDED = ("repeats", "rounds", "fraction", "where", *CHOOSING, "second_metric", "score", "folds")
FLAGS = {"second_metric": "metric", "warm_start": "from"}  # how a user spells them


class Differences(NamedTuple):
    """How a scan differs from the earlier one."""

    refusals: list[str]  # lines on what must be the same; empty if the scan can be resumed
    notices: list[str]  # what may differ, and what cannot be compared


@dataclass(frozen=True)
class ScanIdentity:
    """What a scan is compared by when it is resumed."""

    code: str = ""  # hash of the model function; empty if Python does not know its source
    sources: Mapping[str, str] = field(default_factory=dict)  # texts beside the results, by file
    params: Mapping[str, list[Label]] = field(default_factory=dict)  # labels at the start
    data: Mapping[str, str] | None = None  # fingerprints; None if nothing is known of the data
    arrays: Mapping[str, str] | None = None  # fingerprints of the notebook's arrays in use
    keep: object = None  # how many models
    options: Mapping[str, object] = field(default_factory=dict)  # those of `RECORDED` it knows

    @classmethod
    def from_saved(cls, saved: SavedScan) -> Self:
        """Read the identity of a saved scan; what it lacks will not be compared."""
        record = saved.identity
        return cls(
            code=str(record.get("code") or ""),
            sources=saved.sources,
            params=_still_needed(saved),
            data=_texts(record.get("data")),
            arrays=_texts(record.get("notebook")),
            keep=record.get("keep"),
            options={name: record[name] for name in RECORDED if name in record},
        )

    def as_record(self) -> dict[str, object]:
        """Return what ``metadata.json`` holds of it; the sources are files of their own."""
        return {
            "code": self.code,
            "data": self.data,
            "params": self.params,
            "notebook": self.arrays,
            "keep": self.keep,
            **self.options,
        }

    def differences(self, earlier: "ScanIdentity") -> Differences:
        """Compare the scan with the earlier one.

        The cell, the functions and classes that it uses, the params and the data must be the same,
        except that params may have more values. Constants and arrays of the notebook may differ,
        because rounds may change them. What the code reads from other objects, datasets, generators
        and imported modules is not compared.
        """
        notebooks = (earlier.sources.get(SURROUNDINGS, ""), self.sources.get(SURROUNDINGS, ""))
        cells = (earlier.sources.get(CELL, ""), self.sources.get(CELL, ""))
        is_other_cell = bool(self.code and earlier.code and self.code != earlier.code)
        refusals = [
            *(code_changes("the cell", *cells) if is_other_cell else ()),
            *changed_definitions(*notebooks),
            *params_changes(earlier.params, self.params),
            *data_changes(earlier.data, self.data),
        ]
        before, now = earlier.arrays or {}, self.arrays or {}
        shared = [{n: of[n] for n in before.keys() & now.keys()} for of in (before, now)]
        changed = [*changed_constants(*notebooks), *data_changes(*shared)]
        notebook = [f"the notebook has changed since the earlier run: {'; '.join(changed)}"]
        notices = [
            *self._other_options(earlier),
            *(notebook if changed else ()),
            *self._incomparable_data(),
        ]
        return Differences(refusals, notices)

    def _other_options(self, earlier: "ScanIdentity") -> Iterator[str]:
        known = earlier.options
        changed = [name for name in known if known[name] != self.options.get(name)]
        if changed:
            then, now = (_flags(of.options, changed) for of in (earlier, self))
            yield f"the scan began with {then} and continues with {now}"

    def _incomparable_data(self) -> Iterator[str]:
        names = [name for name, text in (self.data or {}).items() if "#" not in text]
        if names:
            yield f"{', '.join(names)}: no array, so whether the data have changed is not known"


def _still_needed(saved: SavedScan) -> dict[str, list[Label]]:
    """Return the grid's labels without those that only rounds have in which the process died.

    Such a value may be taken out of the params.
    """
    rounds = [record["params"] for record in saved.records]
    deadly = {(n, label_key(v)) for labels in saved.deaths for n, v in labels.items()}
    deadly -= {(n, label_key(v)) for labels in rounds for n, v in labels.items()}
    first = saved.first_params.items()
    return {n: [v for v in labels if (n, label_key(v)) not in deadly] for n, labels in first}


def _flags(options: Mapping[str, object], names: list[str]) -> str:
    parts = []
    for name in names:
        flag, value = f"--{FLAGS.get(name, name)}", options.get(name)
        parts.append(f"{flag} {value}" if value else f"no {flag}")
    return ", ".join(parts)


def _texts(value: object) -> dict[str, str] | None:
    """Return a mapping of texts; None if a damaged record holds anything else."""
    return {k: str(v) for k, v in value.items()} if isinstance(value, Mapping) else None
