"""Time from a resume to the first round that it trains, beside the parsing of the same files."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

from measure import Figure, fresh, show, start

from talos_magic import report, run_scan

ROUNDS, QUICK_ROUNDS, EPOCHS = (500, 5000), (20, 100), 20


class Stopped(BaseException):
    """Ends a scan as the end of its process does."""


def scan(rounds: int) -> None:
    """Run or resume a scan; `Stopped` is raised after a number of rounds."""

    def model(*arguments: Any) -> tuple[dict[str, list[float]], None]:
        if arguments[-1]["a"] == rounds:
            raise Stopped
        curve = [1 / (epoch + 1 + arguments[-1]["a"] % 7) for epoch in range(EPOCHS)]
        history = dict.fromkeys(("loss", "val_loss", "accuracy", "val_accuracy"), curve)
        for epoch, value in enumerate(curve):
            report(epoch, **dict.fromkeys(history, value))
        return history, None

    options: dict[str, Any] = {"order": "sequential", "seed": 1, "resume": True}
    run_scan(model, {"a": list(range(rounds + 1))}, name="resumed", **options)


def seconds(rounds: int) -> tuple[float, float]:
    """Return the seconds until a resumed scan trains, and those that parsing its files takes."""
    with contextlib.suppress(Stopped):
        scan(rounds)
    (folder,) = Path("resumed").iterdir()
    began = time.perf_counter()
    for name in ("round_data.jsonl", "epochs.jsonl"):
        for line in (folder / name).read_text().splitlines():
            json.loads(line)
    parsed = time.perf_counter()
    with contextlib.suppress(Stopped):
        scan(rounds)
    return time.perf_counter() - parsed, parsed - began


def run(quick: bool) -> list[Figure]:
    counts = QUICK_ROUNDS if quick else ROUNDS
    spent = {n: fresh("import resume", f"resume.seconds({n})") for n in counts}
    show(
        f"Resume: seconds until the first round, after rounds of {EPOCHS} epochs",
        ["rounds", "resume", "parsing its files"],
        [(f"{n:,}", f"{own:.2f}", f"{parsing:.2f}") for n, (own, parsing) in spent.items()],
    )
    last = counts[-1]
    return [Figure(f"resume: seconds after {last:,} rounds", spent[last][0], 3)]


if __name__ == "__main__":
    start(run, __doc__)
