"""A Jupyter server for the browser tests, with folders and settings of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from .colab import REPOSITORY, colab_python

# JupyterLab, Notebook 7, and the classic Notebook with the versions that Google Colab ships.
Kind = Literal["lab", "notebook", "colab"]

TOKEN = "browser-tests"
COMMANDS: dict[Kind, list[str]] = {
    "lab": ["jupyterlab", "--expose-app-in-browser"],
    "notebook": ["notebook", "--expose-app-in-browser"],
    "colab": ["notebook"],
}

# The news and update toasts would cover the page's corner. Every cell stays in the page whatever
# the scroll position, so that the n-th cell on the page is the notebook's n-th cell.
SETTINGS: dict[str, dict[str, object]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


class JupyterServer:
    """A Jupyter server on a free port, with settings of its own, for the notebooks in a folder.

    Its kernels are of the environment's ipykernel, or of the one that lies in another folder.
    """

    def __init__(self, root: Path, kind: Kind = "lab", ipykernel: Path | None = None) -> None:
        self.root = root
        self.kind = kind
        self._path = [REPOSITORY] if ipykernel is None else [ipykernel, REPOSITORY]
        self.port = _free_port()
        # A kernel may write its last files here while the folder is being removed.
        self._home = tempfile.TemporaryDirectory(prefix="jupyter-", ignore_cleanup_errors=True)
        self._log = Path(self._home.name, "server.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self, timeout: float = 60) -> None:
        """Start the server and wait until it answers."""
        self._write_settings()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.root,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_it_answers(time.monotonic() + timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, which shuts its kernels down, and remove its private folder."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._home.cleanup()

    def url(self, notebook: Path) -> str:
        """Address of a notebook; each has a workspace of its own, so that none opens another."""
        path = notebook.relative_to(self.root).as_posix()
        workspace = re.sub(r"\W+", "-", path)
        page = f"lab/workspaces/{workspace}/tree" if self.kind == "lab" else "notebooks"
        return f"http://127.0.0.1:{self.port}/{page}/{quote(path)}?token={TOKEN}"

    def log_tail(self, characters: int = 3000) -> str:
        return self._log.read_text(errors="replace")[-characters:]

    def _command(self) -> list[str | Path]:
        python = colab_python() if self.kind == "colab" else sys.executable
        return [
            python,
            "-m",
            *COMMANDS[self.kind],
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={self.port}",
            "--port-retries=0",
        ]

    def _environment(self) -> dict[str, str]:
        """The caller's environment, less its own Jupyter set-up, with private folders."""
        home = Path(self._home.name)
        private = {
            "HOME": home,
            "IPYTHONDIR": home / "ipython",
            "JUPYTER_CONFIG_DIR": home / "config",
            "JUPYTER_DATA_DIR": home / "data",
            "JUPYTER_RUNTIME_DIR": home / "runtime",
            "JUPYTER_TOKEN": TOKEN,
            # The stand-in's environment does not contain the package itself.
            "PYTHONPATH": os.pathsep.join(map(str, self._path)),
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
        return inherited | {name: str(value) for name, value in private.items()}

    def _write_settings(self) -> None:
        folder = Path(self._home.name, "config", "lab", "user-settings", "@jupyterlab")
        for plugin, settings in SETTINGS.items():
            file = folder / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))

    def _wait_until_it_answers(self, deadline: float) -> None:
        while not self._answers():
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"the Jupyter server died:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"the Jupyter server does not answer:\n{self.log_tail()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/api")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
