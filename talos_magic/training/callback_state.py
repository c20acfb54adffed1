"""The state of the callbacks of a fit: what has changed of their attributes since it began.

What has not changed is how the cell has made them, as it does again before the fit goes on.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from talos_magic.training.plain_values import NotPlainError, digest

# How Keras's callbacks compare values. It is found only at the end of an epoch, when the sign of
# `min_delta` is changed, too; so they belong together.
COMPARISON = "monitor_op"


def digests(callback: Any) -> dict[str, Any]:
    """Return a digest of each attribute of a callback that is plain."""
    found = {}
    for name, value in vars(callback).items():
        with suppress(NotPlainError):
            found[name] = digest(value)
    return found


def changed_attributes(callback: Any, begun: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain attributes of a callback whose digests are others than before."""
    now, attributes = digests(callback), vars(callback)
    changed = [name for name in now if name not in begun or now[name] != begun[name]]
    found = {name: attributes[name] for name in changed}
    comparison = getattr(attributes.get(COMPARISON), "__name__", "")
    return found | ({COMPARISON: comparison} if comparison in ("less", "greater") else {})


def set_attributes(callback: Any, attributes: Mapping[str, Any]) -> None:
    """Set the attributes of a callback; lists and dicts in place, as others may refer to them."""
    from keras import ops

    for name, value in attributes.items():
        own = vars(callback).get(name)
        if isinstance(own, list) and isinstance(value, list):
            own[:] = value
        elif isinstance(own, dict) and isinstance(value, dict):
            own.clear()
            own.update(value)
        elif name == COMPARISON and isinstance(value, str):
            setattr(callback, name, getattr(ops, value))
        else:
            setattr(callback, name, value)
