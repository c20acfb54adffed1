"""`run_scan`: train a model function on a grid, in a script or a notebook."""

import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talos_magic.cell.syntax import code_of, imports_keras, misplaced
from talos_magic.errors import InvalidInputError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.condition import filtering
from talos_magic.grid.grid import Grid
from talos_magic.resume.find import find_earlier
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.trackers.log import Log
from talos_magic.training.data import TrainingData, given_data, split_data
from talos_magic.training.folds import split_into_folds
from talos_magic.training.interrupts import imports_completed
from talos_magic.values.lambdas import lambda_source
from talos_magic.values.source import parse_or_empty

if TYPE_CHECKING:  # it imports Talos, which takes a while
    from talos_magic.engine.result import ScanResult

PLAIN = (int, float, str, type(None))


def take_data(
    x: Any,
    y: Any,
    x_val: Any,
    y_val: Any,
    *,
    val_split: float | None,
    seed: int,
    folds: str | int | None = None,
    groups: Any = None,
    saved: SavedScan | None = None,
) -> TrainingData:
    """Return the data; split them if there are no validation data, unless `val_split` is None.

    `saved` is the scan to resume: it may have been split before classes were stratified.
    """
    if folds is not None:
        whole = given_data(x, y, x_val, y_val)
        return split_into_folds(whole, folds=folds, groups=groups, seed=seed)
    if groups is not None:
        raise InvalidInputError("--groups needs --folds: it says which rows stay in one fold")
    if x_val is not None or x is None or val_split is None:
        return given_data(x, y, x_val, y_val)
    data = split_data(x, y, val_split=val_split, seed=seed)
    earlier = None if saved is None else saved.identity.get("data")
    if isinstance(earlier, Mapping) and data.fingerprints() != earlier:
        unstratified = split_data(x, y, val_split=val_split, seed=seed, stratify=False)
        data = unstratified if unstratified.fingerprints() == earlier else data
    return data


