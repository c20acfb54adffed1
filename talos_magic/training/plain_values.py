"""Nested plain values as JSON and arrays, so that nothing has to be pickled.

Plain are None, bools, numbers, texts, numpy's scalars and arrays, and lists, tuples and dicts of
plain values. Of their subclasses, such as named tuples, none is: it would not come back as one.
"""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

JSON = Any


class NotPlainError(TypeError):
    """A value is not plain."""


class Packer:
    """Packs values as JSON; arrays are referred to by a name, one that appears twice by the same.

    Examples
    --------
    >>> packer = Packer()
    >>> packed = packer.pack({"best": float("inf"), 3: (1, "a", [None])})
    >>> unpack(packed, packer.arrays)
    {'best': inf, 3: (1, 'a', [None])}
    """

    def __init__(self) -> None:
        self.arrays: dict[str, Any] = {}
        self._named: dict[int, tuple[str, Any]] = {}  # by id, with the value: it must live on

    def pack(self, value: Any) -> JSON:
        """Return a plain value as JSON; raise NotPlainError for any other."""
        import numpy as np

        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind is list:
            return [self.pack(item) for item in value]
        if kind is tuple:
            return {"tuple": [self.pack(item) for item in value]}
        if kind is dict:
            return {"dict": [[self.pack(key), self.pack(item)] for key, item in value.items()]}
        is_scalar = isinstance(value, np.generic)
        if not (is_scalar or kind is np.ndarray) or value.dtype.hasobject or value.dtype.names:
            raise NotPlainError(f"a {kind.__name__} is not a plain value")
        return {"scalar" if is_scalar else "array": self._name(value)}

    def _name(self, value: Any) -> str:
        import numpy as np

        if id(value) not in self._named:
            name = f"array{len(self._named)}"
            self._named[id(value)] = name, value
            self.arrays[name] = np.asarray(value)
        return self._named[id(value)][0]


def unpack(packed: JSON, arrays: Mapping[str, Any]) -> Any:
    """Return the value that was packed, with arrays of its own."""
    if isinstance(packed, list):
        return [unpack(item, arrays) for item in packed]
    if not isinstance(packed, dict):
        return packed
    [(kind, content)] = packed.items()
    if kind == "tuple":
        return tuple(unpack(item, arrays) for item in content)
    if kind == "dict":
        return {unpack(key, arrays): unpack(item, arrays) for key, item in content}
    return arrays[content].copy() if kind == "array" else arrays[content][()]


def digest(value: Any) -> JSON:
    """Return what tells whether a plain value has changed; raise NotPlainError for any other."""
    packer = Packer()
    packed = packer.pack(value)
    return packed, [crc32(array.tobytes()) for array in packer.arrays.values()]
