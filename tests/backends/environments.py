"""Virtual environments in which Keras has another backend, and TensorFlow is not installed."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGES = {"torch": "torch==2.13.0", "jax": "jax"}
# The package depends on TensorFlow; this takes it out.
OVERRIDE = Path(__file__).with_name("without_tensorflow.txt")


def python_of(backend: str) -> Path:
    """Return its Python; the environment is made on first use, and again for other requirements."""
    environment = REPOSITORY / f".venv.{backend}"
    python = environment / "bin" / "python"
    mark = environment / "complete.txt"
    project = (REPOSITORY / "pyproject.toml").read_text()
    wanted = f"# Python {platform.python_version()}\n# {PACKAGES[backend]}\n{project}"
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        # pip finds wheels of torch for CPUs where it is told a folder of them.
        subprocess.run([python, "-m", "pip", "install", "-qq", PACKAGES[backend]], check=True)
        install = ["-m", "uv", "pip", "install", "--quiet", "--python", python]
        chosen = ["--override", OVERRIDE, "--editable", REPOSITORY]
        subprocess.run([sys.executable, *install, *chosen], check=True)
        mark.write_text(wanted)
    return python


if __name__ == "__main__":
    for name in sys.argv[1:]:
        python_of(name)
