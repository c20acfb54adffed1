"""Presses Tab in IPython; as a script, in that of another environment: cells in, matches out."""

from __future__ import annotations

import json
import sys
from typing import Any

CURSOR = "¦"


def press_tab(shell: Any, cell: str) -> list[str]:
    """Return the texts that the cell's line could have, from the start of the token to the cursor.

    The cursor is at ¦, or at the end.
    """
    from IPython.core.completer import provisionalcompleter

    before, _, after = cell.partition(CURSOR)
    with provisionalcompleter():
        found = list(shell.Completer.completions(before + after, len(before)))
    return [completion.text for completion in found]


if __name__ == "__main__":
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    given = json.load(sys.stdin)
    shell.run_cell(given["setup"]).raise_error()
    heavy = sorted({"keras", "pandas", "talos", "tensorflow"} & sys.modules.keys())
    print(json.dumps([press_tab(shell, cell) for cell in given["cells"]]))
    print(json.dumps(heavy))
