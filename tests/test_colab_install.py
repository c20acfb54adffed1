"""pip install of our wheel in Google Colab replaces none of its core packages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
CONSTRAINTS = Path(__file__).with_name("colab-constraints.txt")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(REPOSITORY))
    (built,) = folder.glob("*.whl")
    return built


def pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_colabs_own_versions_satisfy_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """pip finds a set of packages for Colab's Python with every one of its versions in it."""
    report = tmp_path / "report.json"
    resolve = ["install", "--dry-run", "--ignore-installed", "--report", str(report)]
    python = ["--python-version", "3.13", "--only-binary=:all:", "--target", str(tmp_path)]
    pip(*resolve, *python, "--constraint", str(CONSTRAINTS), str(wheel))
    chosen = {
        package["metadata"]["name"].lower().replace("_", "-"): package["metadata"]["version"]
        for package in json.loads(report.read_text())["install"]
    }
    pinned = dict(line.split("==") for line in CONSTRAINTS.read_text().splitlines() if "==" in line)
    needed = {name: version for name, version in pinned.items() if name in chosen}
    assert {name: chosen[name] for name in needed} == needed
    core = {"ipython", "ipywidgets", "traitlets", "keras", "matplotlib", "numpy", "pandas"}
    assert core | {"tensorflow", "talos-magic", "talos"} <= chosen.keys()


def test_the_wheel_has_the_page_and_the_styles(wheel: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "--list", wheel],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for file in ("live/page/view.js", "live/page/view.css", "editor/editor.css", "editor/code.js"):
        assert f"talos_magic/{file}" in listed
