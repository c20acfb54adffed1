"""The settings of a Keras object."""

from typing import Any


def full_config(value: Any) -> dict[str, Any]:
    """Return an object's config, with the arguments that losses such as Huber leave out."""
    return {**(getattr(value, "_fn_kwargs", None) or {}), **value.get_config()}
