"""Why a script may not train the same curves as its round, as far as can be known."""

import ast
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from talos_magic.cell.names import SCOPES, globals_of, stores
from talos_magic.cell.notebook_source import rebound
from talos_magic.cell.object_history import assigned_into, changed_by_calls
from talos_magic.cell.syntax import packages
from talos_magic.engine.result import ScanResult
from talos_magic.scan.round import Round
from talos_magic.storage.json_lines import as_mapping
from talos_magic.storage.saved_scan import CELL, SURROUNDINGS, identity_of
from talos_magic.training.data import is_dataset
from talos_magic.values.imports import is_installed

OWN = "talos_magic"


def caveats(
    result: ScanResult,
    own: Sequence[str],
    taken: Sequence[str],
    code: str,
    notebook: Mapping[str, Any],
) -> list[str]:
    """Say what may make a script, `code`, differ from its round.

    The script contains the scan's own data, `own`, and arrays `taken` from the notebook, whose
    variables are empty if the scan ran in another one.
    """
    around = result.sources.get(SURROUNDINGS, "")
    cell = result.sources.get(CELL, "")
    shared = rebound(around, cell)
    names = stores(ast.parse(around).body)
    altered = [name for name in _altered_by_rounds(around, cell) if name in names]
    ordered = [name for name in sorted(names) if _draws_its_order(notebook.get(name))]
    unseeded = [name for name in sorted(names) if _has_no_seed(notebook.get(name))]
    remade = [name for name in sorted(names) if _is_of_own_class(notebook.get(name))]
    trained = [name for name in sorted(names) if _is_trained_without_seed(notebook.get(name))]
    sentences = {
        "{}: changed since the scan began": _changed(result, own),
        "{}: taken from the notebook as it is now": taken,
        "{}: in the script, the notebook's functions read the value that the cell sets": shared,
        "{}: has no seed, so it differs in every run": unseeded,
        "{}: has no seed of its own, so it may differ": trained,
        "{}: made anew by the script, so it may differ": remade,
        "{}: earlier rounds may have changed it, and the script does not run these": altered,
        "{}: goes on shuffling from round to round, and the script begins anew": ordered,
        "{}: imported by the script, so keep it beside the script": _own_modules(code),
    }
    return [text.format(", ".join(names)) for text, names in sentences.items() if names]


def score_caveat(result: ScanResult, round_: Round) -> list[str]:
    """Say that a script's model has not the weights that ``--score best`` has put back."""
    if round_.model_epoch is None or identity_of(result.metadata).get("score") != "best":
        return []
    epoch = f"epoch {round_.model_epoch + 1} of {round_.recorded_epochs}"
    return [
        f"the score is that of {epoch}, whose weights --score best has put back: the script does "
        "not, so its model has those of the last epoch"
    ]


def _changed(result: ScanResult, own: Sequence[str]) -> list[str]:
    """Return which data are no longer what was recorded; of folds, the whole is compared."""
    if result.training_data is None:
        return []
    recorded = as_mapping(identity_of(result.metadata).get("data"))
    held = result.training_data.fingerprints()
    changed = {name for name in {*held, *recorded} if held.get(name) != recorded.get(name)}
    of_folds = {name: name.replace("val", "train") for name in own}
    whole = of_folds if result.training_data.folds else {}
    return [name for name in own if whole.get(name, name) in changed]


def _altered_by_rounds(around: str, cell: str) -> list[str]:
    """Return the variables that rounds assign into, or call a method of that may change them.

    Methods of arrays and modules are taken to change nothing.
    """
    outside = list(ast.walk(ast.parse(around)))
    objects = stores(n for n in outside if isinstance(n, ast.Assign) and not _is_array(n.value))
    scopes = [node for node in outside if isinstance(node, SCOPES)]  # which rounds may call
    inside = [node for tree in (ast.parse(cell), *scopes) for node in ast.walk(tree)]
    changed = changed_by_calls(inside, {}, {}) & objects
    return sorted(assigned_into(inside) | globals_of(inside) | changed)


def _is_array(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "array"


def _has_no_seed(value: Any) -> bool:
    """Whether an object, such as an initializer, draws its seed when it is made."""
    if isinstance(value, type) or not hasattr(value, "get_config"):
        return False
    try:
        return _lacks_seed(value.get_config())
    except Exception:  # noqa: BLE001  # the user's own get_config
        return False


def _is_of_own_class(value: Any) -> bool:
    """Whether an object's class is the notebook's own: nobody knows what makes it what it is."""
    return type(value).__module__ == "__main__" and not isinstance(value, type)


def _is_trained_without_seed(value: Any) -> bool:
    """Whether an object is a Keras model or an estimator that has learned from random batches."""
    if isinstance(value, type):
        return False
    try:
        if hasattr(value, "get_params"):
            return value.get_params().get("random_state", 0) is None
        return int(value.optimizer.iterations) > 0
    except Exception:  # noqa: BLE001  # any other object
        return False


def _draws_its_order(value: Any) -> bool:
    """Whether data in batches shuffle themselves after each epoch: their order goes on."""
    if not is_dataset(value):
        return False
    if hasattr(value, "on_epoch_end"):
        from keras.utils import PyDataset

        return type(value).on_epoch_end is not PyDataset.on_epoch_end
    sources: list[Any] = getattr(type(value), "_inputs", lambda _: [])(value)  # of tf.data
    return "Shuffle" in type(value).__name__ or any(map(_draws_its_order, sources))


def _lacks_seed(config: Any) -> bool:
    """Whether a config, or one inside it, has a seed that is None."""
    if isinstance(config, Mapping):
        return config.get("seed", 0) is None or any(map(_lacks_seed, config.values()))
    return isinstance(config, list | tuple) and any(map(_lacks_seed, config))


def _own_modules(code: str) -> list[str]:
    """Return the imported files outside Python and site-packages, and this package."""
    files = []
    for name in sorted(packages(ast.parse(code)) - sys.stdlib_module_names):
        try:
            found = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            continue
        place = found.origin if found is not None else None
        if name == OWN:
            files.append(OWN)
        elif place is not None and not is_installed(str(Path(place).resolve())):
            files.append(place)
    return files
