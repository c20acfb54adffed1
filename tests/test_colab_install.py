"""An install of our wheel in Google Colab replaces none of its core packages."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
CONSTRAINTS = Path(__file__).with_name("colab-constraints.txt")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    python("uv", "build", "--wheel", "--quiet", "--out-dir", str(folder), str(REPOSITORY))
    (built,) = folder.glob("*.whl")
    return built


def python(*arguments: str, given: str = "") -> str:
    command = [sys.executable, "-m", *arguments]
    ran = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_colabs_own_versions_satisfy_the_wheel(wheel: Path) -> None:
    """There is a set of packages for Colab's Python with every one of its versions in it."""
    colab = ["--python-version", "3.13", "--python-platform", "linux", "--only-binary", ":all:"]
    options = ["--constraint", str(CONSTRAINTS), "--no-header", "--no-annotate", "--quiet"]
    resolve = ["uv", "pip", "compile", "-", *colab, *options]
    chosen = versions(python(*resolve, given=f"talos-magic @ {wheel.as_uri()}"))
    pinned = versions(CONSTRAINTS.read_text())
    needed = {name: version for name, version in pinned.items() if name in chosen}
    assert {name: chosen[name] for name in needed} == needed
    core = {"ipython", "ipywidgets", "traitlets", "keras", "matplotlib", "numpy", "pandas"}
    assert core | {"tensorflow", "talos"} <= chosen.keys()


def versions(requirements: str) -> dict[str, str]:
    return dict(line.split("==") for line in requirements.splitlines() if "==" in line)
