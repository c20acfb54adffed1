"""The magics: they parse their arguments, call the other rooms and show what comes back."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from traitlets import Bool

from talos_magic import COMPARED_KINDS
from talos_magic.cell.notebook_cells import note_failure
from talos_magic.errors import InvalidInputError
from talos_magic.experiment.option_table import OPTIONS
from talos_magic.magics.arguments import argument, arguments, metrics, parse, scan_argument, trait
from talos_magic.magics.completion import Completion
from talos_magic.magics.grid_editors import OpenEditors
from talos_magic.magics.ipython import show_figure, usage_errors
from talos_magic.magics.known_values import KnownValues
from talos_magic.magics.lookup import params_name, unquoted
from talos_magic.training.interrupts import imports_completed
from talos_magic.values.expressions import is_variable

if TYPE_CHECKING:
    from talos_magic.engine.result import ScanResult


@magics_class
class TalosMagics(Magics):
    """Hyperparameter scans in a notebook. ``%config TalosMagics`` shows and sets the defaults."""

    name = trait("name")
    val_split = trait("val_split")
    output = trait("output")
    metric = trait("metric")
    repeats = trait("repeats")
    seed = trait("seed")
    root = trait("root")
    on_error = trait("on_error")
    keep = trait("keep")
    workers = trait("workers")
    quiet = trait("quiet")
    share_graphs = Bool(True, help="Whether rounds of one architecture share a graph.").tag(
        config=True
    )

    def __init__(self, shell: InteractiveShell, **traits: Any) -> None:
        super().__init__(shell, **traits)
        self._notebook = shell
        self.editors = OpenEditors(shell)
        self.completion = Completion(shell, KnownValues(shell, self))
        self.latest = self.output

    @no_var_expand
    @needs_local_scope
    @cell_magic
    @arguments(*map(scan_argument, OPTIONS.values()))
    @imports_completed()
    def talos_scan(self, line: str, cell: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Train the cell as a model function on every combination of the params dict.

        The cell reads the notebook's variables and x_train, y_train, x_val, y_val, params. It is
        one function with these five parameters, or statements that return history, model or assign
        both. The result, a Talos RunResult, is assigned to the variable that -o names.

        Examples::

            params = {"units": [32, 64], "lr": [0.01, 0.001]}

            %%talos_scan
            model = keras.Sequential([layers.Dense(params["units"]), layers.Dense(10)])
            model.compile(keras.optimizers.Adam(params["lr"]), "mse")
            history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=5)
        """
        from talos_magic.magics.cell_scan import CellScan  # with all that a scan needs

        namespace = {**self._notebook.user_ns, **(local_ns or {})}
        with usage_errors():
            options = self._scan_options(line)
            scan = CellScan(self._notebook, options, namespace, self.editors)
            self.latest = options.output
            scan.run(f"%%talos_scan {line}".rstrip(), cell)

    @line_magic
    @arguments(
        argument("name", nargs="?", help="experiment, or NAME/SCAN (default: the last result)"),
        argument("-m", "--metric", help="metric that makes a round the best (default: the scan's)"),
        argument("-o", "--output", help="variable that receives the trained model"),
    )
    @imports_completed()
    def talos_best(self, line: str) -> None:
        """Show the best round of a scan, and load its trained model.

        Examples::

            %talos_best                     of the scan that ran last
            %talos_best lenet -o model      of the experiment lenet; loads its trained model
        """
        from talos_magic.analysis.best import best_in_words, best_info

        options = parse(self.talos_best, line)
        output = options.output
        if output is not None and not is_variable(output):
            raise UsageError(f"-o {output} is no variable name: use one such as -o model")
        with usage_errors():
            result = self._find_result(options.name)
            info = best_info(result, options.metric)
            if output is not None:
                self._notebook.user_ns[output] = result.best_model(options.metric)
        print(best_in_words(info, model=output))

    @line_magic
    @arguments(
        argument("names", nargs="*", help="experiments, or NAME/SCAN (default: the last result)"),
        argument(
            "-m", "--metric", action="append", help="metric that ranks the rounds, or two to weigh"
        ),
        argument("-k", "--kind", default="all", help="all (default), " + ", ".join(COMPARED_KINDS)),
        argument("-c", "--colour", help="hyperparameter that colours the curves"),
    )
    @imports_completed()
    def talos_compare(self, line: str) -> None:
        """Compare the rounds of one or several scans in plots and in words.

        Examples::

            %talos_compare                          of the scan that ran last
            %talos_compare lenet -k curves -c opt   its curves, coloured by opt
            %talos_compare lenet wider -m val_loss  two experiments side by side
            %talos_compare -m val_acc -m duration   the rounds that no other beats in both
        """
        from talos_magic.analysis.compare import compare

        options = parse(self.talos_compare, line)
        with usage_errors():
            results = [self._find_result(name) for name in options.names or [None]]
            figure, sentences = compare(
                results, *metrics(options.metric or []), kind=options.kind, colour=options.colour
            )
        show_figure(figure)
        print("\n".join(sentences))

    @line_magic
    @arguments(
        argument("name", nargs="?", help="experiment, or NAME/SCAN (default: the last result)"),
        argument("file", help="file to write: a name that ends in .csv, .html, .py or .db"),
        argument("-m", "--metric", help="metric that ranks the rounds (default: the scan's)"),
    )
    @imports_completed()
    def talos_export(self, line: str) -> None:
        """Export a scan: its table, a page with its figures, a script of its best round, a study.

        The script needs Keras only; its data are in an .npz file beside it. The study is one of
        Optuna, in an SQLite file that optuna-dashboard opens.

        Examples::

            %talos_export scan.csv
            %talos_export lenet lenet.html
            %talos_export lenet best.py
            %talos_export lenet lenet.db
        """
        from talos_magic.analysis.export.export import export
        from talos_magic.experiment.saved_picture import saved_picture

        if not line.strip():
            raise UsageError("%talos_export: give the name of a file to write, such as scan.csv")
        options = parse(self.talos_export, line)
        variables = self._notebook.user_ns
        with usage_errors():
            file = _path(unquoted(options.file))
            result = self._find_result(options.name)
            is_held = any(result is value for value in variables.values())
            variables = variables if is_held else None
            lines = export(result, file, options.metric, variables, saved_picture)
        print("\n".join(lines))

    @line_magic
    @imports_completed()
    def talos_runs(self, line: str) -> Any:
        """List the scans on disk with their state, rounds and best round.

        Examples::

            %talos_runs
        """
        from talos_magic.analysis.catalogue import experiments

        if line.strip():
            raise UsageError(f"%talos_runs takes no arguments, got {line.strip()!r}")
        with usage_errors():
            root = _path(self.root)
            table = experiments(root)
        if table.empty:
            print(f"no scans in {root.resolve()}: run one with %%talos_scan NAME")
            return None
        return table

    @line_magic
    def talos_doctor(self, line: str) -> None:
        """Show versions, GPUs and what works in this notebook, and how to mend what does not.

        Examples::

            %talos_doctor
        """
        from talos_magic.doctor.doctor import examine
        from talos_magic.doctor.finding import as_text

        if line.strip():
            raise UsageError(f"%talos_doctor takes no arguments, got {line.strip()!r}")
        with usage_errors():
            root = _path(self.root)
        print("importing what is installed, in another process …", flush=True)
        print(as_text(examine(root, self._notebook)))

    @line_magic
    @imports_completed()
    def talos_grid(self, line: str) -> None:
        """Edit a params dict with widgets; the next scan runs what is set there.

        Edits change the variable at once; a cell that assigns the variable updates the editor.

        Examples::

            %talos_grid            the variable params, or p
            %talos_grid grid       the variable grid; a new one if there is none
        """
        name = line.strip() or params_name(None, self._notebook.user_ns)
        if not is_variable(name):
            raise UsageError(f"%talos_grid {name}: give the name of a variable")
        with usage_errors():
            self.editors.show(name)

    def _scan_options(self, line: str) -> Namespace:
        """Parse the options of a scan; fill unset ones from the configured defaults."""
        values = vars(parse(self.talos_scan, line))
        given = {name for name, value in values.items() if value is not None and value is not False}
        for option in OPTIONS.values():
            if option.is_configurable and option.name not in given:
                default = getattr(self, option.name)
                values[option.name] = [default] if option.is_repeatable else default
        values["metric"], values["second_metric"] = metrics(values["metric"])
        values["root"] = _path(values["root"])
        return Namespace(given=given, share_graphs=self.share_graphs, **values)

    def _find_result(self, name: str | None) -> "ScanResult":
        """Return a scan by its name, by default the last one; name it if it comes from disk."""
        from talos_magic.analysis.catalogue import find_result

        variables = self._notebook.user_ns
        result = find_result(name, _path(self.root), variables, self.latest)
        if name is None and all(value is not result for value in variables.values()):
            folder = Path(result.run_dir)
            print(f"{folder.parent.name}/{folder.name}, the newest scan on disk:")
        return result


def _path(text: str | None) -> Path:
    try:
        return Path(text or "").expanduser()
    except RuntimeError as error:  # ~user without such a user
        raise InvalidInputError(f"{text}: {error}") from None


def register(shell: InteractiveShell) -> None:
    """Register the magics with a shell."""
    shell.register_magics(TalosMagics)
    shell.events.register("post_run_cell", note_failure)


def unregister(shell: InteractiveShell) -> None:
    """Undo `register`."""
    from talos_magic.live.display import stop_answering

    stop_answering()
    shell.events.unregister("post_run_cell", note_failure)
    magics = shell.magics_manager
    for kind, names in TalosMagics.magics.items():
        for name in names:
            magics.magics[kind].pop(name, None)
    magics.registry.pop(TalosMagics.__name__, None)
    for configurable in shell.configurables:
        if isinstance(configurable, TalosMagics):
            configurable.editors.close()
            configurable.completion.close()
    shell.configurables[:] = [c for c in shell.configurables if not isinstance(c, TalosMagics)]
