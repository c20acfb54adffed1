"""The kernel's cost of live drawing: CPU, messages and bytes an epoch, beside other ways to draw.

The rounds train nothing: they report four metrics an epoch and sleep in between, so that drawing is
all that the kernel computes. Each way draws every round's four curves and updates them at every
epoch, as a person would write it; the same loop without drawing is subtracted. "Bare messages" draw
nothing: they show Jupyter's own cost of as many and as long messages as ours.
"""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from measure import OURS, Figure, Kernel, alternate, least, show, start

EPOCHS = 20
EPOCH_SECONDS = 0.1
# 0.3 ms an epoch where ipywidgets.HTML takes 0.42: milliseconds are the machine's.
AIM = 0.71
HTML_WIDGET = "ipywidgets.HTML"
SETUP = f"""
import time
import {OURS}
%load_ext {OURS}
NAMES = ("loss", "val_loss", "accuracy", "val_accuracy")

def values(scale, epoch):
    loss = scale / (epoch + 1)
    return loss, 1.1 * loss, 1 - loss, 1 - 1.1 * loss
"""
CELL = f"""
curve = []
for epoch in range({EPOCHS}):
    time.sleep({EPOCH_SECONDS})
    curve.append(values(params["scale"], epoch))
    {OURS}.report(epoch, **dict(zip(NAMES, curve[-1])))
return dict(zip(NAMES, map(list, zip(*curve)))), None
"""
LOOP = f"""
for round_ in range(ROUNDS):
    begin()
    for epoch in range({EPOCHS}):
        time.sleep({EPOCH_SECONDS})
        draw(values(1 + round_ / 10, epoch))
"""
NOTHING = """
begin = lambda: None
draw = lambda _: None
"""
PNG = """
import io, ipywidgets, matplotlib
matplotlib.use("agg")
from matplotlib.figure import Figure
figure = Figure(figsize=(8, 2.2))
axes = figure.subplots(1, 2)
image = ipywidgets.Image()
display(image)

def begin():
    global lines
    lines = [axes[i // 2].plot([], [])[0] for i in range(4)]

def draw(row):
    for line, value in zip(lines, row):
        line.set_data(range(len(line.get_ydata()) + 1), [*line.get_ydata(), value])
    for ax in axes:
        ax.relim()
        ax.autoscale_view()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    image.value = buffer.getvalue()
"""
HTML = """
import ipywidgets
box = ipywidgets.HTML()
display(box)
rounds = []

def begin():
    rounds.append([[] for _ in range(4)])

def draw(row):
    for curve, value in zip(rounds[-1], row):
        curve.append(value)
    points = (" ".join(f"{20 * epoch},{100 - 50 * v:.1f}" for epoch, v in enumerate(curve))
              for curves in rounds for curve in curves)
    lines = "".join(f'<polyline points="{p}" fill="none" stroke="gray"/>' for p in points)
    box.value = f'<svg width="800" height="220">{lines}</svg>'
"""
MESSAGES = """
from comm import create_comm
channel = create_comm(target_name="nobody")
count = 0
begin = lambda: None

def draw(row):
    global count
    count += 1
    if count % 2:
        rows = [[round(value, 5) for value in row]] * 2
        content = {"changes": [{"epochs": [1, count, rows]}], "time": [12.3, 45.6]}
        channel.send({"method": "custom", "content": content})
"""
PLOTLY = """
import plotly.graph_objects as go
figure = go.FigureWidget()
display(figure)

def begin():
    global traces
    for _ in range(4):
        figure.add_scatter(y=[])
    traces = figure.data[-4:]

def draw(row):
    with figure.batch_update():
        for trace, value in zip(traces, row):
            trace.y = (*trace.y, value)
"""
RIVALS = {
    "nothing": NOTHING,
    "bare messages": MESSAGES,
    "matplotlib PNG": PNG,
    HTML_WIDGET: HTML,
    "plotly FigureWidget": PLOTLY,
}


