"""One run of a ``%%talos_scan`` cell, from its options to its result."""

import re
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from talos_magic.cell.check import check_cell
from talos_magic.cell.syntax import fits
from talos_magic.editor.summary import unread, unread_text
from talos_magic.errors import InvalidInputError, ScanError
from talos_magic.experiment.architecture_check import check_architectures
from talos_magic.experiment.dry_run import dry_run
from talos_magic.experiment.ended_scan import actions
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.experiment.queue_editor import editing
from talos_magic.experiment.run_scan import take_data
from talos_magic.formatting import pluralize
from talos_magic.grid.condition import Condition
from talos_magic.grid.grid import Grid
from talos_magic.grid.suggestions import suggest
from talos_magic.jupyter.front_end import can_click
from talos_magic.live.leaderboard import text_table
from talos_magic.magics.grid_editors import OpenEditors
from talos_magic.magics.ipython import compile_cell, show_from_cell
from talos_magic.magics.lookup import (
    evaluate,
    find_data,
    find_observer,
    find_params,
    params_name,
    seconds,
)
from talos_magic.resume.edited_grid import grid_as_edited
from talos_magic.resume.find import find_earlier
from talos_magic.scan.round import NextRound
from talos_magic.scan.session import ScanSession
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.training.data import TrainingData
from talos_magic.values.expressions import Writer, is_variable

if TYPE_CHECKING:  # widgets are imported when an editor opens
    from talos_magic.editor.waiting import Waiting

ADDRESS = re.compile(r"://|^[\w.-]+:\d+$")  # of a Dask scheduler


