"""A hook of MkDocs: fills in what the code says already, and shows the examples' notebooks.

A line ``<!-- options -->`` in a page becomes the table of options, ``<!-- magics -->`` the manuals
of the magics.
"""

import inspect
import json
import re
from pathlib import Path
from typing import Any

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

from talos_magic.experiment.option_table import OPTIONS
from talos_magic.magics.magics import TalosMagics

ROOT = Path(__file__).parents[1]
OUTSIDE_SCRIPT = re.compile(r'<script[^>]*\bsrc="https?://[^>]*>\s*</script>', re.DOTALL)


def options() -> str:
    """Return the options of a scan as a table."""
    rows = [
        f"| `{option.spelling}` | {_cell(option.help)} | {_cell(option.shown_default)} |"
        for option in OPTIONS.values()
    ]
    return "\n".join(["| option | meaning | default |", "|---|---|---|", *rows])


def magics() -> str:
    """Return the manual of each line magic: what IPython shows for ``%talos_best?``."""
    names = [name for name in TalosMagics.magics["line"] if name.startswith("talos_")]
    return "\n\n".join(map(_manual, names))


def _manual(name: str) -> str:
    text = inspect.cleandoc(getattr(TalosMagics, name).__doc__ or "")
    return f"## %{name}\n\n```text\n{inspect.cleandoc(text.removeprefix('::'))}\n```"


def _cell(text: str) -> str:
    """Escape what ends a cell of a table, and set names of options in type of their own."""
    text = text.replace("|", "\\|")
    return re.sub(r"(?<![\w`])(--?[a-z][a-z-]*)", r"`\1`", text)


@event_priority(100)  # before the plugin that converts notebooks
def on_files(files: Any, config: Any) -> Any:
    """Add the examples' notebooks, which are beside this folder."""
    notebooks = sorted((ROOT / "examples").glob("*.ipynb"))
    for notebook in notebooks:
        name = f"examples/{notebook.name}"
        files.append(File(name, str(ROOT), config.site_dir, config.use_directory_urls))
    examples = next(entry for entry in config.nav if "Examples" in entry)
    examples["Examples"] = [{_title(path): f"examples/{path.name}"} for path in notebooks]
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in the generated parts of a page."""
    for mark, make in {"<!-- options -->": options, "<!-- magics -->": magics}.items():
        if mark in markdown:
            markdown = markdown.replace(mark, make())
    return markdown


def on_post_page(output: str, **_: Any) -> str:
    """Take out scripts of other servers: the notebooks' template asks for MathJax."""
    return OUTSIDE_SCRIPT.sub("", output)


def _title(notebook: Path) -> str:
    first = "".join(json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"])
    return first.splitlines()[0].lstrip("# ").partition(":")[0]