def size(message: dict[str, Any]) -> int:
    """Return the bytes of a message's frames."""
    frames = ("header", "parent_header", "metadata", "content")
    encoded = sum(len(json.dumps(message[frame], default=str).encode()) for frame in frames)
    return encoded + sum(map(len, message["buffers"]))


def seen(kernel: Kernel, code: str, *, clicks: bool) -> dict[str, float]:
    """Run a cell; return its milliseconds of CPU, its messages and their bytes."""
    sent: Counter[str] = Counter(messages=0, bytes=0)

    def count(message: dict[str, Any]) -> None:
        if message["msg_type"] == "comm_msg":
            sent.update(messages=1, bytes=size(message))

    kernel.run("began = time.process_time()")
    kernel.run(code, on_message=count, clicks=clicks)
    seconds = kernel.run("", "time.process_time() - began")
    return {"cpu": 1000 * seconds, **sent}


def cost(train: Callable[[int], dict[str, float]], few: int, rounds: int) -> dict[str, float]:
    """Return the cost of an epoch: that of `rounds` more rounds, which leaves out start and end."""
    short, long = train(few), train(few + rounds)
    more = {name: long[name] - short[name] for name in long}
    epochs = rounds * EPOCHS
    return {
        "cpu": more["cpu"] / epochs,
        "messages": more["messages"] / epochs,
        "bytes": more["bytes"] / max(more["messages"], 1),
    }


def scan(kernel: Kernel, options: str, rounds: int) -> dict[str, float]:
    kernel.run(f"params = {{'scale': [1 + i / 10 for i in range({rounds})]}}")
    cell = f"%%talos_scan live --fresh -p params --seed 1 {options}\n{CELL}"
    return seen(kernel, cell, clicks=True)


def rival(kernel: Kernel, drawing: str, rounds: int) -> dict[str, float]:
    kernel.run(f"ROUNDS = {rounds}\n{drawing}")
    return seen(kernel, LOOP, clicks=False)


def run(quick: bool) -> list[Figure]:
    few, rounds, repeats = (1, 1, 1) if quick else (2, 10, 2)
    rivals = {name: RIVALS[name] for name in ("nothing", HTML_WIDGET)} if quick else RIVALS
    with ExitStack() as stack:
        requests = {}
        for name, options in {OURS: "", f"{OURS} -q": "-q"}.items():
            kernel = stack.enter_context(Kernel(SETUP))
            scan(kernel, options, 1)
            requests[name] = partial(cost, partial(scan, kernel, options), few, rounds)
        for name, drawing in rivals.items():
            kernel = stack.enter_context(Kernel(SETUP))
            rival(kernel, drawing, 1)
            requests[name] = partial(cost, partial(rival, kernel, drawing), few, rounds)
        repeated = alternate(requests, repeats)
    costs = {
        name: {key: least(results, key) for key in results[0]} for name, results in repeated.items()
    }
    bare = dict.fromkeys(rivals, costs["nothing"]["cpu"]) | {OURS: costs[f"{OURS} -q"]["cpu"]}
    drawn = {name: of["cpu"] - bare.get(name, of["cpu"]) for name, of in costs.items()}
    show(
        f"Live view: an epoch of {1000 * EPOCH_SECONDS:.0f} ms, {rounds} rounds of {EPOCHS},"
        f" minima of {repeats} repeats",
        ["drawn by", "CPU ms an epoch", "beside HTML", "messages an epoch", "bytes a message"],
        [
            (
                name,
                f"{drawn[name]:.2f}",
                f"{drawn[name] / drawn[HTML_WIDGET]:.2f}",
                f"{costs[name]['messages']:.2f}",
                f"{costs[name]['bytes']:.0f}",
            )
            for name in costs
            if name not in ("nothing", f"{OURS} -q")
        ],
    )
    ours = costs[OURS]
    return [
        Figure(
            "live view: CPU an epoch, beside ipywidgets.HTML", drawn[OURS] / drawn[HTML_WIDGET], AIM
        ),
        Figure("live view: bytes a message", ours["bytes"], 700),
        Figure("live view: messages a second", ours["messages"] / EPOCH_SECONDS, 10),
    ]


if __name__ == "__main__":
    start(run, __doc__)
