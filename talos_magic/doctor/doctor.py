"""Examines the environment: what ``%talos_doctor`` and ``python -m talos_magic doctor`` show."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from talos_magic.doctor.finding import Finding, State
from talos_magic.formatting import format_bytes


def examine(root: Path, shell: Any = None) -> list[Finding]:
    """Find what works: `root` is to hold the scans, `shell` is that of a notebook, if any.

    Packages are imported in another process, so that a broken one does no harm here.
    """
    parts: dict[str, Callable[[], Iterable[Finding]]] = {
        "packages": _packages,
        "front end": partial(_front_end, shell),
        "folder": partial(folder, root),
    }
    return [finding for name, part in parts.items() for finding in _guarded(name, part)]


def _guarded(name: str, part: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield findings; an error that nobody thought of is one, too."""
    try:
        yield from part()
    except Exception as error:  # noqa: BLE001  # of an environment that is broken
        yield Finding(name, f"{type(error).__name__}: {error}", State.PROBLEM)


def _packages() -> Iterator[Finding]:
    from talos_magic.doctor import packages
    from talos_magic.doctor.imports import backend_and_gpus, try_imports

    yield from packages.python_and_project()
    imports = try_imports(packages.installed_modules())
    without = {"tensorflow"} if imports.backend not in ("", "tensorflow") else set()
    yield from packages.needed_packages(imports.errors, without=without)
    yield from backend_and_gpus(imports)
    yield from packages.extras()


def _front_end(shell: Any) -> Iterator[Finding]:
    from talos_magic.doctor.front_end import front_end  # it imports IPython

    yield from front_end(shell)


def folder(root: Path) -> Iterator[Finding]:
    """Yield whether scans can be saved in a folder."""
    place = next(path for path in (root.resolve(), *root.resolve().parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place):
            free = format_bytes(shutil.disk_usage(place).free)
    except OSError as error:
        found = f"{root.resolve()} cannot be written ({error.strerror})"
        yield Finding("folder of scans", found, State.PROBLEM, "choose another one with --dir")
    else:
        yield Finding("folder of scans", f"{root.resolve()}, {free} free")
