"""What the rounds in other processes need of the notebook, packed once.

Large arrays lie in a file of their own beside the pickle, which every process of a machine maps
into its memory: none has a copy. A process that writes to an array has its own version of those
pages.
"""

import io
import json
import marshal
import mmap
import os
import pickle
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

from talos_magic.errors import InvalidInputError
from talos_magic.workers.messages import Order

PICKLE = "package.pickle"
ARRAYS = "arrays.bin"
PLACES = "places.json"  # where the notebook is and imports from, and where the arrays are
ALIGNED = 64  # bytes, as TensorFlow and numpy have their own arrays
MAGIC = "get_ipython"  # what %time and !ls call


def pack(parts: Mapping[str, Any], variables: Mapping[str, Any], folder: Path) -> None:
    """Write objects into an empty folder.

    Parameters
    ----------
    parts : mapping of str to object
        What `unpack` returns.
    variables : mapping of str to object
        The notebook's variables among them, to name the one that cannot be sent.
    folder : Path
        An empty folder.

    Raises
    ------
    InvalidInputError
        If an object cannot be sent to another process.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pack({"x": np.arange(3)}, {}, Path(folder))
    ...     unpack(Path(folder))["x"].tolist()
    [0, 1, 2]
    """
    if MAGIC in variables:
        raise InvalidInputError(
            "IPython's commands, such as %time and !ls, do not run in other processes: move them "
            "to another cell, or scan without --workers"
        )
    buffers: list[pickle.PickleBuffer] = []
    try:
        text = _pickled(dict(parts), buffers.append)
    except Exception as error:  # noqa: BLE001  # whatever an object raises
        raise _refusal(*(_culprit(variables) or ("the model function", error))) from None
    (folder / PICKLE).write_bytes(text)
    places = []
    with (folder / ARRAYS).open("wb") as file:
        for raw in (buffer.raw() for buffer in buffers):
            file.write(bytes(-file.tell() % ALIGNED))
            places.append((file.tell(), raw.nbytes))
            file.write(raw)
    (folder / PLACES).write_text(json.dumps([str(Path.cwd()), sys.path, places]))


def packed(order: Order) -> bytes:
    """Return an order as a pickle; raise an InvalidInputError if its values cannot be sent."""
    try:
        return _pickled(order)
    except Exception as error:  # noqa: BLE001  # whatever an object raises
        name, cause = _culprit(order.values) or ("params", error)
        raise _refusal(name, cause) from None


def _refusal(name: str, cause: Exception) -> InvalidInputError:
    return InvalidInputError(
        f"{name} cannot be sent to another process ({cause}): make it in the cell, or scan "
        "without --workers"
    )


def _pickled(
    value: object, take_buffer: Callable[[pickle.PickleBuffer], object] | None = None
) -> bytes:
    from cloudpickle import Pickler

    def reduce_code(code: CodeType) -> tuple[Any, ...]:
        return marshal.loads, (marshal.dumps(code),)

    class WithPlaces(Pickler):  # type: ignore[misc]  # cloudpickle has no type hints
        """Sends code with the name of its file, so that tracebacks show the lines."""

        dispatch_table: ClassVar[Any] = ChainMap({CodeType: reduce_code}, Pickler.dispatch_table)

    file = io.BytesIO()
    WithPlaces(file, protocol=5, buffer_callback=take_buffer).dump(value)
    return file.getvalue()


def _culprit(variables: Mapping[str, Any]) -> tuple[str, Exception] | None:
    for name, value in variables.items():
        try:
            _pickled(value, lambda _: None)
        except Exception as error:  # noqa: BLE001  # whatever an object raises
            return name, error
    return None


def unpack(folder: Path) -> dict[str, Any]:
    """Return the objects of a folder that `pack` has written.

    This process imports from where the notebook does, and works in its folder if it is there.
    """
    working, paths, places = json.loads((folder / PLACES).read_text())
    sys.path += [path for path in paths if path not in sys.path]
    with suppress(OSError):
        os.chdir(working)
    arrays = _mapped(folder / ARRAYS)
    buffers = [arrays[place : place + size] for place, size in places]
    parts: dict[str, Any] = pickle.loads((folder / PICKLE).read_bytes(), buffers=buffers)  # noqa: S301  # our own
    return parts


def _mapped(path: Path) -> memoryview:
    if not path.stat().st_size:
        return memoryview(b"")  # which cannot be mapped
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
