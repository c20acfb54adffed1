"""The values that can be completed: experiments on disk, metrics, params, and variables."""

import re
import time
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from IPython.core.interactiveshell import InteractiveShell

from talos_magic import COMPARED_KINDS
from talos_magic.experiment.option_table import NONE, OPTIONS
from talos_magic.magics.lookup import params_name
from talos_magic.trackers.log import TRACKERS

SUFFIXES = (".csv", ".html", ".py", ".db")  # of exports
WORDS: dict[str, Collection[str]] = {
    "kind": ("all", *COMPARED_KINDS),
    "keep": ("best", "all", "none"),
    "folds": ("time",),
    "workers": ("auto",),
    "log": TRACKERS,
    "reduce": ("correlation", "spearman", "pearson", "kendall", "trees", "forrest", NONE),
}
DATA = ("x", "y", "x_val", "y_val", "groups")
SUBSCRIPT = re.compile(r"(?<![\w.])(\w+)\[\s*([\"']?)[^\"']*$")  # of a dict, not closed yet
TIME_LIMIT = 0.03  # seconds for listing the experiments
MOST = 1000  # files of a folder that are looked at

Given = Mapping[str, list[str]]


class Settings(Protocol):
    """What the user has set, as `TalosMagics` has it."""

    root: str | None
    latest: str  # variable of the last result


class KnownValues:
    """Values of the magics' arguments. Nothing here imports Keras or pandas, or runs user code."""

    def __init__(self, shell: InteractiveShell, settings: Settings) -> None:
        self._shell = shell
        self._settings = settings

    def values(self, dest: str, current: str, given: Given) -> Collection[str]:
        """Return the values of an argument; `current` is what is typed of it."""
        match dest:
            case "name" | "names" | "warm_start":
                return self._experiments(current, given)
            case "metric":
                return self._recorded("history", given)
            case "colour":
                return self._recorded("params", given)
            case "where":
                return self._conditions(current, given)
            case "file":
                stem = re.sub(r"\.\w*$", "", current) or "scan"
                return [f"{stem}{suffix}" for suffix in SUFFIXES]
            case "params":
                return self.dicts()
            case "output" | "cluster":
                return list(self._variables())
            case _ if dest in DATA:
                return [name for name, value in self._variables().items() if _is_data(value)]
        return WORDS.get(dest) or (OPTIONS[dest].choices if dest in OPTIONS else ())

    def dicts(self) -> list[str]:
        """Return the names of the notebook's dicts."""
        return [name for name, value in self._variables().items() if isinstance(value, Mapping)]

    def keys(self, given: Given) -> list[str]:
        """Return the keys of the params dict that -p names, else of ``params`` or ``p``."""
        params = self._shell.user_ns.get(self._params_name(given))
        keys = params if isinstance(params, Mapping) else ()
        return [key for key in keys if isinstance(key, str)]

    def _params_name(self, given: Given) -> str:
        return params_name(next(iter(given.get("params", [])), None), self._shell.user_ns)

    def _conditions(self, current: str, given: Given) -> list[str]:
        name, keys = self._params_name(given), self.keys(given)
        quote = '"' if not current else ""
        terms = [f"{quote}{name}['{key}']" for key in keys]
        return subscript_keys(current, {"params", name}, keys) or terms

    def _variables(self) -> dict[str, Any]:
        """Return what ``%who`` would list: not IPython's own variables, nor modules."""
        shell = self._shell
        return {
            name: value
            for name, value in shell.user_ns.items()
            if not name.startswith("_")
            and not isinstance(value, ModuleType)
            and shell.user_ns_hidden.get(name, shell) is not value
        }

    def _root(self, given: Given) -> Path:
        folder = given.get("root") or [self._settings.root or ""]
        return Path(folder[0]).expanduser()

    def _experiments(self, current: str, given: Given) -> list[str]:
        root = self._root(given)
        name, slash, _ = current.partition("/")
        if slash:
            return [f"{name}/{folder.name}" for folder in _scans(root / name)]
        return sorted(folder.name for folder in _experiments(root))

    def _recorded(self, part: str, given: Given) -> list[str]:
        """Return the metrics or the params of the experiment that is named, else of the last."""
        root = self._root(given)
        names = given.get("name") or given.get("names") or []
        folders = [folder for name in names[:1] for folder in _scans(root, name)]
        rounds = getattr(self._shell.user_ns.get(self._settings.latest), "rounds", ())
        if rounds and not folders:
            parts = [each.params if part == "params" else each.curves for each in rounds]
            found = max(parts, key=len)  # a round that failed may have no curves
        else:
            everything = (scan for folder in _experiments(root) for scan in _scans(folder))
            newest = folders or sorted(everything, key=lambda scan: scan.name)
            found = _first_record(newest[-1]).get(part, ()) if newest else ()
        return [*found, "duration"] if part == "history" and found else list(found)


def subscript_keys(text: str, names: Collection[str], keys: Collection[str]) -> list[str]:
    """Return the keys that continue a text such as ``params["un``; `names` are the dict's.

    >>> subscript_keys('model.add(params["', ["params"], ["units"])
    ['units']
    >>> subscript_keys("params[", ["params"], ["units"])
    ["'units'"]
    """
    found = SUBSCRIPT.search(text)
    if found is None or found[1] not in names:
        return []
    return list(keys) if found[2] else [repr(key) for key in keys]


def _experiments(root: Path) -> Iterator[Path]:
    """Yield the folders that hold scans, as far as the time allows: any folder may be the root."""
    import talos_magic.storage.folders  # noqa: F401  # which takes longer than what follows

    deadline = time.monotonic() + TIME_LIMIT
    for folder in root.iterdir():
        if time.monotonic() > deadline:
            return
        if not folder.name.startswith(".") and folder.is_dir() and _scans(folder):
            yield folder


def _scans(*parts: Path | str) -> list[Path]:
    """Return the scans in the folder of an experiment, or the one that is named, newest last."""
    from talos_magic.storage.folders import STAMP

    folder = Path(*parts)
    if STAMP.fullmatch(folder.name):
        return [folder]
    if not folder.is_dir():
        return []
    scans = [path for path in islice(folder.iterdir(), MOST) if STAMP.fullmatch(path.name)]
    return sorted(scans, key=lambda scan: scan.name)


def _first_record(folder: Path) -> Mapping[str, Any]:
    from talos_magic.storage.json_lines import read_lines
    from talos_magic.storage.saved_scan import ROUNDS

    return next(read_lines(folder / ROUNDS), {})


def _is_data(value: object) -> bool:
    return not callable(value) and not isinstance(value, str | int | float | bool | None)
