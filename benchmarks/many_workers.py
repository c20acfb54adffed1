"""A thousand rounds at once, as a large cluster would train them: what the limit is.

The workers are threads of a real Dask cluster that train nothing: they tell an epoch a second. What
the kernel, the scheduler, and the page in Chromium take is measured at once.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from measure import ENV, HERE, OURS, Figure, Kernel, show, start

EPOCHS = 5
EPOCH_SECONDS = 1.0
PROCESSES = 4
NAME = "simulated"
SIMULATED = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
import {OURS}.workers.trainer
from many_workers import PROCESSES, Watch, simulated
{OURS}.workers.trainer.train_round = simulated
%load_ext {OURS}
params = {{"scale": list(range(2 * PROCESSES))}}
"""
CELL = """%%talos_scan {name} --fresh -p params --seed 1 --keep none --cluster {address}
return {{"loss": [params["scale"]]}}, None
"""
WATCH_SCAN = """
params = {{"scale": list(range({rounds}))}}
watch = Watch({processes})
"""
SEEN = "watch.seen()"
FRAMES = ("frame, median", "95th percentile", "frames missed")


class Watch:
    """What a scan takes from now on: rounds a second on disk, and cores of each kind of process."""

    def __init__(self, processes: dict[str, list[int]]) -> None:
        self._processes = {"kernel": [os.getpid()], **processes}
        self._before = self._worked()
        self._began = time.perf_counter()

    def seen(self) -> dict[str, float]:
        seconds = time.perf_counter() - self._began
        records = Path(NAME).rglob("round_data.jsonl")
        recorded = sum(path.read_text().count("\n") for path in records)
        cores = {
            name: (worked - self._before[name]) / seconds for name, worked in self._worked().items()
        }
        return {"rounds": recorded / seconds, **cores}

    def _worked(self) -> dict[str, float]:
        """Return the seconds of CPU that each kind of process has taken."""
        import psutil

        return {
            name: sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)
            for name, pids in self._processes.items()
        }


def simulated(topic: str, key: str, order: bytes, *_package: Any) -> Any:
    """Tell a round's epochs by the clock, in place of the relay that has a process train them."""
    import pickle

    from distributed import get_worker

    from talos_magic.workers.messages import Ended

    worker = get_worker()
    worker.log_event(topic, (key, {"began": worker.address}))
    scale = pickle.loads(order).values["scale"]
    curves: dict[str, list[float]] = {"loss": [], "val_loss": []}
    for epoch in range(EPOCHS):
        time.sleep(EPOCH_SECONDS)
        loss = (1 + scale % 7) / (epoch + 1)
        metrics = {"loss": loss, "val_loss": 1.1 * loss}
        for name, value in metrics.items():
            curves[name].append(value)
        worker.log_event(topic, (key, {"told": [("epoch", epoch, metrics)]}))
    return Ended("done", curves=curves, history=curves)


@contextmanager
def dask_cluster(threads: int) -> Iterator[tuple[str, dict[str, list[int]]]]:
    """Start a scheduler and workers; yield its address and the processes of both."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, ExitStack() as stack:

        def dask(*arguments: str) -> int:
            command = [sys.executable, "-m", "dask", *arguments]
            process = subprocess.Popen(
                command, cwd=folder, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process.pid

        file = str(Path(folder, "scheduler.json"))
        local = ["--host", "127.0.0.1", "--scheduler-file", file]
        scheduler = dask("scheduler", *local, "--port", "0", "--no-dashboard")
        workers = [
            dask("worker", *local, "--no-nanny", "--no-dashboard", "--nthreads", str(threads))
            for _ in range(PROCESSES)
        ]
        from distributed import Client

        with Client(scheduler_file=file, set_as_default=False, timeout=60) as client:
            client.wait_for_workers(PROCESSES, timeout=60)
            address = client.scheduler.address
        yield address, {"scheduler": [scheduler], "workers": workers}


def run(quick: bool) -> list[Figure]:
    threads, rounds = (5, 40) if quick else (250, 3000)
    at_once = PROCESSES * threads
    rows = []
    with dask_cluster(threads) as (address, processes):
        watch = WATCH_SCAN.format(rounds=rounds, processes=processes)
        for title, scan, quiet in (
            ("nobody", without_page, " -q"),
            ("a page in Chromium", in_page, ""),
        ):
            warm_up = CELL.format(name="warm_up -q", address=address)
            cell = CELL.format(name=NAME + quiet, address=address)
            seen, frames = scan([SIMULATED, warm_up, watch], cell)
            rate = f"{seen.pop('rounds'):.0f}"
            rows.append((title, rate, *(f"{cores:.2f}" for cores in seen.values()), *frames))
    show(
        f"{at_once} rounds at once of {EPOCHS} epochs of {EPOCH_SECONDS:.0f} s, which could be"
        f" {at_once / EPOCHS / EPOCH_SECONDS:.0f} rounds a second; CPU in cores,"
        " frames in milliseconds of work",
        ["seen by", "rounds a second", "kernel", "scheduler", "workers", *FRAMES],
        rows,
    )
    return []


def without_page(before: list[str], cell: str) -> tuple[dict[str, float], list[str]]:
    with Kernel("") as kernel:
        for code in (*before, cell):
            kernel.run(code)
        return kernel.run("", SEEN), [""] * len(FRAMES)


def in_page(before: list[str], cell: str) -> tuple[dict[str, float], list[str]]:
    """Run the scan in JupyterLab, with its view in sight."""
    # Imported here to keep it out of the measured processes, which import this file too.
    from frames import CHROMIUM, FLAGS, TAKE, WATCH, frame_times
    from playwright.sync_api import sync_playwright

    from tests.browser.front_end import write_notebook
    from tests.browser.lab import LabPage
    from tests.browser.server import JupyterServer

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as chromium,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        JupyterServer(Path(root)) as server,
    ):
        path = Path(root, "notebook.ipynb")
        write_notebook(path, [*before, cell, f"import json; print(json.dumps({SEEN}))"])
        page = LabPage(chromium.new_page(), server, path)
        try:
            page.open()
            page.page.evaluate(WATCH)
            for index in range(len(before)):
                page.run(index)
                page.wait_done(index, timeout=120)
            page.page.evaluate(TAKE)
            page.run(len(before))
            page.wait_done(len(before), timeout=600)
            *frames, _late = frame_times(page)
            page.run(len(before) + 1)
            page.wait_done(len(before) + 1)
            return json.loads(page.output_text(len(before) + 1)), frames
        finally:
            page.close()


if __name__ == "__main__":
    start(run, __doc__)
