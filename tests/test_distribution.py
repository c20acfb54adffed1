"""What is published: the source distribution, and the wheel that is built from it."""

import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

import talos_magic

REPOSITORY = Path(__file__).parents[1]
PAPERS = {
    *("README.md", "BENCHMARKS.md", "CHANGELOG.md", "CITATION.cff"),
    *("CONTRIBUTING.md", "LICENSE", "SECURITY.md"),
}
MADE = {"pyproject.toml", "PKG-INFO", ".gitignore"}  # by hatchling
FOLDERS = {"talos_magic", "tests", "examples", "docs", "mkdocs.yml", "Makefile"}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", folder, REPOSITORY]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("*.whl")
    return wheel


def test_the_wheel_has_the_package_and_nothing_else(wheel: Path) -> None:
    package = REPOSITORY / "talos_magic"
    files = {
        path.relative_to(REPOSITORY).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "talos_magic/live/page/view.js" in files
    with ZipFile(wheel) as opened:
        packed = set(opened.namelist())
    about = {name for name in packed if name.partition("/")[0].endswith(".dist-info")}
    assert packed - about == files
    assert any(name.endswith("licenses/LICENSE") for name in about)


def test_the_source_distribution_has_what_tests_and_docs_need(dist: Path) -> None:
    (source,) = dist.glob("*.tar.gz")
    with tarfile.open(source) as opened:
        names = {Path(name).parts[1:] for name in opened.getnames()}
    assert {parts[0] for parts in names} == PAPERS | MADE | FOLDERS
    assert ("tests", "conftest.py") in names
    assert not {part for parts in names for part in parts} & {"artifacts", "__pycache__"}


def test_the_version_is_the_same_everywhere(wheel: Path, tmp_path: Path) -> None:
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--target", tmp_path, wheel], check=True)
    code = "from importlib.metadata import version; print(version('talos_magic'))"
    installed = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert installed.stdout.strip() == talos_magic.__version__
    assert version("talos_magic") == talos_magic.__version__
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert talos_magic.__version__ in changes.split("\n### ", 1)[0]
