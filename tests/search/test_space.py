"""A grid as numbers by their rank and categories."""

from talos_magic.grid.grid import Grid
from talos_magic.search.space import Space

MIXED = Space(Grid({"opt": ["adam", "sgd"], "lr": [0.1, 0.001, 0.01]}))


def test_numbers_have_ranks_and_categories_places() -> None:
    assert MIXED.coordinates({"opt": "sgd", "lr": 0.01}) == {"opt": 1, "lr": 1}
    assert MIXED.number({"opt": 1, "lr": 1}) == 5
    assert MIXED.coordinates({"opt": "sgd", "lr": 0.5}) is None


def test_another_category_is_as_far_as_a_whole_range() -> None:
    assert MIXED.features([0, 5]).round(2).tolist() == [[0.71, 0.0, 1.0], [0.0, 0.71, 0.5]]


def test_neighbours_differ_in_one_hyperparameter() -> None:
    space = Space(Grid({"lr": [0.1, 0.2], "units": [8, 16, 32]}))
    assert space.neighbours(0) == [3, 1, 2]
