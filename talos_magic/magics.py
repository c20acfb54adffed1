"""The magics: parse arguments, look names up in the notebook, call the rooms below, show."""

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
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from traitlets import Bool, Float, Int, Unicode

from talos_magic.cell_scan import CellScan
from talos_magic.errors import ScanError
from talos_magic.lookup import params_name, unquoted
from talos_magic.notebook import show_figure
from talos_magic.open_editors import OpenEditors
from talos_magic.run import VAL_SPLIT
from talos_magic.scan_arguments import hint, metrics, scan_arguments
from talos_magic.syntax import is_variable

if TYPE_CHECKING:
    from talos_magic.scan.result import ScanResult

KINDS = ("curves", "rounds", "slice", "heatmap", "parallel", "importance", "progress")


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
    root = Unicode("", help="Where experiments lie; empty for the working directory.").tag(
        config=True
    )
    on_error = Unicode("skip", help="What a failed round does: skip (it is recorded), stop.").tag(
        config=True
    )
    keep = Unicode("best", help="Models that are kept on disk: best, all, none, a number.").tag(
        config=True
    )
    repeats = Int(1, help="How often each combination is trained, with other seeds.").tag(
        config=True
    )
    quiet = Bool(False, help="Whether to show nothing while a scan runs.").tag(config=True)

    def __init__(self, shell: InteractiveShell, **traits: Any) -> None:
        super().__init__(shell, **traits)
        self.editors = OpenEditors(shell)
        self._latest = self.output

    @no_var_expand
    @needs_local_scope
    @cell_magic
    @scan_arguments
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
            raise UsageError(f"{error}{hint(error)}") from None
        for option, value in vars(options).items():
            if isinstance(value, str):
                setattr(options, option, unquoted(value))
        options.metric = [str(unquoted(name)) for name in options.metric or [self.metric]]
        self._fill_in_defaults(options)
        namespace = {**self._notebook.user_ns, **(local_ns or {})}
        try:
            scan = CellScan(self._notebook, options, namespace, self.editors)
            self._latest = options.output
            scan.run(f"%%talos_scan {line}".rstrip(), cell)
        except ScanError as error:
            raise UsageError(str(error)) from None

    @line_magic
    @magic_arguments()
    @argument("name", nargs="?", help="experiment, or NAME/SCAN (default: the last result)")
    @argument("-m", "--metric", help="metric that makes a round the best (default: the scan's)")
    @argument("-o", "--output", help="variable that receives the trained model")
    def talos_best(self, line: str) -> None:
        """Tell about the best round of a scan, and give its trained model.

        Examples::

            %talos_best                     of the scan that ran last
            %talos_best lenet -o model      of the experiment lenet; its model, as it was trained
        """
        from talos_magic.review.best import best_in_words, best_info

        options = parse_argstring(self.talos_best, line)
        if options.output is not None and not is_variable(options.output):
            raise UsageError(f"-o {options.output} is no variable name: use one such as -o model")
        variables = self._notebook.user_ns
        try:
            result = self._result(options.name)
            info = best_info(result, options.metric)
            if options.output is not None:
                variables[options.output] = result.best_model(options.metric)
        except ScanError as error:
            raise UsageError(str(error)) from None
        print(best_in_words(info, model=options.output))

    @line_magic
    @magic_arguments()
    @argument("names", nargs="*", help="experiments, or NAME/SCAN (default: the last result)")
    @argument(
        "-m", "--metric", action="append", help="metric that ranks the rounds; or two of them"
    )
    @argument("-k", "--kind", default="all", help="all (default), " + ", ".join(KINDS))
    @argument("-c", "--colour", help="hyperparameter that colours the curves")
    def talos_compare(self, line: str) -> None:
        """Compare the rounds of one or several scans: plots, and what they say in words.

        Examples::

            %talos_compare                          of the scan that ran last
            %talos_compare lenet -k curves -c opt   its curves, coloured by opt
            %talos_compare lenet wider -m val_loss  two experiments side by side
            %talos_compare -m val_acc -m duration   which rounds no other beats in both
        """
        from talos_magic.review.compare import compare

        options = parse_argstring(self.talos_compare, line)
        try:
            results = [self._result(name) for name in options.names or [None]]
            figure, sentences = compare(
                results, *metrics(options.metric or [""]), kind=options.kind, colour=options.colour
            )
        except ScanError as error:
            raise UsageError(str(error)) from None
        show_figure(figure)
        print("\n".join(sentences))

    @line_magic
    @magic_arguments()
    @argument("name", nargs="?", help="experiment, or NAME/SCAN (default: the last result)")
    @argument("file", help="where to: a name that ends in .csv, .html or .py")
    @argument("-m", "--metric", help="metric that ranks the rounds (default: the scan's)")
    def talos_export(self, line: str) -> None:
        """Write a scan into a file: its table, a page with its figures, or its best round's script.

        The script needs Keras and nothing else; the data lie in an .npz beside it.

        Examples::

            %talos_export scan.csv
            %talos_export lenet lenet.html
            %talos_export lenet best.py
        """
        from talos_magic.export.export import export

        options = parse_argstring(self.talos_export, line)
        variables = self._notebook.user_ns
        file = _path(str(unquoted(options.file)))
        try:
            result = self._result(options.name)
            is_held = any(result is value for value in variables.values())
            told = export(result, file, options.metric, variables if is_held else None)
        except ScanError as error:
            raise UsageError(str(error)) from None
        print("\n".join(told))

    @line_magic
    def talos_runs(self, line: str) -> Any:
        """List the scans on disk: their state, their rounds, their best.

        Examples::

            %talos_runs
        """
        from talos_magic.review.results import experiments

        if line.strip():
            raise UsageError(f"%talos_runs takes no arguments, got {line.strip()!r}")
        root = _path(self.root)
        table = experiments(root)
        if table.empty:
            print(f"no scans in {root.resolve()}: run one with %%talos_scan NAME")
            return None
        return table

    @line_magic
    def talos_grid(self, line: str) -> None:
        """Edit a params dict with widgets: what is set there is what the next scan runs.

        Edits go into the variable at once; a cell that assigns the variable updates the editor.

        Examples::

            %talos_grid            the variable params, or p
            %talos_grid grid       the variable grid; a new one, if there is none
        """
        name = line.strip() or params_name(None, self._notebook.user_ns)
        if not is_variable(name):
            raise UsageError(f"%talos_grid {name}: give the name of a variable")
        try:
            self.editors.show(name)
        except ScanError as error:
            raise UsageError(str(error)) from None

    def _result(self, name: str | None) -> "ScanResult":
        """Find a scan by its name; without one, the last, whose name is told if it lies on disk."""
        from talos_magic.review.find import find_result

        variables = self._notebook.user_ns
        result = find_result(name, _path(self.root), variables, self._latest)
        if name is None and all(value is not result for value in variables.values()):
            folder = Path(result.run_dir)
            print(f"{folder.parent.name}/{folder.name}, the newest scan on disk:")
        return result

    def _fill_in_defaults(self, options: Namespace) -> None:
        """Let the traits speak where the line does not."""
        options.is_named = options.name is not None
        options.name = options.name or self.name
        options.root = _path(options.root or self.root)
        options.on_error = options.on_error or self.on_error
        options.default_keep = self.keep
        options.output = options.output or self.output
        options.metric, options.against = metrics(options.metric)
        options.default_seed = self.seed
        options.repeats = self.repeats if options.repeats is None else options.repeats
        options.quiet = options.quiet or self.quiet
        options.wants_split = options.val_split is not None
        if options.val_split is None:
            options.val_split = self.val_split

    @property
    def _notebook(self) -> InteractiveShell:
        if self.shell is None:
            raise UsageError("the magic has lost its notebook: run %reload_ext talos_magic")
        return self.shell


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # of ~somebody who is not there
        raise UsageError(f"{text}: {error}") from None


# An option that is written in part would be taken for another one when that one comes.
for _magic in vars(TalosMagics).values():
    if hasattr(_magic, "parser"):
        _magic.parser.allow_abbrev = False
