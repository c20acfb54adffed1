"""Runs a subcommand, and prints its answer or one line on what was wrong."""

import json
import sys
from collections.abc import Sequence

from talos_magic.command import subcommands
from talos_magic.command.answer import Answer
from talos_magic.command.parser import make_parser
from talos_magic.errors import InvalidInputError, ScanError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the status of the process: 2 for a misuse, 1 for no answer."""
    options = make_parser().parse_args(arguments)
    try:
        answer: Answer = getattr(subcommands, options.command)(options)
    except ScanError as error:
        print(f"talos_magic: {error}", file=sys.stderr)
        return 2 if isinstance(error, InvalidInputError) else 1
    print(json.dumps(answer.json, indent=2, allow_nan=False) if options.json else answer.text)
    return answer.status
