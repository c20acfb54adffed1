"""Imports packages, and asks Keras's backend for GPUs, in a process that may die of it."""

import json
import sys
from importlib import import_module
from typing import Any

MARK = "talos_magic:"  # packages may print, too


def import_all(modules: list[str]) -> None:
    """Import modules one after the other; print what is imported, and what goes wrong."""
    for module in modules:
        _say(importing=module)
        try:
            import_module(module)
        except BaseException as error:  # noqa: BLE001  # a broken package may raise anything
            _say(module=module, error=" ".join(f"{type(error).__name__}: {error}".split()))
    if "keras" in sys.modules:
        _say(importing="keras")
        backend = sys.modules["keras"].backend.backend()
        _say(backend=backend, gpus=_gpus(backend))


def _gpus(backend: str) -> list[str]:
    """Return the names of the GPUs that a backend of Keras sees."""
    module: Any = import_module(backend)
    if backend == "tensorflow":
        devices = module.config.list_physical_devices("GPU")
        details = [module.config.experimental.get_device_details(each) for each in devices]
        return [str(each.get("device_name", "GPU")) for each in details]
    if backend == "torch":
        count = module.cuda.device_count()
        own = ["Apple GPU"] if module.backends.mps.is_available() else []
        return [module.cuda.get_device_name(number) for number in range(count)] + own
    if backend == "jax":
        return [each.device_kind for each in module.devices() if each.platform != "cpu"]
    return []


def _say(**facts: Any) -> None:
    print(MARK + json.dumps(facts), flush=True)


if __name__ == "__main__":
    import_all(sys.argv[1:])
