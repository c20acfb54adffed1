"""The options of ``%%talos_scan``; its help is made of them."""

from argparse import Action
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from IPython.core import magic_arguments
from IPython.core.error import UsageError

from talos_magic.search.pruning import PRUNERS
from talos_magic.search.strategies import SEARCHES

# IPython has no type hints.
_argument: Any = magic_arguments.argument
_as_magic: Any = magic_arguments.magic_arguments


class _Once(Action):
    """Take a value; refuse a second one, which would replace the first without a word."""

    def __call__(self, parser: Any, namespace: Any, values: Any, flag: str | None = None) -> None:
        if flag is not None and getattr(namespace, self.dest) is not None:
            parser.error(f"{flag} is given twice: give it once")
        setattr(namespace, self.dest, values)


def option(*names: str, **described: Any) -> Any:
    """Describe an option as argparse does."""
    return _argument(*names, **{"action": _Once} | described)


OPTIONS = (
    option("name", nargs="?", help="experiment: its folder holds one folder a scan"),
    option("-p", "--params", help="params dict (default: params, then p; else the editor opens)"),
    option("-x", help="inputs (default: x_train, then x)"),
    option("-y", help="targets (default: y_train, then y)"),
    option("--x-val", help="inputs to validate on (default: x_val, else a split)"),
    option("--y-val", help="targets to validate on (default: y_val, else a split)"),
    option("--val-split", type=float, help="share of the rows to validate on (default: 0.3)"),
    option("-o", "--output", help="variable that receives the result (default: scan)"),
    option(
        "-m",
        "--metric",
        action="append",
        help="metric that ranks the rounds; give a second one to weigh against it",
    ),
    option("--minimize", action="store_true", help="less of the metric is better"),
    option("--maximize", action="store_true", help="more of the metric is better"),
    option(
        "--rounds",
        type=int,
        help="number of combinations to try; drawn at random without --search",
    ),
    option("--fraction", type=float, help="share of the combinations to try"),
    option("--where", help="condition on params: \"params['units'] * params['layers'] < 220\""),
    option("--search", help="how combinations are chosen: " + ", ".join(SEARCHES)),
    option("--order", help="how --search grid goes: spread (default), sequential"),
    option("--sample", help="how --search random draws, in Talos's names: sobol, halton, ..."),
    option(
        "--continuous",
        action="store_true",
        help="search ranges between their steps too",
    ),
    option("--reduce", help="drop values by Talos's rule: correlation, trees, ..."),
    option("--prune", help="end bad rounds early, by the rule: " + ", ".join(PRUNERS)),
    option("--patience", type=int, help="rounds without a better one that end the scan"),
    option("--time", help="time after which no new round begins, such as 30m or 1h30m"),
    option("--target", type=float, help="value of the metric that ends the scan"),
    option("--repeats", type=int, help="times that each combination is trained (default: 1)"),
    option("--seed", type=int, help="seed of the draw, the split and the rounds"),
    option("--resume", action="store_true", help="go on with the newest scan of that name"),
    option("--retry", action="store_true", help="with --resume: train what failed once more"),
    option("--fresh", action="store_true", help="begin another scan beside those of that name"),
    option("--dir", dest="root", help="where experiments lie (default: the working directory)"),
    option("--on-error", help="what a failed round does: skip (it is recorded) or stop"),
    option("--keep", help="models that are kept on disk: best (default), all, none, a number"),
    option("--edit", action="store_true", help="edit the params first; Start begins the scan"),
    option("--check", action="store_true", help="build every architecture, train nothing"),
    option("--dry-run", action="store_true", help="print the combinations, train nothing"),
    option("-q", "--quiet", action="store_true", help="print the result, nothing else"),
)


def scan_arguments(magic: Any) -> Any:
    """Give a magic the options of a scan."""
    for decorate in (*reversed(OPTIONS), _as_magic()):
        magic = decorate(magic)
    return magic


def hint(error: UsageError) -> str:
    """Say what may have been meant, where an option is unknown.

    Examples
    --------
    >>> hint(UsageError("unrecognized arguments: --searhc bayes"))
    ': did you mean --search?'
    >>> hint(UsageError("unrecognized arguments: --help"))
    '; the options are shown by %%talos_scan?'
    """
    if "unrecognized" not in str(error):
        return ""
    known = [name for each in OPTIONS for name in each.args if name.startswith("--")]
    wrong = next((word for word in str(error).split() if word.startswith("-")), "")
    if wrong in ("-h", "--help"):
        return "; the options are shown by %%talos_scan?"
    near = get_close_matches(wrong.partition("=")[0], known, n=1, cutoff=0.8)
    return f": did you mean {near[0]}?" if near else "; put a value with spaces in quotes"


def metrics(given: Sequence[str]) -> tuple[str | None, str | None]:
    """Take the metric that ranks the rounds, and one that is weighed against it.

    Examples
    --------
    >>> metrics(["val_accuracy", "duration"]), metrics([""])
    (('val_accuracy', 'duration'), (None, None))
    """
    first, *others = given
    if len(others) > 1:
        raise UsageError(f"-m {' -m '.join(given)}: give one metric, or two to weigh")
    return first or None, others[0] if others else None
