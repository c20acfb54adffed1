"""The rooms of the package, and which may import which: CONTRIBUTING.md has the map."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import talos_magic

PACKAGE = Path(talos_magic.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
TOP = {"__init__", "__main__", "errors", "formatting"}

CONTRIBUTING = Path(__file__).parents[1] / "CONTRIBUTING.md"
(MAP,) = re.findall(r"```\n(command .*?)```", CONTRIBUTING.read_text(encoding="utf-8"), re.DOTALL)
# A room may import the rooms of the floors below its own.
FLOORS = [set(line.split()) for line in reversed(MAP.splitlines())]
# These have a floor below them that they do not need.
FORBIDDEN = {
    ("grid", "scan"),
    ("search", "training"),
    ("search", "storage"),
    ("live", "engine"),
    ("live", "resume"),
    ("editor", "engine"),
    ("editor", "resume"),
    ("jupyter", "grid"),
    ("jupyter", "storage"),
    ("jupyter", "training"),
}
OUTSIDE_SCAN = {"IPython", "ipywidgets", "anywidget", "matplotlib", "talos"}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__") or "__init__"


def imports(path: Path) -> Iterator[str]:
    """Modules that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def own_imports(path: Path) -> set[str]:
    found = {name.removeprefix("talos_magic.") for name in imports(path) if "talos_magic." in name}
    return found & {name_of(module) for module in MODULES}


def room_of(module: str) -> str:
    return module.partition(".")[0]


def floor_of(room: str) -> int:
    return next(floor for floor, rooms in enumerate(FLOORS) if room in rooms)


def test_every_folder_is_on_the_map() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == set.union(*FLOORS)


def test_at_most_four_files_lie_at_the_top() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} == TOP


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    module = name_of(path)
    if module in ("__init__", "__main__"):  # the front doors
        return
    for other in own_imports(path):
        above, below = room_of(module), room_of(other)
        if below in TOP or above == below:
            continue
        assert above not in TOP or below == "values", f"{module} imports {other}"
        assert (above, below) not in FORBIDDEN, f"{module} imports {other}"
        assert above in TOP or floor_of(below) < floor_of(above), f"{module} imports {other}"


def test_there_is_no_circle() -> None:
    left = {name_of(path): own_imports(path) for path in MODULES}
    while left:
        free = {name for name, needs in left.items() if not needs & left.keys()}
        assert free, f"these import each other: {sorted(left)}"
        left = {name: needs for name, needs in left.items() if name not in free}


@pytest.mark.parametrize("path", sorted((PACKAGE / "scan").glob("*.py")), ids=name_of)
def test_the_state_of_a_scan_needs_no_notebook(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imports(path)} & OUTSIDE_SCAN


def test_tests_mirror_the_rooms() -> None:
    tests = Path(__file__).parent
    modules = {name_of(path) for path in MODULES}
    for room in set.union(*FLOORS):
        for test in (tests / room).rglob("test_*.py"):
            about = test.relative_to(tests).with_suffix("").as_posix().replace("test_", "")
            module = about.replace("/", ".")
            assert module in modules or module in WHOLE_ROOM, f"{test.name} is about no module"


# Tests of a room as a whole.
WHOLE_ROOM = {
    "engine.conformance",
    "live.page_texts",
    "engine.talos_contract",
    "training.every_keras_part",
    "values.keras_expressions",
    "workers.gpus",
    "workers.lost_cluster",
    "workers.memory",
    "resume.checkpoints",
    "resume.in_flight",
    "resume.resumed_options",
    "resume.talos_run_folder",
    "search.continuous",
    "search.keras",
    "analysis.plots.plots",
    "analysis.plots.pictures",
}
