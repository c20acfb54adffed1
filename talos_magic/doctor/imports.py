"""Whether packages can be imported, and what Keras trains on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from talos_magic.doctor import import_process
from talos_magic.doctor.finding import Finding, State
from talos_magic.workers.machine import gpu_count

LONGEST = 300  # seconds: Keras is slow on a cold disk
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
GPU_PACKAGES = {
    "tensorflow": 'pip install "tensorflow[and-cuda]"',
    "torch": "install the build of torch for your version of CUDA",
    "jax": 'pip install "jax[cuda12]"',
}


@dataclass
class Imports:
    """What came of the imports."""

    errors: dict[str, str] = field(default_factory=dict)  # of each module that failed
    backend: str = ""  # of Keras; empty if Keras cannot be imported
    gpus: list[str] = field(default_factory=list)


def try_imports(modules: list[str]) -> Imports:
    """Import modules in another process, which a broken one may end."""
    command = [sys.executable, "-m", import_process.__name__, *modules]
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            command, capture_output=True, timeout=LONGEST, env=os.environ | QUIET, check=False
        )
        printed, ended = done.stdout, _ending(done.returncode)
    except subprocess.TimeoutExpired as error:
        printed, ended = error.stdout or b"", f"its import takes more than {LONGEST} s"
    return _read(printed.decode(errors="replace"), ended)


def _ending(status: int) -> str:
    return f"its import ends the process (status {status})" if status else ""


def _read(printed: str, ended: str) -> Imports:
    imports, last = Imports(), ""
    for line in printed.splitlines():
        if not line.startswith(import_process.MARK):
            continue
        facts = json.loads(line.removeprefix(import_process.MARK))
        last = facts.get("importing", last)
        if "error" in facts:
            imports.errors[facts["module"]] = facts["error"]
        imports.backend = facts.get("backend", imports.backend)
        imports.gpus = facts.get("gpus", imports.gpus)
    if ended and last:
        imports.errors[last] = ended
    return imports


def backend_and_gpus(imports: Imports) -> Iterator[Finding]:
    """Yield the backend of Keras, and the GPUs that it sees."""
    if not imports.backend:
        return  # the finding on Keras says why
    yield Finding("backend of Keras", imports.backend)
    if imports.gpus:
        yield Finding("GPU", ", ".join(imports.gpus))
    elif count := gpu_count():
        found = f"this machine has {count}, but {imports.backend} sees none"
        advice = GPU_PACKAGES.get(imports.backend, "")
        yield Finding("GPU", found, State.PROBLEM, advice)
    else:
        yield Finding("GPU", "none: rounds train on the CPU")
