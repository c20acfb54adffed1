"""The page's JavaScript as the one text that a widget takes.

On disk it is a folder of small ES modules. A widget can have but one, so they are put one behind
the other, each after those that it imports; names are unique among them, which a test checks.
"""

import re
from pathlib import Path

PAGE = Path(__file__).with_name("page")
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def page_source(name: str = "view.js") -> str:
    """Join a module of the page with all that it needs.

    Parameters
    ----------
    name : str
        The module's file.

    Returns
    -------
    str
        An ES module without imports.

    Examples
    --------
    >>> "import {" in page_source(), page_source().count("export default")
    (False, 1)
    """
    texts: dict[str, str] = {}
    _add(name, texts)
    return "\n".join(texts.values())


def style_source() -> str:
    """The page's style sheets as one."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(PAGE.glob("*.css")))


def _add(name: str, texts: dict[str, str]) -> None:
    source = (PAGE / name).read_text(encoding="utf-8")
    for needed in IMPORT.findall(source):
        if needed not in texts:
            _add(needed, texts)
    texts[name] = EXPORT.sub("", IMPORT.sub("", source))
