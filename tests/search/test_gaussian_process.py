"""The arithmetic of the Gaussian process."""

import numpy as np
import pytest

from talos_magic.search.gaussian_process import (
    expected_improvement,
    predict,
    scaled,
    standardized,
    with_later_rise,
)


def test_accuracies_are_compared_by_their_logits() -> None:
    assert scaled(-np.array([0.5, 0.9])) == pytest.approx([0.0, -2.197], abs=1e-3)


def test_losses_are_compared_by_their_logarithms() -> None:
    assert scaled(np.array([0.1, 1.0])) == pytest.approx([-2.303, 0.0], abs=1e-3)


def test_of_other_numbers_none_is_an_outlier() -> None:
    own = scaled(np.array([-3.0, 0.2, 1e9]))
    assert own == pytest.approx([-0.967, 0.0, 0.967], abs=1e-3)


def test_equal_losses_and_perfect_ones_are_numbers() -> None:
    assert standardized(np.array([0.3, 0.3])).tolist() == [0.0, 0.0]
    assert np.isfinite(scaled(-np.array([0.0, 1.0]))).all()


def test_where_losses_rise_after_a_rung_those_at_the_rung_count_as_risen() -> None:
    rounds, depths = [0, 0, 0, 1, 1, 2], np.array([0.3, 0.6, 1.0, 0.3, 0.6, 0.3])
    losses = np.array([1.0, 1.5, 3.0, 2.0, 2.5, 5.0])
    assert with_later_rise(rounds, depths, losses).tolist() == [3.0, 3.0, 3.0, 4.0, 4.0, 7.0]
    assert with_later_rise(rounds, depths, -losses).tolist() == (-losses).tolist()


def test_what_was_learnt_at_rungs_says_something_of_the_end() -> None:
    x = np.array([[a, depth] for a in (0.0, 0.3, 0.6, 1.0) for depth in (0.3, 0.6)])
    y = scaled(np.array([1 + a - 0.5 * depth for a, depth in x]))
    ((mean, deviation),) = predict(x, y, np.array([[0.0, 1.0], [1.0, 1.0]]))
    assert mean[0] < mean[1]
    assert (deviation > 0).all()


def test_the_improvement_of_a_normal_distribution_has_a_closed_form() -> None:
    improvement = expected_improvement(np.array([0.0, 2.0]), np.array([1.0, 1.0]), 0.0)
    assert improvement == pytest.approx([0.399, 0.008], abs=1e-3)
