"""A line of the doctor."""

from collections.abc import Sequence
from enum import StrEnum, auto
from typing import NamedTuple


class State(StrEnum):
    """Whether something works: a note is on what is optional, or limited."""

    OK = auto()
    NOTE = auto()
    PROBLEM = auto()


class Finding(NamedTuple):
    """What was looked at, what was found, and what to do about it if it is not ok."""

    name: str
    found: str
    state: State = State.OK
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the finding as values that JSON can hold."""
        return {**self._asdict(), "state": str(self.state)}


def as_text(findings: Sequence[Finding]) -> str:
    """Return a table; the advice follows what was found."""
    names = max(len(each.name) for each in findings)
    lines = []
    for each in findings:
        text = " → ".join(filter(None, [each.found, each.advice]))
        lines.append(f"{each.state:7}  {each.name:{names}}  {text}")
    return "\n".join(lines)
