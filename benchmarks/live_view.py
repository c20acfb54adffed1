"""What the live view costs: kernel CPU and bytes sent for an epoch, beside the same scan with -q.

The rounds train nothing; they report four metrics an epoch and sleep in between, so that
what the kernel computes is the scan's own work.
"""

import json
from collections import Counter
from contextlib import ExitStack
from functools import partial
from typing import Any

from measure import OURS, Figure, Kernel, alternate, least, present, show, start

EPOCHS = 20
EPOCH_SECONDS = 0.05
SETUP = f"""
import time
import {OURS}
%load_ext {OURS}
"""
MODEL = f"""
def model(x_train, y_train, x_val, y_val, params):
    losses = [params["scale"] / (epoch + 1) for epoch in range({EPOCHS})]
    for epoch, loss in enumerate(losses):
        time.sleep({EPOCH_SECONDS})
        {OURS}.report(
            epoch, loss=loss, val_loss=1.1 * loss, accuracy=1 - loss, val_accuracy=1 - 1.1 * loss
        )
    return {{"loss": losses, "val_loss": [1.1 * loss for loss in losses]}}, None
"""
VIEWS = {"live view": "", "-q": "-q"}


def size(message: dict[str, Any]) -> int:
    """The bytes of a message's frames."""
    frames = ("header", "parent_header", "metadata", "content")
    encoded = sum(len(json.dumps(message[frame], default=str).encode()) for frame in frames)
    return encoded + sum(map(len, message["buffers"]))


def scan(kernel: Kernel, rounds: int, options: str) -> dict[str, float]:
    """One scan's cost an epoch."""
    sent: Counter[str] = Counter()

    def count(message: dict[str, Any]) -> None:
        is_widget = message["msg_type"] == "comm_msg"
        sent.update(messages=is_widget, widget=is_widget * size(message), total=size(message))

    kernel.run(f"params = {{'scale': [1 + i / 10 for i in range({rounds})]}}")
    kernel.run("began = time.process_time()")
    cell = f"%%talos_scan live -p params --seed 1 {options}\n{MODEL}"
    kernel.run(cell, on_message=count)
    seconds = kernel.run("", "time.process_time() - began")
    epochs = rounds * EPOCHS
    return {"cpu": 1000 * seconds / epochs} | {
        name: sent[name] / epochs for name in ("messages", "widget", "total")
    }


def run(quick: bool) -> list[Figure]:
    if OURS not in present(OURS):
        return []
    rounds, repeats = (3, 1) if quick else (10, 5)
    with ExitStack() as stack:
        requests = {}
        for name, options in VIEWS.items():
            kernel = stack.enter_context(Kernel(SETUP))
            scan(kernel, 1, options)
            requests[name] = partial(scan, kernel, rounds, options)
        seen = alternate(requests, repeats)
    costs = {
        name: {key: least(results, key) for key in results[0]} for name, results in seen.items()
    }
    show(
        f"Live view: an epoch of {1000 * EPOCH_SECONDS:.0f} ms, {rounds} rounds of {EPOCHS},"
        f" minima of {repeats} repeats",
        ["view", "CPU ms", "comm messages", "comm bytes", "all iopub bytes"],
        [
            (name, f"{of['cpu']:.2f}", f"{of['messages']:.2f}", *whole(of["widget"], of["total"]))
            for name, of in costs.items()
        ],
    )
    extra = costs["live view"]["cpu"] - costs["-q"]["cpu"]
    return [
        Figure("live view: CPU / an epoch of 50 ms", extra / (1000 * EPOCH_SECONDS), 0.05),
        Figure("live view: comm bytes an epoch", costs["live view"]["widget"], 1500),
    ]


def whole(*numbers: float) -> tuple[str, ...]:
    return tuple(f"{number:.0f}" for number in numbers)


if __name__ == "__main__":
    start(run, __doc__)
