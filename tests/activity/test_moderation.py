"""Moderated variances: what was put in comes out, and extremes are what they should be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.activity.moderation import Prior, fit_prior, moderate, prior_degrees, satterthwaite


@pytest.mark.parametrize("freedom", [1.0, 2.0, 8.0])
def test_the_prior_that_made_variances_is_found(freedom: float) -> None:
    rng, n, degrees = np.random.default_rng(1), 200_000, 20.0
    true = 0.9 * degrees / rng.chisquare(degrees, n)
    found = fit_prior(true * rng.chisquare(freedom, n) / freedom, np.full(n, freedom))
    # Cutting what is ten times too large makes the heavier tail of few degrees a little lighter.
    assert found.variance == pytest.approx(0.9, rel=0.05)
    assert degrees * 0.8 < found.degrees < degrees * (2.0 if freedom == 1.0 else 1.3)


def test_variances_that_differ_by_chance_alone_become_one() -> None:
    rng = np.random.default_rng(2)
    found = fit_prior(rng.chisquare(2, 5000) / 2, np.full(5000, 2.0))
    assert found.degrees > 50
    told, _ = moderate(Prior(np.inf, 0.7), np.array([0.1, 5.0]), np.array([2.0, 0.0]))
    assert told.tolist() == [0.7, 0.7]


def test_few_variances_are_taken_for_what_was_expected() -> None:
    assert fit_prior(np.ones(9) * 3, np.ones(9)) == Prior(np.inf, 1.0)
    assert fit_prior(np.ones(20) * 3, np.zeros(20)) == Prior(np.inf, 1.0)


def test_ten_variances_tell_what_they_have_in_common() -> None:
    assert fit_prior(np.ones(10) * 3, np.ones(10)) == Prior(np.inf, 3.0)


def test_one_strange_variance_counts_as_ten_times_what_is_expected_of_it() -> None:
    ordinary, freedom = np.linspace(0.5, 1.5, 30), np.full(31, 8.0)
    found, at_most = (fit_prior(np.append(ordinary, strange), freedom) for strange in (1e4, 10.0))
    assert found == at_most


def test_degrees_of_the_prior_by_eye() -> None:
    """Of 8 degrees each, squares of 1 where chance makes 2 / 8: (1 - 1/4) / (1 + 1/4) = 0.6 are left."""
    assert prior_degrees(np.array([2.0, 0.0]), np.array([8.0, 8.0])) == pytest.approx(4 + 2 / 0.6)
    assert prior_degrees(np.array([1.5, 0.5]), np.array([8.0, 8.0])) == np.inf


def test_degrees_of_a_sum_by_eye() -> None:
    found = satterthwaite([np.array([3.0]), np.array([1.0])], [np.array([2.0]), np.array([4.0])])
    assert found.tolist() == [pytest.approx(16 / (9 / 2 + 1 / 4))]


@given(st.floats(0.5, 100), st.floats(0.01, 10), st.floats(0, 50), st.integers(1, 20))
def test_a_moderated_variance_lies_between_its_own_and_the_prior(d0: float, s0: float, own: float, n: int) -> None:
    told, degrees = moderate(Prior(d0, s0), np.array([own, np.nan]), np.array([float(n), 0.0]))
    assert min(s0, own) - 1e-9 <= told[0] <= max(s0, own) + 1e-9 and degrees[0] == d0 + n
    assert told[1] == pytest.approx(s0) and degrees[1] == d0


def test_a_part_that_is_known_adds_degrees_of_freedom() -> None:
    first, second = np.ones(3), np.array([0.0, 1.0, 1.0])
    degrees = satterthwaite([first, second], [np.array([4.0, 4.0, np.inf]), np.full(3, np.inf)])
    assert degrees.tolist() == [4.0, 16.0, np.inf]
    assert satterthwaite([first, first], [np.full(3, 6.0)] * 2).tolist() == [12.0] * 3
