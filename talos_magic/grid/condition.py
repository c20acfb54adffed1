"""A condition on the combinations of a grid, and how many meet it."""

import ast
import math
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.syntax import keys_read

COUNTED = 20_000  # combinations that are looked at one by one, in some 50 ms
DRAWN = 4_000  # combinations that an estimate looks at
MOMENT = 2.0  # seconds that the slowest count may take
FEWEST = 100  # combinations that an estimate looks at, whatever it takes
CONFIDENCE = 1.96  # standard errors to either side that hold 95 of 100 estimates


class Condition:
    """A Python expression that is true of the params to train.

    Parameters
    ----------
    expression : str
        Reads ``params`` and the notebook's variables.
    namespace : mapping
        The notebook's variables.

    Raises
    ------
    ScanError
        If it is no expression; when called, if it raises.

    Examples
    --------
    >>> small = Condition("params['units'] < limit", {"limit": 20})
    >>> small({"units": 8}), small.reads
    (True, {'units'})
    """

    def __init__(self, expression: str, namespace: Mapping[str, Any]) -> None:
        self.expression = expression
        try:
            tree = ast.parse(expression.strip(), "--where", "eval")
            self._code = compile(tree, "--where", "eval")
        except (SyntaxError, ValueError) as error:
            raise ScanError(f"--where {expression}: {getattr(error, 'msg', error)}") from error
        self.reads = keys_read([tree], "params")
        # Only what it reads: an editor keeps the condition, and must not keep the data alive.
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self._scope = {name: namespace[name] for name in names if name in namespace}

    def __call__(self, params: Mapping[str, Any]) -> bool:
        """Tell whether a combination meets the condition."""
        self._scope["params"] = params
        try:
            return bool(eval(self._code, self._scope))  # noqa: S307  # the person's own expression
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise ScanError(
                f"--where {self.expression}: {what}; params has {', '.join(params)}"
            ) from error


class Count(NamedTuple):
    """How many combinations meet a condition.

    Attributes
    ----------
    number : int
        Exactly so many, or about.
    error : int
        How far off the number may be: half the width of a 95 % confidence interval; where not one
        was found, an upper bound. 0 if the number is exact.
    """

    number: int
    error: int


def count(grid: Grid, where: Callable[[Mapping[str, Any]], object] | None) -> Count:
    """Count the combinations that meet a condition: exactly if few, by a sample if many.

    A condition that reads some hyperparameters only is tried on their combinations; the others
    multiply. The interval of the estimate is as wide as Agresti and Coull's (1998), which holds for
    small shares too, and at least Hanley and Lippman-Hand's rule of three (1983).

    Parameters
    ----------
    grid : Grid
        The combinations.
    where : callable or None
        The condition; a `Condition` tells which hyperparameters it reads.

    Returns
    -------
    Count

    Examples
    --------
    >>> grid = Grid({"units": [8, 16, 32], "lr": [0.1, 0.01]})
    >>> count(grid, Condition("params['units'] > 8", {}))
    Count(number=4, error=0)
    """
    if where is None:
        return Count(grid.size, 0)
    reads = getattr(where, "reads", None)
    tried = [d for d in grid.active if reads is None or d.name in reads]
    first = {dimension.name: dimension.values[0] for dimension in grid.active}
    part = _part(tried)
    multiple = grid.size // part.size

    def meets(index: int) -> bool:
        return bool(where({**first, **part.combination(index)}))

    affordable = _affordable(meets)
    if part.size <= min(COUNTED, affordable):
        return Count(sum(map(meets, range(part.size))) * multiple, 0)
    rng = random.Random(0)  # noqa: S311  # the same grid gives the same estimate
    drawn = min(DRAWN, affordable)
    hits = sum(meets(rng.randrange(part.size)) for _ in range(drawn))
    share = (hits + 2) / (drawn + 4)
    error = max(CONFIDENCE * math.sqrt(share * (1 - share) / (drawn + 4)), 3 / drawn)
    return Count(round(hits / drawn * grid.size), round(error * grid.size))


def _affordable(meets: Callable[[int], bool]) -> int:
    """How many combinations can be looked at in a moment, judged by one of them."""
    meets(0)  # what it does but once should not count
    began = time.perf_counter()
    meets(0)
    return max(FEWEST, round(MOMENT / (time.perf_counter() - began + 1e-9)))


def _part(dimensions: list[Dimension]) -> Grid:
    part = Grid()
    part.dimensions = tuple(dimensions)
    return part
