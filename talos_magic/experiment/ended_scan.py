"""What the buttons below an ended scan do: load its best model, compare its rounds, export it."""

from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell

if TYPE_CHECKING:  # anywidget may be missing
    from talos_magic.live.answers import Actions

MODEL = "best_model"  # the variable that receives the model


def actions(shell: InteractiveShell) -> "Actions":
    """Return what a picture may ask the kernel of this shell, by name."""

    def load_best(folder: str) -> dict[str, str]:
        from talos_magic.analysis.best import best_info
        from talos_magic.engine.result import ScanResult

        result = ScanResult.load(folder)
        shell.user_ns[MODEL] = result.best_model()
        kept = best_info(result).kept
        return {"text": f"{MODEL} is the model of round {kept.number}" if kept else ""}

    return {"best": load_best, "compare": _compare, "export": _export}


def _compare(folder: str) -> dict[str, str]:
    from talos_magic.analysis.compare import compare
    from talos_magic.analysis.export.page import png_address
    from talos_magic.engine.result import ScanResult

    figure, sentences = compare([ScanResult.load(folder)])
    return {"text": "\n".join(sentences), "image": png_address(figure)}


def _export(folder: str) -> dict[str, str]:
    from talos_magic.analysis.export.export import export
    from talos_magic.engine.result import ScanResult
    from talos_magic.experiment.saved_picture import saved_picture

    place = Path(folder)
    file = Path(f"{place.parent.name}.html")
    lines = export(ScanResult.load(folder), file, picture=saved_picture)
    return {"text": "\n".join(lines)}
