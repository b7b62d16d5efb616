"""Negative controls, conditions and shrinkage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm

from kcalseq.activity.conditions import difference
from kcalseq.activity.controls import against_controls, false_discovery_rate
from kcalseq.activity.replicates import combine
from kcalseq.activity.shrinkage import shrink

NAN = float("nan")


def test_p_is_the_share_of_controls_that_are_as_active_by_eye() -> None:
    values = np.array([0.0, 1.0, 2.0, 3.0, 2.5, 9.0, 2.0, NAN])
    found = against_controls(values, np.array([True] * 4 + [False] * 4))
    assert found.p.tolist() == pytest.approx([NAN] * 4 + [2 / 5, 1 / 5, 3 / 5, NAN], nan_ok=True)
    # Median 1.5, median absolute deviation 1.
    assert found.z[5] == pytest.approx(7.5 / 1.4826022)
    assert found.q[4:7] == pytest.approx([0.6, 0.6, 0.6])


def test_two_controls_tell_nothing() -> None:
    found = against_controls(np.arange(5.0), np.array([True, True, False, False, False]))
    assert all(np.isnan(column).all() for column in found)


def test_controls_that_are_all_alike_give_a_p_and_no_z() -> None:
    found = against_controls(np.array([1.0, 1.0, 1.0, 2.0]), np.array([True, True, True, False]))
    assert np.isnan(found.z).all() and found.p[3] == 0.25


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
def test_q_is_that_of_another_implementation(p: list[float]) -> None:
    assert false_discovery_rate(np.array([NAN, *p]))[1:] == pytest.approx(false_discovery_control(p))


def test_inactive_variants_are_seldom_called_active() -> None:
    rng, n = np.random.default_rng(1), 4000
    is_control = np.arange(n) < 1000
    values = rng.normal(0.0, 0.3, n)
    values[3000:] += 2.0
    found = against_controls(values, is_control)
    called = found.q < 0.05
    assert called[3000:].mean() > 0.95
    assert called[1000:3000].sum() / called.sum() < 0.1


def test_a_difference_of_conditions_by_eye() -> None:
    one = combine(np.array([[0.0], [1.0], [NAN]]), np.array([[3.0], [3.0], [NAN]]), NAN)
    two = combine(np.array([[5.0], [1.0], [1.0]]), np.array([[4.0], [4.0], [4.0]]), NAN)
    found = difference(one, two, np.zeros(3, dtype=bool))
    assert found.difference[:2].tolist() == [5.0, 0.0] and np.isnan(found.difference[2])
    assert found.se[0] == 5.0 and found.z[0] == 1.0
    assert found.p[:2] == pytest.approx([2 * norm.sf(1.0), 1.0]) and np.isnan(found.p[2])


def test_controls_set_the_level_of_a_difference() -> None:
    values = np.array([[0.0], [0.2], [0.1], [0.0]])
    one, two = (combine(values + shift, np.full((4, 1), 0.1), NAN) for shift in (0.0, 3.0))
    found = difference(one, two, np.array([True, True, True, False]))
    assert found.difference == pytest.approx(0.0, abs=1e-12)


def test_shrinkage_draws_the_unsure_to_the_mean_and_leaves_the_sure() -> None:
    value, se = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, NAN]), np.array([1e-4] * 5 + [50.0, NAN])
    found = shrink(value, se)
    assert found.value[:5] == pytest.approx(value[:5], abs=1e-3)
    assert abs(found.value[5]) < 0.1 and found.se[5] < 2.0
    assert np.isnan(found.value[6]) and np.isnan(found.se[6])


def test_values_are_drawn_to_their_mean_by_what_chance_explains_by_eye() -> None:
    """Squares of 8 are 2 (1 + tau^2), so that tau^2 = 3 and a quarter of each distance is chance."""
    found = shrink(np.array([-2.0, 0.0, NAN, 2.0]), np.ones(4))
    assert found.value.tolist() == pytest.approx([-1.5, 0.0, NAN, 1.5], nan_ok=True)
    assert found.se.tolist() == pytest.approx([np.sqrt(0.75), np.sqrt(0.75), NAN, np.sqrt(0.75)], nan_ok=True)


def test_shrunken_errors_hold_against_the_truth() -> None:
    rng = np.random.default_rng(1)
    truth, se = rng.normal(1.0, 0.5, 5000), rng.uniform(0.1, 1.5, 5000)
    value = truth + rng.normal(size=5000) * se
    found = shrink(value, se)
    assert np.std((found.value - truth) / found.se) == pytest.approx(1.0, abs=0.04)
    assert np.std(found.value - truth) < 0.6 * np.std(value - truth)


def test_variants_that_differ_by_noise_alone_become_one() -> None:
    rng = np.random.default_rng(2)
    found = shrink(rng.normal(0.0, 0.1, 200), np.full(200, 0.2))
    assert np.ptp(found.value) == 0.0


def test_too_few_values_are_not_shrunken() -> None:
    assert np.isnan(shrink(np.array([1.0, 2.0]), np.array([0.1, 0.1])).value).all()
