"""Hyperparameter scans of Keras models in one notebook cell, live."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from talos_magic.analysis.pareto import pareto_front as pareto_front
    from talos_magic.analysis.plots.curves import plot_curves as plot_curves
    from talos_magic.analysis.plots.heatmap import plot_heatmap as plot_heatmap
    from talos_magic.analysis.plots.importance import plot_importance as plot_importance
    from talos_magic.analysis.plots.parallel import plot_parallel as plot_parallel
    from talos_magic.analysis.plots.pareto import plot_pareto as plot_pareto
    from talos_magic.analysis.plots.progress import plot_progress as plot_progress
    from talos_magic.analysis.plots.rounds import plot_rounds as plot_rounds
    from talos_magic.analysis.plots.slice import plot_slice as plot_slice
    from talos_magic.editor.editor import GridEditor as GridEditor
    from talos_magic.engine.result import ScanResult as ScanResult
    from talos_magic.experiment.run_scan import run_scan as run_scan
    from talos_magic.grid.grid import Grid as Grid
    from talos_magic.trackers.observer import ScanObserver as ScanObserver
    from talos_magic.training.fit_hook import report as report
    from talos_magic.training.own_loop import checkpoint as checkpoint

__version__ = "0.1.0"
PLOT_KINDS = (
    "curves",
    "heatmap",
    "importance",
    "parallel",
    "pareto",
    "progress",
    "rounds",
    "slice",
)
COMPARED_KINDS = tuple(kind for kind in PLOT_KINDS if kind != "pareto")  # which two -m draw
_HOMES = {
    "Grid": "talos_magic.grid.grid",
    "GridEditor": "talos_magic.editor.editor",
    "ScanObserver": "talos_magic.trackers.observer",
    "ScanResult": "talos_magic.engine.result",
    "checkpoint": "talos_magic.training.own_loop",
    "pareto_front": "talos_magic.analysis.pareto",
    "report": "talos_magic.training.fit_hook",
    "run_scan": "talos_magic.experiment.run_scan",
    **{f"plot_{kind}": f"talos_magic.analysis.plots.{kind}" for kind in PLOT_KINDS},
}
__all__ = [*_HOMES, "load_ipython_extension", "unload_ipython_extension"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``%load_ext`` must be instant."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Register the magics: what ``%load_ext talos_magic`` calls."""
    from talos_magic.magics.magics import register

    register(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take the magics away again: what ``%unload_ext talos_magic`` calls."""
    from talos_magic.magics.magics import unregister

    unregister(shell)
