"""The epochs on disk, beside the histories on record."""

import json
from pathlib import Path

from talos_magic.storage.epoch_lines import EPOCHS, read_epochs


def test_curves_that_the_record_lacks_come_from_the_epochs(tmp_path: Path) -> None:
    history = {"loss": [0.5, 0.4, 0.3]}
    alike = [
        {"round": 0, "epoch": epoch, "loss": loss} for epoch, loss in enumerate(history["loss"])
    ]
    more = [{**line, "f1": 1.0} for line in alike]
    others = [{**line, "loss": 9.0} for line in alike]
    for lines, expected in ((alike, history), (more, history | {"f1": [1.0] * 3}), (others, None)):
        (tmp_path / EPOCHS).write_text("".join(json.dumps(line) + "\n" for line in lines))
        curves = read_epochs(tmp_path)[0].curves(history)
        assert curves == (expected or {"loss": [9.0] * 3})
