"""The page's JavaScript and CSS, each as one text: a widget takes no more than one.

On disk the JavaScript is a folder of small ES modules. Each is put behind those that it imports;
names are unique among them, which a test checks.
"""

import re
from pathlib import Path

from talos_magic.live.palette import css_variables

PAGE = Path(__file__).with_name("page")
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
JSON_IMPORT = re.compile(r'^import (\w+) from "\./([\w.]+)" with [^;]*;\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def page_source(name: str = "view.js") -> str:
    """Join a module of the page with all that it imports."""
    texts: dict[str, str] = {}
    _add(name, texts)
    return "\n".join(texts.values())


def style_source() -> str:
    """Join the page's style sheets, after the colours that they use."""
    sheets = (file.read_text(encoding="utf-8") for file in sorted(PAGE.glob("*.css")))
    return "\n".join([css_variables(), *sheets])


def _add(name: str, texts: dict[str, str]) -> None:
    source = _read(name)
    for needed in IMPORT.findall(source):
        if needed not in texts:
            _add(needed, texts)
    source = JSON_IMPORT.sub(lambda found: f"const {found[1]} = {_read(found[2])};\n", source)
    texts[name] = EXPORT.sub("", IMPORT.sub("", source))


def _read(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")
