"""Other versions of ipykernel, each in a folder of its own in front of the environment's."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".venv.ipykernel"

# 6.17, which Colab has, and 6.31 run all messages in one thread; 7.0 to 7.3 run widgets' in a
# subshell, where the page asks for one, and 7.4 in the main shell again.
OTHERS = ("6.17.1", "6.31.0", "7.0.1", "7.3.0")


def folder_of(version: str) -> Path:
    """Where a version lies; it is installed on first use."""
    folder = FOLDER / version
    if not (folder / f"ipykernel-{version}.dist-info").exists():
        install = ["-m", "pip", "install", "-qq", "--no-deps", "--target", folder]
        subprocess.run([sys.executable, *install, f"ipykernel=={version}"], check=True)
    return folder
