"""The magics: parse arguments, look names up in the notebook, call the rooms below, show."""

import keyword
import math
from argparse import Namespace
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import (
    Magics,
    cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from traitlets import Bool, Float, Int, Unicode

from talos_magic.cell import ModelCell
from talos_magic.errors import ScanError
from talos_magic.lookup import find_condition, find_data, find_params, seconds, unquoted
from talos_magic.notebook import compile_cell, show_from_cell
from talos_magic.run import VAL_SPLIT, Plan
from talos_magic.words import in_words

LONGEST_DRY_RUN = 50


@magics_class
class TalosMagics(Magics):
    """Hyperparameter scans in a notebook. ``%config TalosMagics`` shows and sets the defaults."""

    name = Unicode("talos_scan", help="Experiment that %%talos_scan runs unless told.").tag(
        config=True
    )
    output = Unicode("scan", help="Variable that receives the result.").tag(config=True)
    metric = Unicode("", help="Metric that ranks the rounds; empty to choose.").tag(config=True)
    val_split = Float(VAL_SPLIT, help="Share of the rows to validate on.").tag(config=True)
    seed = Int(None, allow_none=True, help="Seed of the scan; None to draw one.").tag(config=True)
    quiet = Bool(False, help="Whether to show nothing while a scan runs.").tag(config=True)

    @no_var_expand
    @needs_local_scope
    @cell_magic
    @magic_arguments()
    @argument("name", nargs="?", help="experiment: its folder holds one folder a scan")
    @argument("-p", "--params", help="params dict (default: the variable params, then p)")
    @argument("-x", help="inputs (default: x_train, then x)")
    @argument("-y", help="targets (default: y_train, then y)")
    @argument("--x-val", help="inputs to validate on (default: x_val, else a split)")
    @argument("--y-val", help="targets to validate on (default: y_val, else a split)")
    @argument("--val-split", type=float, help="share of the rows to validate on (default: 0.3)")
    @argument("-o", "--output", help="variable that receives the result (default: scan)")
    @argument("-m", "--metric", help="metric that ranks the rounds (default: val_accuracy, ...)")
    @argument("--minimize", action="store_true", help="less of the metric is better")
    @argument("--maximize", action="store_true", help="more of the metric is better")
    @argument("--rounds", type=int, help="number of combinations to draw at random")
    @argument("--fraction", type=float, help="share of the combinations to draw at random")
    @argument("--where", help="condition on params: \"params['units'] * params['layers'] < 220\"")
    @argument("--time", help="time after which no new round begins, such as 30m or 1h30m")
    @argument("--target", type=float, help="value of the metric that ends the scan")
    @argument("--seed", type=int, help="seed of the draw, the split and the rounds")
    @argument("--dry-run", action="store_true", help="print the combinations, train nothing")
    @argument("-q", "--quiet", action="store_true", help="show nothing while the scan runs")
    def talos_scan(self, line: str, cell: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Train the cell, as a model function, on every combination of the params dict.

        The cell sees the notebook's variables and x_train, y_train, x_val, y_val, params. It is
        one function with these five parameters, or statements that return history, model or leave
        both behind. The result, a Talos RunResult, lands in the variable named by -o.

        Examples::

            params = {"units": [32, 64], "lr": [0.01, 0.001]}

            %%talos_scan
            model = keras.Sequential([layers.Dense(params["units"]), layers.Dense(10)])
            model.compile(keras.optimizers.Adam(params["lr"]), "mse")
            history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=5)
        """
        try:
            options = parse_argstring(self.talos_scan, line)
        except UsageError as error:
            hint = "; put a value with spaces in quotes" if "unrecognized" in str(error) else ""
            raise UsageError(f"{error}{hint}") from None
        for option, value in vars(options).items():
            if isinstance(value, str):
                setattr(options, option, unquoted(value))
        namespace = {**self._notebook.user_ns, **(local_ns or {})}
        try:
            self._scan(options, f"%%talos_scan {line}".rstrip(), cell, namespace)
        except ScanError as error:
            raise UsageError(str(error)) from None

    @line_magic
    def talos_runs(self, line: str) -> Any:
        """List the scans on disk: their state, their rounds, their best.

        Examples::

            %talos_runs
        """
        from talos_magic.review.results import experiments

        if line.strip():
            raise UsageError(f"%talos_runs takes no arguments, got {line.strip()!r}")
        table = experiments()
        if table.empty:
            print(f"no scans in {Path.cwd()}: run one with %%talos_scan NAME")
            return None
        return table

    def _scan(self, options: Namespace, line: str, text: str, namespace: dict[str, Any]) -> None:
        output = options.output or self.output
        if not output.isidentifier() or keyword.iskeyword(output):
            raise ScanError(f"-o {output} is no variable name: use one such as -o scan")
        cell = compile_cell(self._notebook, line, text)
        plan = self._plan(options, namespace)
        _notice_unread(plan, cell)
        if options.dry_run:
            print(_dry_run(plan))
            return
        self._take_data(plan, cell, options, namespace)
        if cell.imports_keras:
            import keras  # noqa: F401  # the hook that streams epochs must find it in round 0
        try:
            with self._stage(plan, quiet=options.quiet or self.quiet):
                plan.run(
                    cell.model_function(namespace),
                    root=Path(),
                    source=cell.source.lstrip("\n"),
                    identity=cell.identity,
                )
        except Exception as error:
            show_from_cell(self._notebook, error, cell.filename)
            if plan.session.best is not None:
                self._notebook.user_ns[output] = plan.result
            raise
        # None, where it was stopped before its first round, is better than an older result.
        self._notebook.user_ns[output] = plan.result

    @property
    def _notebook(self) -> InteractiveShell:
        if self.shell is None:
            raise UsageError("the magic has lost its notebook: run %reload_ext talos_magic")
        return self.shell

    def _plan(self, options: Namespace, namespace: dict[str, Any]) -> Plan:
        if options.minimize and options.maximize:
            raise ScanError("--minimize and --maximize contradict each other: give one")
        return Plan.make(
            find_params(options.params, namespace),
            name=options.name or self.name,
            metric=options.metric or self.metric or None,
            minimize=options.minimize if options.minimize or options.maximize else None,
            rounds=options.rounds,
            fraction=options.fraction,
            where=find_condition(options.where, namespace),
            time=seconds(options.time),
            target=options.target,
            seed=self.seed if options.seed is None else options.seed,
        )

    def _take_data(
        self, plan: Plan, cell: ModelCell, options: Namespace, namespace: dict[str, Any]
    ) -> None:
        expressions = (options.x, options.y, options.x_val, options.y_val)
        data = find_data(expressions, cell.data_reads, namespace)
        val_split = self.val_split if options.val_split is None else options.val_split
        wants_split = options.val_split is not None or {"x_val", "y_val"} & cell.data_reads
        plan.take_data(*data, val_split=val_split if wants_split else None)

    def _stage(self, plan: Plan, *, quiet: bool) -> AbstractContextManager[None]:
        if quiet:
            return nullcontext()
        from talos_magic.live.stage import on_stage

        return on_stage(plan.session, getattr(self._notebook, "kernel", None))


# An option that is written in part would be taken for another one when that one comes.
TalosMagics.talos_scan.parser.allow_abbrev = False  # type: ignore[union-attr]


def register(shell: InteractiveShell) -> None:
    """Make the magics known to a shell."""
    shell.register_magics(TalosMagics)


def unregister(shell: InteractiveShell) -> None:
    """Take away everything that `register` brought."""
    magics = shell.magics_manager
    for kind, names in TalosMagics.magics.items():
        for name in names:
            magics.magics[kind].pop(name, None)
    magics.registry.pop(TalosMagics.__name__, None)
    shell.configurables[:] = [c for c in shell.configurables if not isinstance(c, TalosMagics)]


def _notice_unread(plan: Plan, cell: ModelCell) -> None:
    """Say which params the cell never reads: their values train the same round again."""
    reads = cell.param_reads
    if reads is None:
        return
    unread = [d for d in plan.grid.dimensions if d.name not in reads]
    if not unread:
        return
    names = ", ".join(dimension.name for dimension in unread)
    times = math.prod(len(dimension.values) for dimension in unread)
    cost = f", which multiplies the rounds by {times} for nothing" if times > 1 else ""
    plan.session.notice(f"the cell never reads {names}{cost}")


def _dry_run(plan: Plan) -> str:
    total, size = plan.session.total, plan.grid.size
    factors = " x ".join(f"{len(d.values)} {d.name}" for d in plan.grid.dimensions)
    lines = [f"{total} of {size} combinations ({factors}), seed {plan.session.seed}"]
    lines += [in_words(labels) for labels in islice(plan.rounds(), LONGEST_DRY_RUN)]
    if total > LONGEST_DRY_RUN:
        lines.append(f"... and {total - LONGEST_DRY_RUN} more")
    return "\n".join([*lines, *plan.session.notices])
