"""The options of a scan, each described once.

``%%talos_scan``, ``%config TalosMagics`` and the choices that `ScanOptions` checks are made from
it; tests compare it with the keywords of `run_scan`, the fields of `ScanOptions` and the reference.
"""

from dataclasses import dataclass

from talos_magic.search.pruning import PRUNERS
from talos_magic.search.strategies import ORDERS, SAMPLES, SEARCHES
from talos_magic.trackers.log import TRACKERS

NONE = "none"  # resume without what the scan began with


@dataclass(frozen=True)
class Option:
    """An option of a scan, as a keyword of `run_scan` and as an argument of a cell."""

    name: str  # as a keyword, a field of `ScanOptions` and a trait of ``TalosMagics``
    spelling: str  # in a cell: its flags and the placeholder of its value, if it has them
    help: str
    value_type: type = str  # in a cell: str, int or float
    default: object = None
    default_text: str = ""  # if `default` does not say it
    choices: tuple[str, ...] = ()  # empty if they cannot be listed
    is_repeatable: bool = False
    is_configurable: bool = False  # by ``%config TalosMagics``

    @property
    def flags(self) -> tuple[str, ...]:
        """As they are written in a cell, the long one last; empty if it is positional."""
        words = self.spelling.replace(",", "").split()
        return tuple(word for word in words if word.startswith("-"))

    @property
    def metavar(self) -> str | None:
        """Placeholder of the value; None if the option takes none."""
        last = self.spelling.split()[-1]
        return None if last.startswith("-") else last

    @property
    def shown_default(self) -> str:
        """The default as text; empty if there is none."""
        return self.default_text or ("" if self.default is None else str(self.default))

    @property
    def full_help(self) -> str:
        """What it does, and its default."""
        default = self.shown_default
        return f"{self.help} (default: {default})" if default else self.help


