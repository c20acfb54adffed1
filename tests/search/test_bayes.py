"""The arithmetic of Bayesian search."""

import numpy as np
import pytest

from talos_magic.search.bayes import expected_improvement, normal_scores


def test_scores_are_the_quantiles_of_ranks() -> None:
    assert normal_scores(np.array([0.1, 0.2, 1e9])) == pytest.approx([-0.967, 0.0, 0.967], abs=1e-3)


def test_the_improvement_of_a_normal_distribution_has_a_closed_form() -> None:
    improvement = expected_improvement(np.array([0.0, 2.0]), np.array([1.0, 1.0]), 0.0)
    assert improvement == pytest.approx([0.399, 0.008], abs=1e-3)
