"""What ``--log`` names: trackers, each in a module here with the name of its package."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from talos_magic.errors import InvalidInputError
from talos_magic.trackers.observer import ScanObserver
from talos_magic.values.labels import label

TRACKERS = {
    "tensorboard": "TensorBoardTracker",
    "mlflow": "MLflowTracker",
    "wandb": "WandbTracker",
    "trackio": "TrackioTracker",
}
Log = str | ScanObserver | Sequence[str | ScanObserver]


def check_log(log: Log) -> None:
    """Raise an InvalidInputError if a tracker is unknown, or its package is not installed."""
    for each in _each(log):
        if isinstance(each, ScanObserver):
            continue
        if not isinstance(each, str) or each not in TRACKERS:
            raise InvalidInputError(
                f"--log {label(each)}: give {', '.join(TRACKERS)}, or a ScanObserver of your own"
            )
        if not _is_installed(each):
            raise InvalidInputError(
                f"--log {each} needs a package that is not installed: run pip install {each}"
            )


def _is_installed(package: str) -> bool:
    """Whether a package can be imported; a mere folder of its name, such as W&B makes, cannot."""
    spec = find_spec(package)
    return spec is not None and spec.origin is not None


def observers_of(log: Log) -> list[ScanObserver]:
    """Return the observers, with a new tracker for each name."""
    return [each if isinstance(each, ScanObserver) else _tracker(each) for each in _each(log)]


def _each(log: Log) -> Sequence[str | ScanObserver]:
    return log if isinstance(log, Sequence) and not isinstance(log, str) else [log]


def _tracker(name: str) -> ScanObserver:
    module = import_module(f"talos_magic.trackers.{name}")
    tracker: ScanObserver = getattr(module, TRACKERS[name])()
    return tracker
