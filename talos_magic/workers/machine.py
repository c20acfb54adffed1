"""What this machine has for workers, and each one's share of it."""

import os
from contextlib import suppress
from pathlib import Path

GPUS = "CUDA_VISIBLE_DEVICES"
GROWTH = "TF_FORCE_GPU_ALLOW_GROWTH"


def auto_count() -> int:
    """Return how many rounds to train at a time: one a GPU, else one a core."""
    return gpu_count() or _core_count()


def _core_count() -> int:
    """Return the number of cores, within a container its share of them."""
    try:
        from dask.system import CPU_COUNT
    except ImportError:
        return os.cpu_count() or 1
    return int(CPU_COUNT)


def gpu_count() -> int:
    """Return the number of NVIDIA GPUs that this process may use."""
    visible = os.environ.get(GPUS)
    if visible is not None:
        return len([gpu for gpu in visible.split(",") if gpu not in ("", "-1")])
    with suppress(OSError):
        return len(list(Path("/proc/driver/nvidia/gpus").iterdir()))
    return 0


def environment_of(count: int) -> dict[str, str]:
    """Return the environment in which each of `count` processes uses its share of this machine.

    Of the GPUs, each process sees one.
    """
    threads = str(max(_core_count() // count, 1))
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    gpus = gpu_count()
    visible = os.environ.get(GPUS) or ",".join(map(str, range(gpus)))
    own = {GPUS: visible, GROWTH: "true"} if gpus else {}
    return dict.fromkeys(names, threads) | own