class CellScan:
    """Runs a scan cell.

    `line` has the options of its first line with their defaults; `given` names those that the line
    has.
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
        self._params_name = params_name(line.params, namespace)

    def run(self, first_line: str, body: str) -> None:
        """Compile the cell, find what it needs, and train it on the grid.

        Raise a ScanError if something is missing or invalid; nothing has been trained then.
        """
        line = self._line
        if not is_variable(line.output):
            raise InvalidInputError(
                f"-o {line.output} is no variable name: use one such as -o scan"
            )
        self._cell = compile_cell(self._shell, first_line, body)
        self._saved = self._find_earlier()
        self._options = self._make_options()
        params = find_params(line.params, self._namespace)
        self._data = self._find_data()
        self._context = self._editors.context(self._params_name)
        self._context.set(
            reads=self._cell.param_reads,
            called=self._cell.param_calls,
            where=self._options.where,
            rounds=None if self._is_manual else line.rounds,
            fraction=line.fraction,
        )
        if params is None or self._wants_editor:
            self._edit_first(Grid({} if params is None else params))
        else:
            self._execute(self._make_plan(Grid(params)))

    @property
    def _trains(self) -> bool:
        return not (self._line.dry_run or self._line.check)

    @property
    def _is_manual(self) -> bool:
        return self._options.search == "manual"

    @property
    def _wants_editor(self) -> bool:
        return bool(self._line.edit or (self._is_manual and self._trains))

    def _find_earlier(self) -> SavedScan | None:
        """Return the scan to resume, if any; --dry-run and --check do not have to choose."""
        line = self._line
        is_fresh = line.fresh or not (self._trains or line.resume)
        is_named = "name" in line.given
        return find_earlier(
            line.root, line.name, resume=line.resume, fresh=is_fresh, named=is_named
        )

    def _make_options(self) -> ScanOptions:
        line = self._line
        if line.minimize and line.maximize:
            raise InvalidInputError("--minimize and --maximize contradict each other: give one")
        if line.retry and not line.resume:
            raise InvalidInputError(
                "--retry trains the failed rounds of an earlier scan: add --resume"
            )
        given = {field.name: getattr(line, field.name) for field in fields(ScanOptions)}
        if line.where is not None:
            given["where"] = Condition(line.where, self._namespace, self._params_name)
        given["time"] = seconds(line.time)
        if line.cluster is not None and not ADDRESS.search(line.cluster):
            given["cluster"] = evaluate("--cluster", line.cluster, self._namespace)
        given["log"] = [find_observer(name, self._namespace) for name in line.log or ()]
        given["minimize"] = line.minimize if line.minimize or line.maximize else None
        if self._saved is not None:  # its own go before the configured ones
            given |= dict.fromkeys({"seed", "keep"} - line.given)
        return ScanOptions.make(given, self._saved)

    def _find_data(self) -> TrainingData | None:
        line, reads = self._line, self._cell.data_reads
        if line.dry_run:
            return None
        if self._options.folds is not None and "val_split" in line.given:
            raise InvalidInputError("--folds splits the data itself: leave out --val-split")
        data = find_data((line.x, line.y, line.x_val, line.y_val), reads, self._namespace)
        is_split = "val_split" in line.given or {"x_val", "y_val"} & reads
        val_split = line.val_split if is_split else None
        return take_data(
            *data,
            val_split=val_split,
            seed=self._options.seed,
            folds=self._options.folds,
            groups=evaluate("--groups", line.groups, self._namespace),
            saved=self._saved,
        )

    def _make_plan(self, grid: Grid) -> Plan:
        cell = self._cell
        names = [dimension.name for dimension in grid.dimensions]
        notices = check_cell(cell, names, self._namespace, metric=self._options.metric)
        plan = Plan.make(
            grid,
            self._options,
            self._data,
            source=cell.source.lstrip("\n"),
            code=cell.identity,
            namespace=self._namespace,
            saved=self._saved,
            root=self._line.root,
        )
        if self._line.resume and self._saved is None:
            place = self._line.root.resolve() / self._line.name
            notices.append(f"no scan to resume in {place}: a new one begins")
        for text in notices:
            plan.session.notice(text)
        return plan

    def _edit_first(self, grid: Grid) -> None:
        """Open the grid editor, wait for the user's decision and carry it out."""
        from talos_magic.editor.variable import Variable
        from talos_magic.magics.manual_search import rounds_by_hand

        with self._open_editor(grid) as waiting:
            decision, plan = self._wait_for_plan(waiting)
            if plan is None:
                print("cancelled: nothing was trained")
                return
            if is_variable(self._params_name):
                Variable(waiting.editor, self._shell.user_ns, self._editors.read).write()
                self._editors.read()
            if decision == "try":
                self._execute(plan, rounds_by_hand(plan, waiting))
                return
        self._execute(plan)

    def _open_editor(self, grid: Grid) -> "AbstractContextManager[Waiting]":
        from talos_magic.editor.decision import TRY, Decision
        from talos_magic.editor.editor import GridEditor
        from talos_magic.editor.header import add_missing
        from talos_magic.editor.waiting import waiting

        if not can_click(self._kernel):
            raise InvalidInputError(self._why_no_editor())
        name = self._params_name
        held = self._namespace.get(name)
        if held is not None and not isinstance(held, Mapping):
            raise InvalidInputError(
                f"{name} is of type {type(held).__name__}, not a dict of lists: name one with -p"
            )
        if not grid.dimensions:
            add_missing(grid, self._context)
        if self._saved is not None and self._is_manual:
            grid = grid_as_edited(self._saved, grid)  # with the values that were typed in
        decision = Decision()
        if held is None:
            decision.status.value = f"there is no dict {name} yet: Start trains these suggestions"
        variable = name if is_variable(name) else "params"
        editor = GridEditor(grid, name=variable, context=self._context, decision=decision)
        if self._is_manual:
            decision.mode.value = TRY
            if self._saved is not None:
                rounds = pluralize(len(self._saved.records), "earlier round")
                decision.wait_for_next(f"{rounds}, shown when the next one runs")
        return waiting(editor, decision, self._kernel)

    def _why_no_editor(self) -> str:
        if self._wants_editor:
            flag = "--edit" if self._line.edit else "--search manual"
            return (
                f"{flag} needs a notebook page to click in: define params in an earlier cell and "
                f"leave {flag} out"
            )
        names = sorted(self._cell.param_reads or {"lr"})
        called = self._cell.param_calls
        values = {name: suggest(name, called=name in called) or [None] for name in names}
        example = Writer({}, "params").write(values)
        return (
            f"no params found: define params = {example} in an earlier cell, or name a dict with -p"
        )

    def _wait_for_plan(self, waiting: "Waiting") -> tuple[str, Plan | None]:
        """Return the first decision that can be carried out, and its plan; None to cancel."""
        while (decision := waiting.for_decision()) != "end":
            try:
                waiting.editor.check()
                return decision, self._make_plan(Grid(waiting.editor.grid.to_dict()))
            except ScanError as error:
                waiting.decision.refuse(str(error))
        return decision, None

    def _execute(self, plan: Plan, rounds: Iterator[NextRound] | None = None) -> None:
        """Do what the options ask for: print the combinations, check them, or train them."""
        idle = unread(plan.grid, self._context)
        if idle:
            plan.session.notice(unread_text(idle))
        if self._line.dry_run:
            print(dry_run(plan))
            return
        if self._line.check:
            self._check(plan)
        else:
            self._train(plan, rounds)

    def _import_keras(self, session: ScanSession) -> None:
        """Import Keras if the cell does: the hook of its fit must find it in round 0."""
        if self._cell.imports_keras:
            session.tell("importing Keras")
            import keras  # noqa: F401

    def _check(self, plan: Plan) -> None:
        self._import_keras(plan.session)
        if sum(1 for _ in fits(self._cell.tree)) > 1:
            plan.session.notice("the cell calls fit() more than once: --check sees the first only")
        print(check_architectures(plan, self._cell.model_function(self._namespace)))

    def _train(self, plan: Plan, rounds: Iterator[NextRound] | None) -> None:
        cell = self._cell
        # Rounds that are picked by hand have an editor already.
        has_editor = rounds is None and not self._line.quiet
        kernel = self._kernel if has_editor else None
        try:
            with editing(plan, self._context, kernel) as edit, self._display(plan, edit):
                self._import_keras(plan.session)
                model = cell.model_function(self._variables(plan))
                plan.run(model, root=self._line.root, rounds=rounds)
        except BaseException as error:
            show_from_cell(self._shell, error, cell.filename)
            if plan.session.finished:
                self._deliver(plan, replace=plan.result is not None)
            raise
        finally:
            self._editors.learn(plan.session)
        # A scan that was stopped before its first round replaces an older result by None.
        self._deliver(plan, replace=True)

    def _variables(self, plan: Plan) -> dict[str, Any]:
        """Return the variables of the notebook; for other processes, those that the cell uses."""
        if not plan.setup.options.uses_workers:
            return self._namespace
        used = self._namespace.keys() & {*plan.setup.objects, "__name__"}
        return {name: self._namespace[name] for name in used}

    def _display(
        self, plan: Plan, edit: Callable[[bool], bool] | None
    ) -> AbstractContextManager[None]:
        if self._line.quiet:
            return nullcontext()
        from talos_magic.live.display import showing

        notify = self._line.notify
        return showing(plan.session, self._kernel, edit, actions(self._shell), notify=notify)

    def _deliver(self, plan: Plan, *, replace: bool) -> None:
        if self._line.quiet:
            print("\n".join([text_table(plan.session), *plan.session.notices]))
        if replace:
            self._shell.user_ns[self._line.output] = plan.result
