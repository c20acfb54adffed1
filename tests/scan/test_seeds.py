"""A round's seed: the same wherever and whenever the combination is trained."""

import random

import numpy as np
import pytest

from talos_magic.scan.seeds import round_seed, seed_generators
from talos_magic.values.labels import Label


def test_seeds_of_combinations_differ() -> None:
    grid = [{"lr": lr, "units": units} for lr in (0.1, 0.01) for units in (8, 16, "8")]
    assert len({round_seed(3, params) for params in grid}) == 6


@pytest.mark.parametrize("labels", [(1, 1.0), (1, True), (None, "None"), ("a", "b")])
def test_labels_that_look_alike_have_seeds_of_their_own(labels: tuple[Label, Label]) -> None:
    one, other = ({"x": label} for label in labels)
    assert round_seed(0, one) != round_seed(0, other)


def test_a_seed_follows_from_the_scans_seed_the_params_and_the_repeat() -> None:
    one = round_seed(1, {"lr": 0.1, "units": 8})
    assert one == round_seed(1, {"units": 8, "lr": 0.1})
    assert one != round_seed(2, {"lr": 0.1, "units": 8})
    assert one != round_seed(1, {"lr": 0.1, "units": 8}, repeat=1)


def test_a_seed_is_the_same_in_every_kernel() -> None:
    assert round_seed(1, {"lr": 0.1, "opt": "Adam"}) == 3606619085


def test_all_generators_are_seeded() -> None:
    import keras

    drawn = []
    for _ in range(2):
        seed_generators(7)
        drawn.append((random.random(), np.random.rand(), float(keras.random.uniform(()))))
    assert drawn[0] == drawn[1]
