"""Why a script may not give the curves of its round, as far as that can be told."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from talos_magic.export.modules import needed_files
from talos_magic.names import stores
from talos_magic.notebook_changes import changed_by_rounds
from talos_magic.scan.fingerprint import fingerprint
from talos_magic.scan.json_lines import as_mapping
from talos_magic.scan.result import ScanResult
from talos_magic.scan.saved import CELL, SURROUNDINGS, identity_of
from talos_magic.surroundings import rebound


def doubts(
    result: ScanResult,
    own: Sequence[str],
    taken: Sequence[str],
    code: str,
    notebook: Mapping[str, Any],
) -> list[str]:
    """Tell what may make a script differ from the round that it is of.

    Parameters
    ----------
    result : ScanResult
        The scan.
    own : sequence of str
        Which of the scan's own data the script has.
    taken : sequence of str
        Which arrays of the notebook.
    code : str
        The script.
    notebook : mapping of str to Any
        The notebook's variables; empty if they are not those that the scan saw.

    Returns
    -------
    list of str
        A sentence each.

    Examples
    --------
    >>> import tempfile
    >>> from talos_magic import run_scan
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     result = run_scan(model, {"lr": [0.1]}, root=root)
    >>> doubts(result, [], ["weights"], "", {})
    ['weights: taken from the notebook as it is now']
    """
    around = result.sources.get(SURROUNDINGS, "")
    recorded = as_mapping(identity_of(result.metadata).get("data"))
    data = {name: getattr(result, name) for name in own}
    held = {name: fingerprint(part) for name, part in data.items() if part is not None}
    changed = [name for name, text in held.items() if text != recorded.get(name)]
    cell = result.sources.get(CELL, "")
    shared = rebound(around, cell)
    names = stores(ast.parse(around).body)
    used_up = [name for name in changed_by_rounds([around, cell]) if name in names]
    by_chance = [name for name in sorted(names) if _has_no_seed(notebook.get(name))]
    told = {
        "{}: not what the scan began with, it has been changed since": changed,
        "{}: taken from the notebook as it is now": taken,
        "{}: the notebook's functions read it, and in the script it is the cell's own": shared,
        "{}: has no seed of its own, so it is another each time": by_chance,
        "{}: the rounds before may have changed it, and in the script there are none": used_up,
        "{}: imported by the script, which needs it too": needed_files(code),
    }
    return [text.format(", ".join(names)) for text, names in told.items() if names]


def _has_no_seed(value: Any) -> bool:
    """Whether an object, such as an initializer, draws a seed when it is made."""
    if isinstance(value, type) or not hasattr(value, "get_config"):
        return False
    try:
        return _lacks_seed(value.get_config())
    except Exception:  # noqa: BLE001  # an object of the person's own
        return False


def _lacks_seed(config: Any) -> bool:
    """Whether a config, or one inside it, has a seed that is None."""
    if isinstance(config, Mapping):
        return config.get("seed", 0) is None or any(map(_lacks_seed, config.values()))
    return isinstance(config, list | tuple) and any(map(_lacks_seed, config))
