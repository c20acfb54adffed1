"""A fresh copy of a value for each round, where training would change it."""

from typing import Any

# By name: Keras may not be loaded.
USED_UP = {"BaseOptimizer", "Metric", "RandomInitializer", "Layer"}


def copy_value(value: Any) -> Any:
    """Return a copy of a value that a round could change; any other value is returned as it is.

    Keras refuses an optimizer that has trained another model. A layer would keep the weights of the
    round before. An initializer or a Dropout without a seed draws one when it is created: a copy
    made within a round follows the round's seed.
    Containers are copied with all they hold. Layers adapted to data are shared, not copied.
    """
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(map(copy_value, value))
    if type(value) is dict:
        return {key: copy_value(item) for key, item in value.items()}
    if hasattr(value, "adapt") or not USED_UP & {kind.__name__ for kind in type(value).__mro__}:
        return value
    try:
        return _copy(value)
    except Exception:  # noqa: BLE001  # not copyable: if that is a problem, the round reports it
        return value


def _copy(value: Any) -> Any:
    copy = type(value).from_config(value.get_config())
    if getattr(value, "built", False) and getattr(value, "weights", ()):
        if not copy.built:
            copy.build_from_config(value.get_build_config())
        copy.set_weights(value.get_weights())
    if getattr(value, "compiled", False):
        copy.compile_from_config(value.get_compile_config())
    return copy
