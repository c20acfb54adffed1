"""What README and the pages of docs tell a reader to type runs; what cannot run here says why."""

import importlib.util
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from packaging.requirements import Requirement
from traitlets.config import Config

import talos_magic
from talos_magic.command.parser import make_parser
from talos_magic.experiment.option_table import OPTIONS

from .pages import PAGES, README, REPOSITORY, fences, runnable

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = "https://github.com/talos-magic/talos-magic"
SITE = "https://talos-magic.github.io/talos-magic/"
NEEDS = {"coming_from_keras_tuner": "keras_tuner"}  # what only the benchmarks install
ELSEWHERE = {"training_loops"}  # tests/examples and tests/backends run both of its loops
SLOW = {  # train with Keras, as README does
    "coming_from_keras_tuner",
    "coming_from_optuna",
    "coming_from_talos",
    "how_a_cell_becomes_a_function",
    "long_scans",
    "trackers",
    "tutorial",
}
WITH_CODE = [
    pytest.param(page, id=page.stem, marks=[pytest.mark.long] if page.stem in SLOW else [])
    for page in PAGES
    if runnable(page, "python") and page.stem not in ELSEWHERE
]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython in this process, in an empty folder, so that Keras is imported once for all pages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras_tuner.*")  # and the next one, its own
@pytest.mark.filterwarnings("ignore:Skipping variable loading:UserWarning")
@pytest.mark.parametrize("page", WITH_CODE)
def test_the_cells_of_a_page_run_in_their_order(page: Path, shell: InteractiveShell) -> None:
    if page.stem in NEEDS:
        pytest.importorskip(NEEDS[page.stem])
    for cell in runnable(page, "python"):
        shell.run_cell(cell).raise_error()


def test_blocks_are_of_a_language_that_is_tested_or_of_text() -> None:
    languages = {fence.language for page in PAGES for fence in fences(page)}
    assert languages <= {"python", "sh", "json", "text"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_exist(page: Path, shell: InteractiveShell) -> None:
    for code in runnable(page, "sh"):
        for line in code.replace("\\\n", "").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                check_command(words)


def check_command(words: list[str]) -> None:
    """Fail if there is no such command here."""
    program, *arguments = Path(words[0]).name, *words[1:]
    if program == "make":
        makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
        assert re.search(rf"^[\w ]*\b{arguments[0]}\b[\w ]*:", makefile, re.MULTILINE), arguments
    elif program == "pip":
        assert arguments[0] == "install"
        check_requirement(Requirement(arguments[-1]))
    elif program == "git":
        assert arguments == ["clone", ADDRESS]
    elif program == "cd":
        assert arguments == ["talos-magic"]
    elif program in ("python", "python3"):
        assert arguments[0] == "-m"
        assert importlib.util.find_spec(arguments[1]), arguments
        if arguments[1] == "talos_magic":
            make_parser().parse_args(arguments[2:])
    else:
        command = f"{program}-{arguments[0]}" if program == "jupyter" else program
        assert shutil.which(command, path=Path(sys.executable).parent), words


def check_requirement(requirement: Requirement) -> None:
    """Fail if it is not this project, or has an extra that the project lacks."""
    assert requirement.name == PROJECT["name"]
    assert requirement.extras <= PROJECT["optional-dependencies"].keys()
    assert requirement.url == f"git+{ADDRESS}"


def test_the_pages_name_only_options_that_exist() -> None:
    known = {flag for option in OPTIONS.values() for flag in option.flags}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for line in re.findall(r"^%%talos_scan(.*)$|`%%talos_scan([^`]*)`", text, re.MULTILINE):
            for flag in re.findall(r"(?<!\S)--?[a-z][a-z_-]*", "".join(line)):
                assert flag in known | {"--round_limit"}, f"{page.name}: {flag}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_addresses_of_this_project_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path, anchor in re.findall(rf"{ADDRESS}/blob/main/([\w./-]+)(?:#([\w-]+))?", text):
        target = REPOSITORY / path
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"
    for path in re.findall(rf"{SITE}([\w/-]+)/", text):
        assert (REPOSITORY / "docs" / f"{path}.md").exists() or (
            REPOSITORY / f"{path}.ipynb"
        ).exists(), path


def anchors(page: Path) -> set[str]:
    """Return the names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_reference_has_every_public_name() -> None:
    text = (REPOSITORY / "docs" / "python.md").read_text(encoding="utf-8")
    shown = {path.rpartition(".")[2] for path in re.findall(r"^::: ([\w.]+)$", text, re.MULTILINE)}
    extension = {"load_ipython_extension", "unload_ipython_extension"}  # %load_ext calls them
    assert shown == {*talos_magic.__all__} - extension


def test_readme_stays_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150
