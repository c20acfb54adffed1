"""What a subcommand prints."""

from typing import Any, NamedTuple


class Answer(NamedTuple):
    """The answer of a subcommand, as text and as values that JSON can hold."""

    text: str
    json: Any
    status: int = 0  # of the process
