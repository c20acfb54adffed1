"""The page's modules, put together."""

import re
from collections import Counter

from talos_magic.live.assets import PAGE, page_source


def test_every_module_is_part_of_the_page_once() -> None:
    source = page_source()
    assert "import {" not in source
    assert source.count("export default") == 1
    for module in PAGE.glob("*.js"):
        first = module.read_text(encoding="utf-8").splitlines()[0]
        assert source.count(first) == 1, module.name


def test_names_are_unique_among_the_modules() -> None:
    names = re.findall(r"^(?:function|const|let|class) (\w+)", page_source(), re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(names) > 50


def test_nothing_is_html_or_comes_from_elsewhere() -> None:
    source = page_source()
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
