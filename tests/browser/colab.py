"""The virtual environment of the stand-in for Google Colab."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = REPOSITORY / ".venv.colab"
REQUIREMENTS = Path(__file__).with_name("colab.txt")


def colab_python() -> Path:
    """Its Python; the environment is made on first use, and again for other requirements."""
    python = ENVIRONMENT / "bin" / "python"
    mark = ENVIRONMENT / "complete.txt"
    wanted = f"# Python {platform.python_version()}\n{REQUIREMENTS.read_text()}"
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        install = ["-m", "uv", "pip", "install", "--quiet", "--no-deps", "--python", python]
        subprocess.run([sys.executable, *install, "--requirement", REQUIREMENTS], check=True)
        mark.write_text(wanted)
    return python


if __name__ == "__main__":
    colab_python()
