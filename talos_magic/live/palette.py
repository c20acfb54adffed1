"""The colours of the page and of the picture, from page/palette.json.

"light" and "dark" are for the page's themes, "both" can be read on white and on black: a saved
picture cannot know the theme of its notebook.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PALETTE: Mapping[str, Any] = json.loads(
    Path(__file__).with_name("page").joinpath("palette.json").read_text(encoding="utf-8")
)
LIGHT: Mapping[str, str] = PALETTE["light"]
BOTH: Mapping[str, str] = PALETTE["both"]


def css_variables() -> str:
    """Return a rule that declares the colours, e.g. ``--talos-light-best``."""
    declared = (
        f"--talos-{theme}-{name}: {colour};"
        for theme in ("light", "dark", "both")
        for name, colour in PALETTE[theme].items()
    )
    return f".talos-live {{ {' '.join(declared)} }}"
