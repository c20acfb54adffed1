"""A virtual environment with all trackers: they bring many packages, and some older ones."""

import platform
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def python_with_trackers() -> Path:
    """Return its Python; the environment is made on first use, and again for other requirements."""
    environment = REPOSITORY / ".venv.trackers"
    python = environment / "bin" / "python"
    mark = environment / "complete.txt"
    wanted = f"# Python {platform.python_version()}\n{(REPOSITORY / 'pyproject.toml').read_text()}"
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python]
        subprocess.run([*install, "--editable", f"{REPOSITORY}[trackers]"], check=True)
        mark.write_text(wanted)
    return python
