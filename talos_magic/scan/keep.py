"""Keeps the best model on disk, and no model in memory."""

from pathlib import Path
from typing import Any

from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession

MODELS = "models"


class BestModel:
    """Writes the model of a round that is the best so far, in place of the one before.

    Parameters
    ----------
    session : ScanSession
        Knows which round is best; told once if models cannot be saved.
    folder : Path
        The scan's folder.
    """

    def __init__(self, session: ScanSession, folder: Path) -> None:
        self._session = session
        self._models = folder / MODELS
        best = session.best  # of an earlier run, if this one goes on with it
        kept = None if best is None else model_path(folder, best.number)
        self._kept = kept if kept is not None and kept.exists() else None

    def offer(self, round_: Round, model: Any) -> None:
        """Keep the model if its round is the best so far."""
        if model is None or self._session.best is not round_ or not hasattr(model, "save"):
            return
        try:
            self._write(round_, model)
        except KeyboardInterrupt:
            # The round is done; only its model is still on its way to the disk.
            self._session.stop("interrupted")
            self._write(round_, model)

    def _write(self, round_: Round, model: Any) -> None:
        self._models.mkdir(parents=True, exist_ok=True)
        # Keras chooses the format by the ending, so a half-written file needs one too.
        partial = self._models / f"{round_.number}.partial.keras"
        try:
            model.save(partial)
        except Exception as error:  # noqa: BLE001  # a custom layer without get_config, a full disk
            partial.unlink(missing_ok=True)
            reason = next((line for line in str(error).splitlines() if line.strip()), repr(error))
            self._session.notice(f"the best model could not be saved: {reason.strip()}")
            return
        kept = partial.replace(model_path(self._models.parent, round_.number))
        if self._kept is not None and self._kept != kept:
            self._kept.unlink(missing_ok=True)
        self._kept = kept


def model_path(folder: Path, number: int) -> Path:
    """Where the model of a round lies, if it was kept."""
    return folder / MODELS / f"{number}.keras"
