"""A scan put together: grid, data, session and engine. What the magic runs, and scripts too."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from talos_magic.errors import ScanError
from talos_magic.grid.fresh import fresh
from talos_magic.grid.grid import Grid
from talos_magic.grid.sampling import choose_combinations
from talos_magic.options import ScanOptions
from talos_magic.scan.data import TrainingData, given_data, split_data
from talos_magic.scan.events import Label
from talos_magic.scan.folder import new_folder
from talos_magic.scan.session import ScanSession
from talos_magic.syntax import DATA

if TYPE_CHECKING:  # it imports Talos, which takes a while
    from talos_magic.scan.result import ScanResult

VAL_SPLIT = 0.3  # Talos's own default


@dataclass
class Plan:
    """All of a scan that is decided before its first round."""

    grid: Grid
    options: ScanOptions
    session: ScanSession
    combinations: Sequence[int] = ()
    data: TrainingData = field(default_factory=TrainingData)
    result: "ScanResult | None" = None

    @classmethod
    def make(cls, grid: Grid, options: ScanOptions, data: TrainingData | None = None) -> Self:
        """Choose the combinations and open the session."""
        names = [dimension.name for dimension in grid.active]
        if not names:
            raise ScanError("params is empty: give at least one parameter, such as {'lr': [0.01]}")
        session = ScanSession(
            name=options.name,
            seed=options.seed,
            metric=options.metric,
            minimize=options.minimize,
            time_limit=options.time,
            target=options.target,
            varying=[d.name for d in grid.active if len(d.values) > 1] or names,
        )
        plan = cls(grid, options, session, data=data or TrainingData())
        plan.choose()
        return plan

    def choose(self) -> None:
        """Choose which combinations of the grid to train."""
        where, grid = self.options.where, self.grid
        self.combinations = choose_combinations(
            grid.size,
            accepts=None if where is None else (lambda i: bool(where(grid.combination(i)))),
            count=self.options.rounds,
            fraction=self.options.fraction,
            seed=self.options.seed,
        )
        self.session.total = len(self.combinations)

    def choose_from(self, grid: Grid) -> None:
        """Go on with a grid that was edited."""
        self._check_names(grid.to_dict())
        self.grid = grid
        self.choose()

    def _check_names(self, params: Mapping[str, Any]) -> None:
        names = [dimension.name for dimension in self.grid.active]
        if set(params) != set(names):
            raise ScanError(
                f"the rounds of this experiment have {', '.join(names)}: end it, then start anew "
                "with other hyperparameters"
            )

    def rounds(self) -> Iterator[dict[str, Label]]:
        """Labels of each round, in the order of training."""
        return map(self.grid.labels, self.combinations)

    def pick(self, values: Mapping[str, Any]) -> dict[str, Label]:
        """Label a combination that was picked by hand; new values join the grid."""
        self._check_names(values)
        if self.options.where is not None and not self.options.where(values):
            raise ScanError("these values do not meet the condition of --where")
        self.grid.dimensions = tuple(d.including(values[d.name]) for d in self.grid.active)
        return {d.name: d.label_of(values[d.name]) for d in self.grid.active}

    def run(
        self,
        model: Callable[..., Any],
        *,
        root: Path,
        rounds: Iterator[dict[str, Label]] | None = None,
        source: str = "",
        identity: str = "",
    ) -> None:
        """Train the rounds. The `result` is there also when this raises.

        Parameters
        ----------
        model : callable
            Talos's model function.
        root : Path
            Where experiments lie.
        rounds : iterator of dict, optional
            Labels of each round, as they are decided on; those of `rounds` if not given.
        source, identity : str
            The model function's text and hash, for the record.
        """
        from talos_magic.scan.engine import Engine

        folder = new_folder(root, self.session.name)
        self.session.folder = str(folder)
        engine = Engine(
            self.session,
            lambda labels: model(*self.data.arguments, self._fresh_values(labels)),
            params=self.grid.label_lists,
            combinations=self.rounds() if rounds is None else rounds,
            folder=folder.resolve(),  # the cell may change the working directory
            source=source,
            identity={"code": identity, "data": self.data.shapes},
        )
        try:
            engine.run()
        finally:
            self.result = engine.result
            if self.result is not None:
                # As in Talos's Scan: to evaluate the best model on the rows that ranked it.
                for name, part in zip(DATA, self.data.arguments, strict=True):
                    setattr(self.result, name, part)

    def _fresh_values(self, labels: Mapping[str, Label]) -> dict[str, Any]:
        return {name: fresh(value) for name, value in self.grid.values(labels).items()}


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
    **options
        ``metric`` (str) and ``minimize`` (bool): what ranks the rounds; ``rounds`` (int) or
        ``fraction`` (float): how many combinations to draw; ``where`` (callable on the params
        dict): which are allowed; ``time`` (seconds): when no new round begins; ``target``
        (float): value of the metric that ends the scan; ``seed`` (int).

    Returns
    -------
    ScanResult
        Talos's RunResult with ``epochs`` and ``failures``.

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
    chosen = ScanOptions(name=name, **options)
    data = take_data(x, y, x_val, y_val, val_split=val_split, seed=chosen.seed)
    plan = Plan.make(Grid(params), chosen, data)
    if "tensorflow" in sys.modules:
        import keras  # noqa: F401  # the hook that streams epochs needs it loaded
    plan.run(model, root=Path(root))
    if plan.result is None:
        raise KeyboardInterrupt
    return plan.result
