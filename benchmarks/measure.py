"""What the benchmarks share: fresh processes, real kernels, alternating repeats and tables."""

import argparse
import ast
import functools
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
    """One number of ours and the most that it may be."""

    name: str
    value: float
    aim: float

    def row(self) -> tuple[str, str, str, str]:
        met = "yes" if self.value <= self.aim else "NO"
        return self.name, f"{self.value:.2f}", f"<= {self.aim:g}", met


def fresh(setup: str, expression: str) -> Any:
    """Run `setup` in a new Python and return what `expression` is there."""
    code = f"{setup}\nimport json\nprint()\nprint(json.dumps({expression}))"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=ENV, capture_output=True, text=True
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


class Kernel:
    """A real ipykernel in a folder of its own, kept alive to run one cell a request.

    `setup` is sent and not waited for, so that kernels started in a row import side by side.
    """

    def __init__(self, setup: str) -> None:
        # Imported here, because the measured processes import this file too.
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
        """Run `code` as a cell and return what `expression` is after it.

        Where somebody can click, a live view is shown and its messages are acknowledged.
        """

        def hear(message: dict[str, Any]) -> None:
            on_message(message)
            data = message["content"].get("data", {})
            number = (data.get("content") or {}).get("number")
            if clicks and number is not None:
                self._tell(message["content"]["comm_id"], {"ask": "seen", "number": number})

        reply = self._client.execute_interactive(
            code,
            user_expressions={"value": f"__import__('json').dumps({expression})"},
            allow_stdin=clicks,
            output_hook=hear,
        )["content"]
        value = reply.get("user_expressions", {}).get("value", reply)
        if value["status"] != "ok":
            raise RuntimeError("\n".join(value["traceback"]))
        return json.loads(ast.literal_eval(value["data"]["text/plain"]))

    def _tell(self, comm: str, content: dict[str, Any]) -> None:
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
    """Measure A B C A B C ..., so that a busy minute of the machine hits all alike."""
    seen: dict[str, list[T]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, measure in contenders.items():
            seen[name].append(measure())
    return seen


def least(repeats: Iterable[Mapping[str, Any]], key: str) -> float:
    """The minimum of one number over the repeats: noise only ever adds."""
    return min(float(repeat[key]) for repeat in repeats)


@functools.cache
def present(*contenders: str) -> list[str]:
    """The contenders without ours where it cannot be imported, which is then said."""
    try:
        fresh(f"from {OURS} import report, run_scan", "None")
    except RuntimeError as error:
        print(f"ours: not installed ({str(error).splitlines()[-1]})", flush=True)
        return [name for name in contenders if name != OURS]
    return list(contenders)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table whose columns line up in a terminal as well."""
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
    parser.add_argument("--quick", action="store_true", help="fewer rounds and repeats")
    return bool(parser.parse_args().quick)


def start(benchmark: Callable[[bool], list[Figure]], description: str | None) -> None:
    """What a script does when it runs alone."""
    show_figures(benchmark(wants_quick(description)))
