"""The state of the random generators that all code of a process shares."""

import random
import sys
from typing import Any


def random_state() -> dict[str, Any]:
    """Return the state of Python's, numpy's and, if it is imported, torch's generators."""
    import numpy as np

    state = {"python": random.getstate(), "numpy": np.random.get_state()}  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None:
        state["torch"] = torch.get_rng_state().numpy()
        if torch.cuda.is_initialized():
            state["cuda"] = [device.numpy() for device in torch.cuda.get_rng_state_all()]
    return state


def set_random_state(state: dict[str, Any]) -> None:
    """Set what `random_state` has returned."""
    import numpy as np

    random.setstate(state["python"])
    np.random.set_state(state["numpy"])  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None and "torch" in state:
        torch.set_rng_state(torch.from_numpy(state["torch"]))
        if "cuda" in state and len(state["cuda"]) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all([torch.from_numpy(device) for device in state["cuda"]])
