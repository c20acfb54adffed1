"""The page's modules, put together."""

import re
from collections import Counter

import pytest

from talos_magic.live.assets import PAGE, page_source

ENTRIES = ("view.js", "picture.js", "kernel.js")  # each a widget's or a picture's script


@pytest.mark.parametrize("name", ENTRIES)
def test_a_script_has_each_of_its_modules_once(name: str) -> None:
    source = page_source(name)
    assert "import {" not in source
    assert source.count("export default") == 1
    firsts = [module.read_text(encoding="utf-8").splitlines()[0] for module in PAGE.glob("*.js")]
    assert all(source.count(first) <= 1 for first in firsts)


def test_every_module_is_part_of_a_script() -> None:
    sources = "".join(map(page_source, ENTRIES))
    for module in PAGE.glob("*.js"):
        assert module.read_text(encoding="utf-8").splitlines()[0] in sources, module.name


@pytest.mark.parametrize("name", ENTRIES)
def test_names_are_unique_among_the_modules(name: str) -> None:
    names = re.findall(r"^(?:function|const|let|class) (\w+)", page_source(name), re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert names


@pytest.mark.parametrize("name", ENTRIES)
def test_nothing_is_html_or_comes_from_elsewhere(name: str) -> None:
    source = page_source(name)
    source = source.replace("http://www.w3.org/2000/svg", "")  # a name, no address
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http"):
        assert word not in source


def test_what_a_module_imports_the_other_exports() -> None:
    for module in PAGE.glob("*.js"):
        text = module.read_text(encoding="utf-8")
        for names, other in re.findall(r'import \{([^}]*)\} from "\./([\w.]+)"', text):
            exported = (PAGE / other).read_text(encoding="utf-8")
            for name in names.replace(",", " ").split():
                assert re.search(rf"export (function|const) {name}\b", exported), (name, other)
                assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{module.name}: unused {name}"
