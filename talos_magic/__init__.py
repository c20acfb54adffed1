"""Hyperparameter scans of Keras models in one notebook cell, live."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from talos_magic.editor.editor import GridEditor
    from talos_magic.grid.grid import Grid
    from talos_magic.review.pareto import pareto_front
    from talos_magic.review.plots.curves import plot_curves
    from talos_magic.review.plots.heatmap import plot_heatmap
    from talos_magic.review.plots.importance import plot_importance
    from talos_magic.review.plots.parallel import plot_parallel
    from talos_magic.review.plots.pareto import plot_pareto
    from talos_magic.review.plots.progress import plot_progress
    from talos_magic.review.plots.rounds import plot_rounds
    from talos_magic.review.plots.slice import plot_slice
    from talos_magic.run import run_scan
    from talos_magic.scan.fit_hook import report
    from talos_magic.scan.result import ScanResult

__version__ = "0.1.0"
__all__ = [
    "Grid",
    "GridEditor",
    "ScanResult",
    "load_ipython_extension",
    "pareto_front",
    "plot_curves",
    "plot_heatmap",
    "plot_importance",
    "plot_parallel",
    "plot_pareto",
    "plot_progress",
    "plot_rounds",
    "plot_slice",
    "report",
    "run_scan",
    "unload_ipython_extension",
]

_HOMES = {
    "Grid": "talos_magic.grid.grid",
    "GridEditor": "talos_magic.editor.editor",
    "ScanResult": "talos_magic.scan.result",
    "pareto_front": "talos_magic.review.pareto",
    "plot_curves": "talos_magic.review.plots.curves",
    "plot_heatmap": "talos_magic.review.plots.heatmap",
    "plot_importance": "talos_magic.review.plots.importance",
    "plot_parallel": "talos_magic.review.plots.parallel",
    "plot_pareto": "talos_magic.review.plots.pareto",
    "plot_progress": "talos_magic.review.plots.progress",
    "plot_rounds": "talos_magic.review.plots.rounds",
    "plot_slice": "talos_magic.review.plots.slice",
    "report": "talos_magic.scan.fit_hook",
    "run_scan": "talos_magic.run",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``%load_ext`` must be instant."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Register the magics: what ``%load_ext talos_magic`` calls."""
    from talos_magic.registration import register

    register(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take the magics away again: what ``%unload_ext talos_magic`` calls."""
    from talos_magic.registration import unregister

    unregister(shell)
