"""The blocks of code of README and the pages of docs."""

import re
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
PAGES = [README, *sorted((REPOSITORY / "docs").glob("*.md"))]
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>.+?) -->\n)?```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


class Fence(NamedTuple):
    """A block of code, and why it cannot run here, if so."""

    language: str
    code: str
    reason: str | None


def fences(page: Path) -> list[Fence]:
    """Return the blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    found = [Fence(m["language"], m["code"], m["reason"]) for m in FENCE.finditer(text)]
    assert text.count("```") == 2 * len(found), f"{page.name}: a fence is not at a line's start"
    reasons = [fence.reason for fence in found if fence.reason]
    assert text.count("<!-- not run") == len(reasons), f"{page.name}: a reason lacks its fence"
    return found


def runnable(page: Path, language: str) -> list[str]:
    """Return the code of the blocks of a language that can run here."""
    found = fences(page)
    return [fence.code for fence in found if fence.language == language and not fence.reason]
