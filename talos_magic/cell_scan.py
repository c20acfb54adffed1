"""One run of a scan cell: what it needs is found, the editor opens if wanted, the rounds train."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from talos_magic.architecture_check import check_architectures
from talos_magic.cell_check import check_cell
from talos_magic.dry_run import dry_run
from talos_magic.editor.summary import repeats, unread
from talos_magic.errors import ScanError
from talos_magic.grid.defaults import suggest
from talos_magic.grid.grid import Grid
from talos_magic.leaderboard import text_table
from talos_magic.lookup import (
    find_condition,
    find_data,
    find_params,
    params_name,
    seconds,
)
from talos_magic.notebook import compile_cell, show_from_cell
from talos_magic.open_editors import OpenEditors
from talos_magic.options import CHOOSING, ScanOptions
from talos_magic.plan import Plan
from talos_magic.queue_editor import QueueEditor
from talos_magic.resume import as_edited, find_earlier
from talos_magic.run import as_saved, take_data
from talos_magic.scan.data import TrainingData
from talos_magic.scan.events import Label
from talos_magic.scan.saved import SavedScan
from talos_magic.syntax import fits, is_variable
from talos_magic.words import counted

if TYPE_CHECKING:  # widgets are imported when an editor opens
    from talos_magic.editor.waiting import Waiting


class CellScan:
    """What ``%%talos_scan`` does.

    Parameters
    ----------
    shell : InteractiveShell
        The notebook's.
    line : argparse.Namespace
        The options on the cell's first line.
    namespace : dict
        The notebook's variables.
    editors : OpenEditors
        The notebook's.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        line: Namespace,
        namespace: dict[str, Any],
        editors: OpenEditors,
    ) -> None:
        self._shell = shell
        self._kernel = getattr(shell, "kernel", None)
        self._line = line
        self._namespace = namespace
        self._editors = editors

    def run(self, first: str, body: str) -> None:
        """Compile the cell and train it on the grid.

        Parameters
        ----------
        first, body : str
            The cell's first line, and the rest.

        Raises
        ------
        ScanError
            If something is missing or wrong; nothing has been trained then.
        """
        line = self._line
        if not is_variable(line.output):
            raise ScanError(f"-o {line.output} is no variable name: use one such as -o scan")
        self._cell = compile_cell(self._shell, first, body)
        self._saved = self._earlier()
        self._options = self._scan_options()
        params = find_params(line.params, self._namespace)
        self._data = self._take_data()
        self._context = self._editors.context(params_name(line.params, self._namespace))
        self._context.set(
            reads=self._cell.param_reads,
            called=self._cell.param_calls,
            where=self._options.where,
            rounds=None if self._options.search == "manual" else line.rounds,
            fraction=line.fraction,
        )
        if params is None or self._wants_editor:
            self._edit_first(Grid({} if params is None else params))
        else:
            self._train(self._plan(Grid(params)))

    @property
    def _wants_editor(self) -> bool:
        line = self._line
        by_hand = self._options.search == "manual" and not (line.dry_run or line.check)
        return bool(line.edit or by_hand)

    def _earlier(self) -> SavedScan | None:
        """Find the scan to go on with; what trains nothing is no reason to ask."""
        line = self._line
        trains = not (line.dry_run or line.check)
        fresh = line.fresh or not (trains or line.resume)
        return find_earlier(
            line.root, line.name, resume=line.resume, fresh=fresh, named=line.is_named
        )

    def _plan(self, grid: Grid) -> Plan:
        cell = self._cell
        notices = check_cell(cell, grid, self._namespace, metric=self._options.metric)
        plan = Plan.make(
            grid,
            self._options,
            self._data,
            source=cell.source.lstrip("\n"),
            code=cell.identity,
            namespace=self._namespace,
            saved=self._saved,
        )
        if self._line.resume and self._saved is None:
            place = self._line.root.resolve() / self._line.name
            notices.append(f"no scan to go on with lies in {place}: this one begins")
        for text in notices:
            plan.session.notice(text)
        return plan

    def _edit_first(self, grid: Grid) -> None:
        """Open the editor and wait; then train what was decided on."""
        from talos_magic.by_hand import rounds_by_hand
        from talos_magic.editor.decision import TRY, Decision
        from talos_magic.editor.editor import GridEditor
        from talos_magic.editor.header import add_missing
        from talos_magic.editor.variable import Variable
        from talos_magic.editor.waiting import waiting
        from talos_magic.live.front_end import can_click

        if not can_click(self._kernel):
            raise ScanError(self._nobody_clicks())
        name = params_name(self._line.params, self._namespace)
        held = self._namespace.get(name)
        if held is not None and not isinstance(held, Mapping):
            raise ScanError(
                f"{name} is of type {type(held).__name__}, no dict of lists: name one with -p"
            )
        context = self._context
        if not grid.dimensions:
            add_missing(grid, context)
        variable = name if is_variable(name) else "params"
        if self._saved is not None and self._options.search == "manual":
            grid = as_edited(self._saved, grid)  # with the values that were typed in
        decision = Decision()
        editor = GridEditor(grid, name=variable, context=context, decision=decision)
        if self._options.search == "manual":
            decision.mode.value = TRY
            if self._saved is not None:
                tried = counted(len(self._saved.records), "round")
                decision.wait_for_next(f"{tried} before, shown when the next one runs")
        with waiting(editor, self._kernel) as wait:
            made, plan = self._decided(wait)
            if plan is None:
                print("cancelled: nothing was trained")
                return
            if is_variable(name):
                Variable(editor, self._shell.user_ns, self._editors.read).write()
                self._editors.read()
            if made == "try":
                self._train(plan, rounds_by_hand(plan, wait))
                return
        self._train(plan)

    def _decided(self, wait: "Waiting") -> tuple[str, Plan | None]:
        """Wait until something is decided that can be done; None if it is to train nothing."""
        while (made := wait.for_decision()) != "end":
            try:
                wait.editor.check()
                grid = Grid(wait.editor.grid.to_dict())
                return made, self._plan(grid)
            except ScanError as error:
                wait.decision.refuse(str(error))
        return made, None

    def _train(self, plan: Plan, rounds: Iterator[dict[str, Label]] | None = None) -> None:
        line, cell = self._line, self._cell
        self._notice_unread(plan)
        if line.dry_run:
            print(dry_run(plan))
            return
        if line.check:
            if sum(1 for _ in fits(cell.tree)) > 1:
                plan.session.notice("the cell calls fit() more than once: --check sees the first")
            print(check_architectures(plan, cell.model_function(self._namespace)))
            return
        if cell.imports_keras:
            import keras  # noqa: F401  # the hook that streams epochs must find it in round 0
        variables = self._shell.user_ns
        queue_editor = QueueEditor(plan, self._context)
        # Rounds that are picked by hand have an editor of their own.
        edit = queue_editor.toggle if rounds is None else None
        try:
            with self._stage(plan, edit):
                plan.run(cell.model_function(self._namespace), root=line.root, rounds=rounds)
        except BaseException as error:
            show_from_cell(self._shell, error, cell.filename)
            if plan.result is not None and plan.session.finished:
                variables[line.output] = plan.result
            if line.quiet and plan.session.finished:
                print(text_table(plan.session))
            raise
        finally:
            queue_editor.close()
            self._editors.learn(plan.session)
        if line.quiet:
            print(text_table(plan.session))
        # None, where it was stopped before its first round, is better than an older result.
        variables[line.output] = plan.result

    def _notice_unread(self, plan: Plan) -> None:
        """Say which params the cell never reads: their values train the same round again."""
        idle = unread(plan.grid, self._context)
        if idle:
            names = ", ".join(dimension.name for dimension in idle)
            times = repeats(idle)
            cost = f", which multiplies the rounds by {times} for nothing" if times > 1 else ""
            plan.session.notice(f"the cell never reads {names}{cost}")

    def _scan_options(self) -> ScanOptions:
        line = self._line
        if line.minimize and line.maximize:
            raise ScanError("--minimize and --maximize contradict each other: give one")
        if line.retry and not line.resume:
            raise ScanError("--retry is of the failed rounds of a scan before: add --resume")
        seed = line.default_seed if line.seed is None and self._saved is None else line.seed
        keep = line.default_keep if line.keep is None and self._saved is None else line.keep
        given = {"metric": line.metric, "against": line.against, "keep": keep}
        given |= {} if line.rounds is None else {"rounds": line.rounds}
        given |= {name: getattr(line, name) for name in CHOOSING}
        given |= {} if seed is None else {"seed": seed}
        if line.minimize or line.maximize:
            given["minimize"] = line.minimize
        return ScanOptions(
            name=line.name,
            fraction=line.fraction,
            where=find_condition(line.where, self._namespace),
            time=seconds(line.time),
            target=line.target,
            repeats=line.repeats,
            on_error=line.on_error,
            retry=line.retry,
            patience=line.patience,
            **as_saved(given, self._saved),
        )

    def _take_data(self) -> TrainingData | None:
        line, reads = self._line, self._cell.data_reads
        if line.dry_run:
            return None
        data = find_data((line.x, line.y, line.x_val, line.y_val), reads, self._namespace)
        wants_split = line.wants_split or {"x_val", "y_val"} & reads
        val_split = line.val_split if wants_split else None
        return take_data(*data, val_split=val_split, seed=self._options.seed)

    def _stage(
        self, plan: Plan, edit: Callable[[bool], bool] | None
    ) -> AbstractContextManager[None]:
        if self._line.quiet:
            return nullcontext()
        from talos_magic.live.stage import on_stage

        return on_stage(plan.session, self._kernel, edit)

    def _nobody_clicks(self) -> str:
        option = "--edit" if self._line.edit else "--search manual"
        if self._wants_editor:
            return (
                f"{option} needs a page with somebody to click in it: define params in a cell "
                "before and run without it"
            )
        cell = self._cell
        wanted = {name: suggest(name) or [None] for name in sorted(cell.param_reads or {"lr"})}
        return f"no params found: define params = {wanted} in a cell before, or name a dict with -p"
