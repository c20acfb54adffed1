"""The arguments of ``python -m talos_magic``, in the words of the line magics."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import NoReturn

from talos_magic import COMPARED_KINDS, __version__

KINDS = ["all", *COMPARED_KINDS]
NAME = "experiment, for its newest scan, or NAME/SCAN (default: the newest of all)"
METRIC = "metric that ranks the rounds (default: the scan's)"


class Parser(ArgumentParser):
    """A parser that reports a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        """Print a message, and end the process with the status of a misuse."""
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help shows the options)\n")


def make_parser() -> Parser:
    """Return the parser of all subcommands."""
    common = Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON, nothing else")
    common.add_argument(
        "--dir",
        default=".",
        dest="root",
        type=_path,
        help="folder that holds the experiments (default: the working directory)",
    )
    parser = Parser(
        prog="python -m talos_magic",
        description="Read the scans on disk. Nothing in their folders is run.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, help_: str) -> ArgumentParser:
        return commands.add_parser(
            name, help=help_, description=help_, parents=[common], allow_abbrev=False
        )

    add("runs", "list the scans with their state, rounds and best round")
    best = add("best", "show the best round of a scan, its params and its model's file")
    best.add_argument("name", nargs="?", metavar="NAME", help=NAME)
    best.add_argument("-m", "--metric", help=METRIC)
    compare = add("compare", "list the findings on one or several scans, and plot their rounds")
    compare.add_argument("names", nargs="*", metavar="NAME", help=NAME)
    compare.add_argument(
        "-m", "--metric", action="append", default=[], help=f"{METRIC}, or two to weigh"
    )
    compare.add_argument("-k", "--kind", choices=KINDS, default="all", help="plot (default: all)")
    compare.add_argument(
        "-o", "--output", metavar="FILE", type=_path, help="file of the plot: plot.png"
    )
    export = add("export", "write a scan's table, a page, or a script of its best round")
    export.add_argument("name", nargs="?", metavar="NAME", help=NAME)
    export.add_argument(
        "file", metavar="FILE", type=_path, help="such as scan.csv, scan.html or best.py"
    )
    export.add_argument("-m", "--metric", help=METRIC)
    add("doctor", "show versions, GPUs and what to do about what does not work")
    return parser


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser().resolve()
    except RuntimeError as error:  # ~user without such a user
        raise ArgumentTypeError(f"{text}: {error}") from None
