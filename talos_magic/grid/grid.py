"""The grid of hyperparameters: a Talos params dict whose combinations are never listed."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Self

from traitlets import HasTraits, Tuple

from talos_magic.errors import ScanError
from talos_magic.grid.code import from_code, to_code
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.params_dict import copy_spec
from talos_magic.grid.sampling import choose_combinations
from talos_magic.values.labels import Label, label_key

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Grid(HasTraits):
    """All combinations of a Talos params dict, numbered but never listed.

    Parameters
    ----------
    params : mapping of str to list or (start, end, steps), optional
        Talos's params dict. Lists hold values of any kind: numbers, strings, None, classes,
        functions, optimizer instances. A tuple of three numbers is Talos's range of ``steps``
        values from ``start``, without ``end``.

    Attributes
    ----------
    dimensions : tuple of Dimension
        The hyperparameters, in order. Observe this trait to follow every edit.

    Raises
    ------
    ScanError
        If a key is not a string or a hyperparameter has no values.

    Examples
    --------
    >>> grid = Grid({"lr": [0.1, 0.01], "units": (8, 24, 2), "opt": [dict]})
    >>> grid.size
    4
    >>> grid.labels(3)
    {'lr': 0.01, 'units': 16, 'opt': 'dict'}
    >>> grid.values(grid.labels(3))
    {'lr': 0.01, 'units': 16, 'opt': <class 'dict'>}
    >>> print(grid.to_code())
    params = {
        "lr": [0.1, 0.01],
        "units": (8, 24, 2),
        "opt": [dict],
    }
    """

    dimensions: tuple[Dimension, ...] = Tuple()  # type: ignore[assignment]

    def __init__(self, params: Mapping[str, Any] = EMPTY) -> None:
        if not isinstance(params, Mapping):
            raise ScanError(
                f"params must be a dict of lists such as {{'lr': [0.1, 0.01]}}, "
                f"not {type(params).__name__}"
            )
        dimensions = tuple(Dimension.of(name, spec) for name, spec in params.items())
        super().__init__(dimensions=dimensions)

    @classmethod
    def from_code(cls, source: str, namespace: Mapping[str, Any] | None = None) -> Self:
        """Make a grid from Python source, such as that of `to_code`.

        Parameters
        ----------
        source : str
            A dict, or statements that assign one. It is executed.
        namespace : mapping, optional
            Variables that it may use.

        Examples
        --------
        >>> Grid.from_code("p = {'lr': [0.1, 0.01]}").size
        2
        """
        return cls(from_code(source, namespace=namespace))

    @property
    def active(self) -> tuple[Dimension, ...]:
        """The hyperparameters that are switched on."""
        return tuple(dimension for dimension in self.dimensions if dimension.on)

    @property
    def size(self) -> int:
        """Number of combinations."""
        return math.prod(len(dimension.values) for dimension in self.active)

    @property
    def label_lists(self) -> dict[str, list[Label]]:
        """The grid as a params dict of labels, as it is written to disk."""
        return {dimension.name: list(dimension.labels) for dimension in self.active}

    def labels(self, index: int) -> dict[str, Label]:
        """Return the labels of a combination by its number; the last parameter varies fastest."""
        return {dimension.name: dimension.labels[place] for dimension, place in self._places(index)}

    def number(self, labels: Mapping[str, Label]) -> int | None:
        """Return the number of the combination with these labels; None if there is none."""
        number = 0
        for dimension in self.active:
            place = dimension.place_of_label.get(label_key(labels.get(dimension.name)))
            if place is None:
                return None
            number = number * len(dimension.values) + place
        return number

    def values(self, labels: Mapping[str, Label]) -> dict[str, Any]:
        """Return the values of a combination by its labels."""
        by_name = {dimension.name: dimension.by_label for dimension in self.active}
        return {name: by_name[name][label_key(text)] for name, text in labels.items()}

    def combination(self, index: int) -> dict[str, Any]:
        """Return the values of a combination by its number."""
        return {dimension.name: dimension.values[place] for dimension, place in self._places(index)}

    def sample(
        self,
        count: int,
        *,
        where: Callable[[Mapping[str, Any]], object] | None = None,
        seed: int = 0,
    ) -> list[dict[str, Any]]:
        """Draw combinations at random, without repetition, from a grid of any size.

        Parameters
        ----------
        count : int
            How many, at most: a smaller grid returns all it has.
        where : callable, optional
            Condition on a combination.
        seed : int
            Seed of the draw.

        Returns
        -------
        list of dict
            The params of each combination.

        Examples
        --------
        >>> Grid({"lr": [0.1], "units": [8, 16]}).sample(1, seed=1)
        [{'lr': 0.1, 'units': 8}]
        """
        accepts = None if where is None else (lambda index: bool(where(self.combination(index))))
        chosen = choose_combinations(self.size, accepts=accepts, count=count, seed=seed)
        return [self.combination(index) for index in chosen]

    def to_dict(self) -> dict[str, Any]:
        """Return the Talos params dict, each entry as it was given or edited.

        Examples
        --------
        >>> Grid({"lr": (0.1, 0.5, 4)}).to_dict()
        {'lr': (0.1, 0.5, 4)}
        """
        return {dimension.name: copy_spec(dimension.spec) for dimension in self.active}

    def to_code(self, name: str = "params", namespace: Mapping[str, Any] | None = None) -> str:
        """Write the params dict as Python source, with its imports.

        Parameters
        ----------
        name : str
            The variable to assign.
        namespace : mapping, optional
            The notebook's variables: objects that cannot be imported are written by their names.

        Raises
        ------
        ScanError
            If a value has neither source nor a variable that holds it.
        """
        return to_code(self.to_dict(), name=name, namespace=namespace)

    def __getitem__(self, name: str) -> Dimension:
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(dimension.name == name for dimension in self.dimensions)

    def put(self, dimension: Dimension) -> None:
        """Replace the dimension with the same name, or add it at the end."""
        by_name = {old.name: old for old in self.dimensions} | {dimension.name: dimension}
        self.dimensions = tuple(by_name.values())

    def remove(self, name: str) -> None:
        """Remove a dimension."""
        self.dimensions = tuple(d for d in self.dimensions if d.name != name)

    def move(self, name: str, by: int) -> None:
        """Move a dimension up (-1) or down (1), as far as there is room."""
        order = list(self.dimensions)
        place = order.index(self[name])
        order.insert(min(max(place + by, 0), len(order) - 1), order.pop(place))
        self.dimensions = tuple(order)

    def _places(self, index: int) -> list[tuple[Dimension, int]]:
        places = []
        for dimension in reversed(self.active):
            index, place = divmod(index, len(dimension.values))
            places.append((dimension, place))
        return places[::-1]
