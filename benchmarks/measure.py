"""Shared by the benchmarks: fresh processes, real kernels, alternating repeats and tables."""

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

HERE = Path(__file__).resolve().parent
# The package measured is the one beside these scripts, whatever else is installed.
PATH = [str(HERE), str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
ENV = os.environ | {
    "PYTHONPATH": os.pathsep.join(PATH),
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}
OURS = "talos_magic"
T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One measured number and its upper limit."""

    name: str
    value: float
    aim: float

    def row(self) -> tuple[str, str, str, str]:
        met = "yes" if self.value <= self.aim else "NO"
        return self.name, f"{self.value:.2f}", f"<= {self.aim:g}", met


def fresh(setup: str, expression: str) -> Any:
    """Run `setup` in a new Python process and return the value of `expression`."""
    code = f"{setup}\nimport json\nprint()\nprint(json.dumps({expression}))"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=ENV, capture_output=True, text=True
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


class Kernel:
    """An ipykernel in a folder of its own that runs one cell a call.

    `setup` is sent without waiting, so that kernels started in a row import in parallel.
    """

    def __init__(self, setup: str) -> None:
        # Imported here to keep it out of the measured processes, which import this file too.
        from jupyter_client.manager import start_new_kernel

        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._manager, self._client = start_new_kernel(
            cwd=self._folder.name, env=ENV, stderr=subprocess.DEVNULL
        )
        self._client.execute(setup)

    def run(
        self,
        code: str,
        expression: str = "None",
        on_message: Callable[[dict[str, Any]], object] = lambda _: None,
        *,
        clicks: bool = False,
    ) -> Any:
        """Run `code` as a cell and return the value of `expression` after it.

        With `clicks`, act as a page that shows the live view and acknowledges its messages.
        """

        def receive(message: dict[str, Any]) -> None:
            on_message(message)
            data = message["content"].get("data", {})
            if clicks and "_esm" in data.get("state", {}):  # it has loaded the widget
                self._send(message["content"]["comm_id"], {"type": "here"})
            number = (data.get("content") or {}).get("number", 1)
            if clicks and number % 20 == 0:
                self._send(message["content"]["comm_id"], {"type": "seen", "number": number})

        reply = self._client.execute_interactive(
            code,
            user_expressions={"value": f"__import__('json').dumps({expression})"},
            allow_stdin=clicks,
            output_hook=receive,
        )["content"]
        value = reply.get("user_expressions", {}).get("value", reply)
        if value["status"] != "ok":
            raise RuntimeError("\n".join(value["traceback"]))
        return json.loads(ast.literal_eval(value["data"]["text/plain"]))

    def _send(self, comm: str, content: dict[str, Any]) -> None:
        data = {"comm_id": comm, "data": {"method": "custom", "content": content}}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", data))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._folder.cleanup()


def alternate(contenders: Mapping[str, Callable[[], T]], repeats: int) -> dict[str, list[T]]:
    """Measure in the order A B C A B C ..., so that a busy minute affects all contenders alike."""
    seen: dict[str, list[T]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, measure in contenders.items():
            seen[name].append(measure())
    return seen


def least(repeats: Iterable[Mapping[str, Any]], key: str) -> float:
    """Return the minimum of one number over the repeats: noise only adds."""
    return min(float(repeat[key]) for repeat in repeats)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table with aligned columns."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    print(f"\n{title}\n\n{table(head, rows)}\n", flush=True)


def show_figures(figures: Iterable[Figure]) -> None:
    show("Figures and aims", ["figure", "value", "aim", "met?"], [one.row() for one in figures])


def wants_quick(description: str | None) -> bool:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="only see that it runs")
    return bool(parser.parse_args().quick)


def start(benchmark: Callable[[bool], list[Figure]], description: str | None) -> None:
    """Run one benchmark as a script."""
    show_figures(benchmark(wants_quick(description)))
