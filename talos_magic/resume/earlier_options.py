"""The options that a resumed scan inherits from the earlier run."""

from collections.abc import Iterator, Mapping
from typing import Any

from talos_magic.errors import ResumeError
from talos_magic.resume.identity import ScanIdentity
from talos_magic.scan.metric import is_minimized
from talos_magic.storage.json_lines import as_mapping
from talos_magic.storage.models import earlier_keep
from talos_magic.storage.saved_scan import SavedScan


def inherit_options(options: Mapping[str, Any], saved: SavedScan | None) -> dict[str, Any]:
    """Return the options with the seed of the scan to resume and, where none is given, its others.

    Raise if they have a different seed.
    """
    if saved is None:
        return dict(options)
    seed = options.get("seed")
    if seed not in (None, saved.seed):
        raise ResumeError(
            f"--seed is {seed}, but {saved.name} began with {saved.seed}: leave out --seed, or "
            "begin a new scan beside it with --fresh"
        )
    earlier = ScanIdentity.from_saved(saved)
    options = {**options, "seed": saved.seed}
    if options.get("keep") is None:
        recorded = [record["round_index"] for record in saved.records]
        options["keep"] = earlier_keep(saved.folder, earlier.keep, recorded)
    score = earlier.options.get("score") or "last"
    if options.get("score") not in (None, score):
        raise ResumeError(
            f"--score is {options['score']}, but the rounds of {saved.name} were ranked by their "
            f"{score} epochs: leave out --score, or begin a new scan beside it with --fresh"
        )
    options["score"] = score
    folds = earlier.options.get("folds")
    if options.get("folds") is not None and str(options["folds"]) != str(folds):
        raise ResumeError(
            f"--folds is {options['folds']}, but {saved.name} began with "
            f"{f'--folds {folds}' if folds else 'no folds'}: leave it out, or begin a new scan "
            "with --fresh"
        )
    options["folds"] = folds
    options |= {name: earlier.options.get(name) for name in _inherited(options, earlier)}
    # The metric that was asked for; a default one is chosen again as the rounds have chosen it.
    asked, ranked_by = as_mapping(saved.metadata.get("objective")), saved.objective or {}
    if asked and options.get("metric") in (None, asked.get("metric")):
        options["metric"] = asked.get("metric")
    metric = ranked_by.get("metric", "")
    minimize = ranked_by.get("direction") == "min"
    is_kept = options.get("metric") in (None, metric) and options.get("minimize") is None
    if metric and is_kept and minimize != is_minimized(metric):
        options["minimize"] = minimize
    return options


def _inherited(options: Mapping[str, Any], earlier: ScanIdentity) -> Iterator[str]:
    """Name the options that are not given and that nothing given contradicts."""
    names = ["reduce", "prune"]
    names += ["race"] if options.get("folds") or (options.get("repeats") or 1) > 1 else []
    if options.get("metric") is None:  # one metric that is named alone excludes a second one
        names += ["second_metric"]
    if options.get("search") in (None, earlier.options.get("search")):
        names += ["search", "continuous", "warm_start"]
        names += [] if options.get("order") or options.get("sample") else ["order", "sample"]
        names += ["rounds"] if earlier.options.get("continuous") else []  # nothing else ends it
    return (name for name in names if not options.get(name))
