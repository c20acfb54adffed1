"""What scripts call: a model function trained on the combinations of a grid."""

import ast
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.lambdas import lambda_source
from talos_magic.options import ScanOptions
from talos_magic.plan import Plan
from talos_magic.resume import find_earlier
from talos_magic.scan.data import TrainingData, given_data, split_data
from talos_magic.scan.keep import kept_before
from talos_magic.scan.saved import SavedScan
from talos_magic.syntax import code_of, imports_keras

if TYPE_CHECKING:  # it imports Talos, which takes a while
    from talos_magic.scan.result import ScanResult

VAL_SPLIT = 0.3  # Talos's own default

PLAIN = (int, float, str, NoneType)


def take_data(
    x: Any, y: Any, x_val: Any, y_val: Any, *, val_split: float | None, seed: int
) -> TrainingData:
    """Take the data; split them if validation data are wanted and not given."""
    if x_val is not None or x is None or val_split is None:
        return given_data(x, y, x_val, y_val)
    return split_data(x, y, val_split=val_split, seed=seed)


def run_scan(
    model: Callable[..., Any],
    params: Mapping[str, Any],
    x: Any = None,
    y: Any = None,
    *,
    x_val: Any = None,
    y_val: Any = None,
    val_split: float | None = VAL_SPLIT,
    name: str = "talos_scan",
    root: Path | str = ".",
    resume: bool = False,
    **options: Any,
) -> "ScanResult":
    """Train a model function on the combinations of a grid: ``%%talos_scan`` for scripts.

    Parameters
    ----------
    model : callable
        Talos's model function: takes x_train, y_train, x_val, y_val, params; returns
        ``(history, model)``.
    params : mapping of str to list or (start, end, steps)
        Talos's params dict.
    x, y : array, DataFrame, tensor, list or dict of these, tf.data.Dataset, optional
        Inputs and targets; split unless `x_val` is given.
    x_val, y_val : like x and y, optional
        Validation data.
    val_split : float or None
        Share of the rows to validate on; None to leave x and y whole.
    name : str
        The experiment; its folder under `root` holds one folder a scan.
    root : path
        Where experiments lie.
    resume : bool
        Whether to go on with the newest scan of that name, if there is one.
    **options
        ``metric`` (str) and ``minimize`` (bool): what ranks the rounds; ``rounds`` (int) or
        ``fraction`` (float): how many combinations to draw; ``where`` (callable on the params
        dict): which are allowed; ``search`` ("grid", "random", "bayes" or "evolution"): how they
        are chosen, with ``order`` ("spread" or "sequential") of a grid, ``sample`` (Talos's name of
        a random method), ``continuous`` (bool), ``reduce`` (Talos's name of a reducer); ``prune``
        ("median", "asha" or "hyperband"): how bad rounds are ended early; ``patience`` (int): how
        many rounds without a better one end the scan; ``against`` (str): a second metric, weighed
        against the first; ``time`` (seconds): when no new round begins; ``target``
        (float): value of the metric that ends the scan; ``repeats`` (int): how often each
        combination is trained, with other seeds; ``on_error`` ("skip" or "stop"): whether a
        failed round ends the scan; ``keep`` ("best", "all", "none" or int): how many models are
        kept on disk; ``retry`` (bool): whether a resume trains failed rounds once more;
        ``seed`` (int).

    Returns
    -------
    ScanResult
        Talos's RunResult with ``epochs``, ``failures`` and ``unfinished``.

    Raises
    ------
    ScanError
        If an argument is wrong; its text says which.

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
    saved = find_earlier(Path(root), name, resume=resume, fresh=not resume)
    chosen = ScanOptions(name=name, **as_saved(options, saved))
    if chosen.search == "manual":
        raise ScanError("a manual search needs a notebook: %%talos_scan --search manual")
    data = take_data(x, y, x_val, y_val, val_split=val_split, seed=chosen.seed)
    source = _source(model)
    plan = Plan.make(
        Grid(params),
        chosen,
        data,
        source=source,
        code=code_of(source),
        namespace=getattr(model, "__globals__", None),
        saved=saved,
    )
    if "tensorflow" in sys.modules or _imports_keras(source):
        import keras  # noqa: F401  # the seed and the hook that streams epochs need it loaded
    plan.run(model, root=Path(root))
    if plan.result is None:
        raise KeyboardInterrupt
    return plan.result


def as_saved(options: Mapping[str, Any], saved: SavedScan | None) -> dict[str, Any]:
    """Give the options the seed of the scan to go on with and, if they have none, its others.

    Raises
    ------
    ScanError
        If they have another seed.
    """
    if saved is None:
        return dict(options)
    seed = options.get("seed")
    if seed not in (None, saved.seed):
        raise ScanError(
            f"--seed is {seed}, but {saved.name} was begun with {saved.seed}: leave --seed out, or "
            "begin another scan beside it with --fresh"
        )
    options = {**options, "seed": saved.seed}
    if options.get("keep") is None:
        options["keep"] = kept_before(saved.folder, saved.identity.get("keep"))
    options |= {name: saved.identity.get(name) for name in _inherited(options, saved)}
    known = saved.objective or {}
    if options.get("metric") in (None, known.get("metric")) and known:
        options["metric"] = known["metric"]
        if options.get("minimize") is None:
            options["minimize"] = known.get("direction") == "min"
    return options


def _inherited(options: Mapping[str, Any], saved: SavedScan) -> Iterator[str]:
    """Name what was asked for when the scan began and goes without saying now."""
    names = ["reduce", "prune"]
    if options.get("metric") is None:  # who names one metric wants no second one
        names += ["against"]
    if options.get("search") in (None, saved.identity.get("search")):
        names += ["search", "continuous"]
        names += [] if options.get("order") or options.get("sample") else ["order", "sample"]
        names += ["rounds"] if saved.identity.get("continuous") else []  # it has no end of its own
    return (name for name in names if not options.get(name))


def _source(model: Callable[..., Any]) -> str:
    """Text of a model function, and of the plain values that it was made with.

    Empty where Python has none.
    """
    given: dict[str, Any] = {}
    if isinstance(model, functools.partial):
        given |= model.keywords
        model = model.func
    text = _text(model)
    if inspect.isfunction(model):
        given |= inspect.getclosurevars(model).nonlocals
    plain = {name: value for name, value in given.items() if isinstance(value, PLAIN)}
    return "".join([*(f"{name} = {plain[name]!r}\n" for name in sorted(plain)), text])


def _text(model: Callable[..., Any]) -> str:
    try:
        if getattr(model, "__name__", "") == "<lambda>":  # not the whole statement around it
            return lambda_source(model)
        return textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):
        return ""


def _imports_keras(source: str) -> bool:
    try:
        return imports_keras(ast.parse(source))
    except SyntaxError:  # a method, or a lambda amid a statement
        return False
