"""A condition on the combinations of a grid, and the number of those that meet it."""

import ast
import functools
import inspect
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from talos_magic.cell.names import reads_first
from talos_magic.cell.readers import Reader, keys_read
from talos_magic.errors import InvalidInputError
from talos_magic.grid.grid import Grid

COUNTED = 20_000  # combinations that are checked one by one, in some 50 ms
DRAWN = 4_000  # sample size of an estimate
TIME_LIMIT = 2.0  # seconds of the slowest count
SMALLEST_SAMPLE = 100  # of an estimate, however long it takes
CONFIDENCE = 1.96  # standard errors on either side of a 95 % confidence interval


class Condition:
    """What the params to train meet: an expression that is true for them, or a function of them.

    An expression reads ``params``, or the dict by its `name` in the notebook, and the notebook's
    variables, the `namespace`. A ScanError is raised if the text is neither, and by a call that
    raises.
    """

    def __init__(self, text: str, namespace: Mapping[str, Any], name: str = "params") -> None:
        self.expression = text
        tree, names = _parse(text), {"params", name}
        match tree.body:
            case ast.Lambda(ast.arguments([], [own], None, [], _, None, []), body):
                tree, names = ast.Expression(body), names | {own.arg}
        code = compile(tree, "--where", "eval")
        # Only the names that it reads: an editor keeps the condition, not the notebook's data.
        reads = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        scope = {each: namespace[each] for each in reads if each in namespace}
        own_names = names & reads_first([tree])
        self.reads = keys_read([Reader([tree], each) for each in own_names])

        def meets(params: Mapping[str, Any]) -> object:
            scope.update(dict.fromkeys(own_names, params))
            return eval(code, scope)  # noqa: S307  # the user's own expression

        function: Any = meets
        if not own_names:
            self.reads, function = None, _function(text, lambda: meets({}), _other_dict(tree, name))
        self._meets = filtering(function, f"--where {text}")

    def __call__(self, params: Mapping[str, Any]) -> bool:
        """Return whether a combination meets the condition."""
        try:
            return self._meets(params)
        except InvalidInputError:
            raise
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            raise InvalidInputError(
                f"--where {self.expression}: {problem}; params has {', '.join(params)}"
            ) from error


def filtering(
    function: Callable[[Mapping[str, Any]], object], said: str
) -> Callable[[Mapping[str, Any]], bool]:
    """Make a function of the params dict a condition, which refuses what is not true or false."""
    try:
        inspect.signature(function).bind({})
    except TypeError:
        raise InvalidInputError(
            f"{said} takes {inspect.signature(function)}: give a function of one argument, the "
            "params dict"
        ) from None
    except ValueError:  # a builtin whose signature Python does not know
        pass

    @functools.wraps(function)
    def meets(params: Mapping[str, Any]) -> bool:
        values = [*params.values()]  # before the function may change params
        met = function(params)
        if any(met is value for value in values):  # as of `params['pool'] or params['units'] > 8`
            return bool(met)
        if callable(met) or isinstance(met, tuple | Iterator):
            raise InvalidInputError(
                f"{said} gives a {type(met).__name__}, which is neither true nor false: give one "
                "comparison, or several joined by `and`"
            )
        return bool(met)

    return meets


def _parse(text: str) -> ast.Expression:
    try:
        tree = ast.parse(text.strip(), "--where", "eval")
        compile(tree, "--where", "eval")  # it finds errors that the parser does not
    except (SyntaxError, ValueError) as error:
        raise InvalidInputError(f"--where {text}: {getattr(error, 'msg', error)}") from error
    return tree


def _other_dict(tree: ast.Expression, name: str) -> str:
    """Return what to write in place of a key of a dict that is not the grid; empty if none."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(ast.Name(), ast.Constant(str(key))):
                return f"the grid is {name}: write {name}[{key!r}]"
    return ""


def _function(
    text: str, value: Callable[[], object], hint: str
) -> Callable[[Mapping[str, Any]], object]:
    """Return the value of an expression that reads no parameter: a function, or it is refused."""
    try:
        function = value()
    except NameError as error:
        raise InvalidInputError(
            f"--where {text}: {hint or f'{error}; write a parameter as params[{error.name!r}]'}"
        ) from error
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise InvalidInputError(f"--where {text}: {hint or problem}") from error
    if not callable(function):
        hint = hint or "write one as params['units'], or give a function of the params dict"
        raise InvalidInputError(f"--where {text} reads no parameter: {hint}")
    return function


class Count(NamedTuple):
    """Number of combinations that meet a condition, or an estimate of it."""

    number: int
    # 0 if it is exact. Of an estimate, half the width of its 95 % confidence interval, or an upper
    # bound if the sample has none that meets the condition.
    error: int


def count(grid: Grid, where: Callable[[Mapping[str, Any]], object] | None) -> Count:
    """Count the combinations that meet a condition: all of a small grid, a sample of a large one.

    A condition that reads only some hyperparameters is checked on the combinations of those; the
    others multiply the result. The confidence interval of an estimate is that of Agresti and Coull
    (1998), which also holds for small shares, but at least the rule of three (Hanley and
    Lippman-Hand, 1983).
    """
    if where is None:
        return Count(grid.size, 0)
    reads = getattr(where, "reads", None)
    part = Grid()
    part.dimensions = tuple(d for d in grid.active if reads is None or d.name in reads)
    first = {dimension.name: dimension.values[0] for dimension in grid.active}

    def meets(index: int) -> bool:
        return bool(where({**first, **part.combination(index)}))

    affordable = _affordable(meets)
    if part.size <= min(COUNTED, affordable):
        return Count(sum(map(meets, range(part.size))) * (grid.size // part.size), 0)
    rng = random.Random(0)  # noqa: S311  # the same grid gives the same estimate
    drawn = min(DRAWN, affordable)
    hits = sum(meets(rng.randrange(part.size)) for _ in range(drawn))
    share = (hits + 2) / (drawn + 4)
    error = max(CONFIDENCE * math.sqrt(share * (1 - share) / (drawn + 4)), 3 / drawn)
    return Count(round(hits / drawn * grid.size), round(error * grid.size))


def leaves_out_nothing(grid: Grid, where: Callable[[Mapping[str, Any]], object] | None) -> bool:
    """Return whether there is a condition that all combinations meet; False if they are many."""
    return where is not None and grid.size <= COUNTED and count(grid, where) == (grid.size, 0)


def _affordable(meets: Callable[[int], bool]) -> int:
    """Return how many combinations can be checked within the time limit, by timing one."""
    meets(0)  # the first call may be slower
    began = time.perf_counter()
    meets(0)
    return max(SMALLEST_SAMPLE, round(TIME_LIMIT / (time.perf_counter() - began + 1e-9)))