@imports_completed()
def run_scan(
    model: Callable[..., Any],
    params: Mapping[str, Any],
    x: Any = None,
    y: Any = None,
    *,
    x_val: Any = None,
    y_val: Any = None,
    val_split: float | None = 0.3,
    name: str = "talos_scan",
    root: Path | str = ".",
    metric: str | None = None,
    second_metric: str | None = None,
    minimize: bool | None = None,
    score: str | None = None,
    rounds: int | None = None,
    fraction: float | None = None,
    where: Callable[[Mapping[str, Any]], object] | None = None,
    search: str | None = None,
    order: str | None = None,
    sample: str | None = None,
    continuous: bool = False,
    warm_start: Path | str | None = None,
    reduce: str | None = None,
    prune: str | None = None,
    patience: int | None = None,
    time: float | None = None,
    target: float | None = None,
    repeats: int = 1,
    folds: str | int | None = None,
    groups: Any = None,
    race: bool = False,
    seed: int | None = None,
    resume: bool = False,
    retry: bool = False,
    on_error: str = "skip",
    keep: str | int | None = None,
    share_graphs: bool = True,
    workers: int | str | None = None,
    cluster: Any = None,
    log: Log = (),
    view: bool = True,
    notify: bool = False,
) -> "ScanResult":
    """Train a model function on the combinations of a grid: ``%%talos_scan`` as a function.

    Parameters
    ----------
    model : callable
        Talos's model function: takes x_train, y_train, x_val, y_val, params; returns
        ``(history, model)``.
    params : mapping of str to list or (start, end, steps)
        Talos's params dict.
    x, y : array, DataFrame, tensor, list or dict of these, tf.data.Dataset, optional
        Inputs and targets; split unless `x_val` is given: shuffled, and stratified if y is one of
        classes.
    x_val, y_val : like x and y, optional
        Validation data.
    val_split : float or None
        Share of the rows to split off for validation; None to leave x and y whole.
    name : str
        Name of the experiment; its folder holds one folder per scan.
    root : path
        Folder that holds the experiments.
    metric : str, optional
        Metric that ranks the rounds; by default val_accuracy, else accuracy, val_loss or loss.
    second_metric : str, optional
        Metric to weigh against the first.
    minimize : bool, optional
        Whether lower values of the metric are better; by default its name decides.
    score : {"last", "best"}, optional
        Epoch that counts for a round: the one whose weights the model has at the end, the last
        unless a callback has put others back; or the best, whose weights are then kept. "last" by
        default, and when resuming, as before.
    rounds : int, optional
        Number of combinations to try; drawn at random unless `search` is given.
    fraction : float, optional
        Share of the combinations to try.
    where : callable, optional
        Condition on the params: takes the params dict of a combination.
    search : {"grid", "random", "bayes", "evolution"}, optional
        How combinations are chosen; by default "random" if `rounds` or `fraction` is given, else
        "grid".
    order : {"spread", "sequential"}, optional
        Order of a grid search; "spread" by default.
    sample : str, optional
        Talos's method by which a random search draws, such as "sobol".
    continuous : bool
        Whether to search ranges between their steps, too ("bayes" and "evolution").
    warm_start : str or path, optional
        An earlier experiment below `root`, or the path of a scan's folder, from whose rounds the
        search learns, too ("bayes" and "evolution").
    reduce : str, optional
        Talos's reducer that drops values, such as "correlation"; "none" to resume without it.
    prune : {"median", "asha", "hyperband", "none"}, optional
        Rule by which bad rounds pause ("asha", "hyperband") or end early ("median").
    patience : int, optional
        Number of rounds without a better one after which the scan ends.
    time : float, optional
        Seconds after which no round begins.
    target : float, optional
        Value of the metric at which the scan ends.
    repeats : int
        How often each combination is trained, with different seeds.
    folds : int or "time", optional
        Cross-validation: each combination is trained on this many folds of x and y, shuffled and,
        if y is one of classes, stratified; "time" validates five times on the rows that follow.
    groups : array-like, optional
        Labels of the rows; each group stays within one fold.
    race : bool
        Whether repeats, or folds, after the second one are given only to combinations that may be
        the best, one each at a time: those not significantly worse than the best by mean, by
        Welch's t-test, or a paired one by fold, at 0.05.
    seed : int, optional
        Seed of the draw, the validation split and the rounds; by default drawn and recorded, and
        when resuming, as before.
    resume : bool
        Whether to resume the newest scan of that name, if there is one.
    retry : bool
        Whether a resumed scan trains failed rounds again.
    on_error : {"skip", "stop"}
        What happens after a failed round: it is recorded and the scan continues, or the scan ends.
    keep : {"best", "all", "none"} or int, optional
        Models to keep on disk, an int for that many of the best; "best" by default, and when
        resuming, as before.
    share_graphs : bool
        Whether rounds of one architecture train on one TensorFlow graph, which saves most of the
        time of a small round; the numbers are the same. Models that are not wholly Keras's own are
        traced each.
    workers : int or "auto", optional
        Number of rounds to train at a time, in processes of their own; "auto" for one a core, or a
        GPU. By default, rounds are trained in this process. A script needs the usual
        ``if __name__ == "__main__":``.
    cluster : str or distributed.Client, optional
        A Dask cluster to train on: the address of its scheduler, or a client.
    log : str, ScanObserver or list of these
        To whom the rounds are handed over while they run: "tensorboard", "mlflow", "wandb",
        "trackio", or an observer of your own.
    view : bool
        Whether to show the scan in a notebook, as ``%%talos_scan`` does.
    notify : bool
        Whether the browser notifies the person at the end, if the page with the view is open.

    Returns
    -------
    ScanResult
        Talos's RunResult with ``epochs``, ``failures`` and ``unfinished``.

    Raises
    ------
    ScanError
        If an argument is invalid, or the earlier scan cannot be resumed.

    Examples
    --------
    >>> import tempfile
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     result = run_scan(model, {"lr": [0.1, 0.2]}, root=root, seed=1)
    >>> result.data[["lr", "loss"]].round(2).values.tolist()
    [[0.1, 0.01], [0.2, 0.04]]
    """
    arguments = dict(locals())
    if callable(where):
        arguments["where"] = filtering(where, "where")
    _check_order(model)
    saved = find_earlier(Path(root), name, resume=resume, fresh=not resume)
    options = ScanOptions.make({f.name: arguments[f.name] for f in fields(ScanOptions)}, saved)
    if options.search == "manual":
        raise InvalidInputError("a manual search needs a notebook: %%talos_scan --search manual")
    data = take_data(
        x,
        y,
        x_val,
        y_val,
        val_split=val_split,
        seed=options.seed,
        folds=options.folds,
        groups=groups,
        saved=saved,
    )
    source = _source(model)
    plan = Plan.make(
        Grid(params),
        options,
        data,
        source=source,
        code=code_of(source),
        namespace=getattr(model, "__globals__", None),
        saved=saved,
        root=Path(root),
    )
    if "tensorflow" in sys.modules or imports_keras(parse_or_empty(source)):
        import keras  # noqa: F401  # seeding and the epoch stream need it from the first round on
    kernel = _kernel() if view else None
    if kernel is None:
        for text in plan.session.notices:  # on the split, the options, the resume
            print(text, file=sys.stderr)
        plan.run(model, root=Path(root))
    else:
        _run_in_view(plan, model, Path(root), kernel, notify=notify)
    if plan.result is None:
        raise KeyboardInterrupt
    return plan.result


def _run_in_view(
    plan: Plan, model: Callable[..., Any], root: Path, kernel: Any, *, notify: bool
) -> None:
    from talos_magic.editor.context import Context
    from talos_magic.experiment.ended_scan import actions
    from talos_magic.experiment.queue_editor import editing
    from talos_magic.live.display import showing

    context = Context(plan.setup.namespace)
    with (
        editing(plan, context, kernel) as edit,
        showing(plan.session, kernel, edit, actions(kernel.shell), notify=notify),
    ):
        plan.run(model, root=root)


def _kernel() -> Any:
    """Return the kernel of the notebook; None in a script or a terminal."""
    ipython: Any = sys.modules.get("IPython")  # a script need not import it
    return getattr(ipython and ipython.get_ipython(), "kernel", None)


def _check_order(model: Callable[..., Any]) -> None:
    """Refuse a model function that has params, or the data, in another order than Talos's."""
    try:
        names = list(inspect.signature(model).parameters)
    except (TypeError, ValueError):  # Python does not know them
        return
    if wrong := misplaced(names):
        raise InvalidInputError(f"{getattr(model, '__name__', 'the model function')}() {wrong}")


def _source(model: Callable[..., Any]) -> str:
    """Return the code of a model function and of the plain values that are bound to it."""
    given: dict[str, Any] = {}
    if isinstance(model, functools.partial):
        given |= model.keywords
        model = model.func
    try:
        is_lambda = getattr(model, "__name__", "") == "<lambda>"  # its statement is left out
        text = lambda_source(model) if is_lambda else textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):  # Python does not know its code
        text = ""
    if inspect.isfunction(model):
        given |= inspect.getclosurevars(model).nonlocals
    plain = {name: value for name, value in given.items() if isinstance(value, PLAIN)}
    return "".join([*(f"{name} = {plain[name]!r}\n" for name in sorted(plain)), text])