_TABLE = (
    Option(
        "name",
        "NAME",
        "name of the experiment; its folder holds one folder per scan",
        default="talos_scan",
        is_configurable=True,
    ),
    Option(
        "params",
        "-p, --params EXPR",
        "params dict",
        default_text="params, then p; if neither is a dict, the grid editor opens",
    ),
    Option("x", "-x EXPR", "inputs", default_text="x_train, then x"),
    Option("y", "-y EXPR", "targets", default_text="y_train, then y"),
    Option(
        "x_val", "--x-val EXPR", "validation inputs", default_text="x_val, else split off from x"
    ),
    Option(
        "y_val", "--y-val EXPR", "validation targets", default_text="y_val, else split off from y"
    ),
    Option(
        "val_split",
        "--val-split F",
        "share of the rows to split off for validation",
        float,
        default=0.3,
        is_configurable=True,
    ),
    Option(
        "output",
        "-o, --output NAME",
        "variable that receives the result",
        default="scan",
        is_configurable=True,
    ),
    Option(
        "metric",
        "-m, --metric NAME",
        "metric that ranks the rounds; a second -m is weighed against the first",
        default_text="val_accuracy, else accuracy, val_loss or loss",
        is_repeatable=True,
        is_configurable=True,
    ),
    Option(
        "minimize",
        "--minimize",
        "lower values of the metric are better",
        default_text="by the metric's name",
    ),
    Option(
        "maximize",
        "--maximize",
        "higher values of the metric are better",
        default_text="by the metric's name",
    ),
    Option(
        "score",
        "--score EPOCH",
        "epoch that counts for a round: last, or best, whose weights are then kept",
        default="last",
        default_text="last; when resuming, as before",
        choices=("last", "best"),
    ),
    Option(
        "rounds",
        "--rounds N",
        "number of combinations to try; drawn at random unless --search is given",
        int,
        default_text="all",
    ),
    Option(
        "fraction", "--fraction F", "share of the combinations to try", float, default_text="all"
    ),
    Option(
        "where",
        "--where EXPR",
        "condition on the params: \"params['units'] * params['layers'] < 220\"",
    ),
    Option(
        "search",
        "--search NAME",
        f"how combinations are chosen: {', '.join(SEARCHES)}",
        default_text="grid; random with --rounds or --fraction",
        choices=SEARCHES,
    ),
    Option(
        "order",
        "--order NAME",
        f"order of --search grid: {', '.join(ORDERS)}",
        default_text="spread",
        choices=ORDERS,
    ),
    Option(
        "sample",
        "--sample NAME",
        "Talos's method by which --search random draws: sobol, halton, ...",
        choices=SAMPLES,
    ),
    Option("continuous", "--continuous", "search ranges between their steps, too"),
    Option(
        "warm_start",
        "--from NAME",
        "earlier experiment, or folder of a scan, from whose rounds the search learns, too",
    ),
    Option(
        "reduce",
        "--reduce NAME",
        "drop values by one of Talos's reducers: correlation, trees, ...",
        default_text=NONE,
    ),
    Option(
        "prune",
        "--prune RULE",
        f"pause or end bad rounds early by a rule: {', '.join(PRUNERS)}",
        default_text=NONE,
        choices=(*PRUNERS, NONE),
    ),
    Option("patience", "--patience N", "end the scan after N rounds without a better one", int),
    Option("time", "--time T", "begin no round after this time, such as 30m or 1h30m"),
    Option("target", "--target V", "end the scan when the metric reaches this value", float),
    Option(
        "repeats",
        "--repeats K",
        "times that each combination is trained, with different seeds",
        int,
        default=1,
        is_configurable=True,
    ),
    Option(
        "folds",
        "--folds K",
        "cross-validation: train each combination on K folds of x and y; time for a series",
    ),
    Option("groups", "--groups EXPR", "labels of the rows; each group stays within one fold"),
    Option(
        "race",
        "--race",
        "give repeats, or folds, after the second one only to combinations that may be the best",
    ),
    Option(
        "seed",
        "--seed N",
        "seed of the draw, the validation split and the rounds",
        int,
        default_text="drawn and recorded; when resuming, as before",
        is_configurable=True,
    ),
    Option("resume", "--resume", "resume the newest scan of that name; begin one if there is none"),
    Option("retry", "--retry", "with --resume: train failed rounds again"),
    Option("fresh", "--fresh", "begin a new scan beside the earlier ones of that name"),
    Option(
        "root",
        "--dir DIR",
        "folder that holds the experiments",
        default_text="the working directory",
        is_configurable=True,
    ),
    Option(
        "on_error",
        "--on-error NAME",
        "what happens after a failed round: skip records it and continues, stop ends the scan",
        default="skip",
        choices=("skip", "stop"),
        is_configurable=True,
    ),
    Option(
        "keep",
        "--keep K",
        "models to keep on disk: best, all, none, or the number of the best ones",
        default="best",
        default_text="best; when resuming, as before",
        is_configurable=True,
    ),
    Option(
        "workers",
        "--workers N",
        "train N rounds at a time, in processes of their own; auto: one a core, or a GPU",
        is_configurable=True,
    ),
    Option(
        "cluster",
        "--cluster EXPR",
        "train on a Dask cluster: the address of its scheduler, or a client",
    ),
    Option(
        "log",
        "--log NAME",
        f"hand the rounds over while they run: {', '.join(TRACKERS)}, or a variable with a "
        "ScanObserver; can be repeated",
        is_repeatable=True,
    ),
    Option("edit", "--edit", "edit the params first; Start begins the scan"),
    Option("check", "--check", "build every architecture, train nothing"),
    Option("dry_run", "--dry-run", "print the combinations, train nothing"),
    Option("notify", "--notify", "let the browser notify you at the end, if the page is open"),
    Option("quiet", "-q, --quiet", "print the result, nothing else", is_configurable=True),
)
OPTIONS = {option.name: option for option in _TABLE}
