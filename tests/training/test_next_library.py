"""Choosing the next library: every number against its definition, every choice against enumeration."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.training.next_library import choose_library, expected_fall, expected_information


def candidates(seed: int, n: int = 12, k: int = 3, size: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Scores of candidates that differ in how much they tell, and the precision of a posterior that is correlated."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    scores = rng.normal(size=(n, k, size)) * rng.lognormal(size=(n, 1, 1))
    return scores, root @ root.T + 0.5 * np.eye(size)


def precision_after(scores: np.ndarray, precision: np.ndarray, chosen: tuple[int, ...]) -> np.ndarray:
    return precision + sum((scores[i].T @ scores[i] for i in chosen), np.zeros_like(precision))


def information_of(scores: np.ndarray, precision: np.ndarray, chosen: tuple[int, ...]) -> float:
    after = precision_after(scores, precision, chosen)
    return float(np.linalg.slogdet(after)[1] - np.linalg.slogdet(precision)[1]) / 2


def variance_of(scores: np.ndarray, precision: np.ndarray, chosen: tuple[int, ...], weights: np.ndarray) -> float:
    return float(weights @ np.linalg.inv(precision_after(scores, precision, chosen)) @ weights)


def test_one_measurement_of_one_parameter_by_hand() -> None:
    # Precision 1 and information 3 make precision 4: half the log of 4, and a variance of 1 that falls to 1/4.
    scores, precision = np.array([[[np.sqrt(3.0)]]]), np.eye(1)
    assert expected_information(scores, precision) == pytest.approx([np.log(2.0)])
    assert expected_fall(scores, precision, 0) == pytest.approx([0.75])


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_single_gains_are_those_of_the_definition(seed: int, k: int, size: int) -> None:
    scores, precision = candidates(seed, 4, k, size)
    weights = np.random.default_rng(seed + 1).normal(size=size)
    gain, fall = expected_information(scores, precision), expected_fall(scores, precision, weights)
    before = variance_of(scores, precision, (), weights)
    for i in range(4):
        assert gain[i] == pytest.approx(information_of(scores, precision, (i,)), rel=1e-8, abs=1e-10)
        expected = before - variance_of(scores, precision, (i,), weights)
        assert fall[i] == pytest.approx(expected, rel=1e-7, abs=1e-9 * before)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_each_choice_is_the_best_beside_those_before(seed: int) -> None:
    scores, precision = candidates(seed)
    found = choose_library(scores, precision, 6)
    for number in range(6):
        before = tuple(found.indices[:number].tolist())
        gains = {i: information_of(scores, precision, (*before, i)) for i in range(len(scores)) if i not in before}
        assert found.indices[number] == max(gains, key=lambda i: gains[i])
        assert found.gain[number] == pytest.approx(max(gains.values()), rel=1e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_each_choice_for_one_parameter_lowers_its_variance_most(seed: int) -> None:
    scores, precision = candidates(seed)
    weights, found = np.eye(5)[2], choose_library(scores, precision, 6, 2)
    start = variance_of(scores, precision, (), weights)
    for number in range(6):
        before = tuple(found.indices[:number].tolist())
        variances = {
            i: variance_of(scores, precision, (*before, i), weights) for i in range(len(scores)) if i not in before
        }
        assert found.indices[number] == min(variances, key=lambda i: variances[i])
        assert found.gain[number] == pytest.approx(start - min(variances.values()), rel=1e-7)


@pytest.mark.parametrize("seed", range(10))
def test_the_greedy_choice_keeps_its_guarantee_beside_all_sets(seed: int) -> None:
    scores, precision = candidates(seed, n=9, k=2)
    for n in (2, 3, 4):
        best = max(information_of(scores, precision, chosen) for chosen in combinations(range(9), n))
        assert (1 - 1 / np.e) * best <= choose_library(scores, precision, n).gain[-1] <= best * (1 + 1e-12)


def test_what_is_chosen_later_adds_less() -> None:
    scores, precision = candidates(3, n=40)
    gain = choose_library(scores, precision, 40).gain
    steps = np.diff(gain, prepend=0.0)
    assert (steps > 0).all() and (np.diff(steps) <= 1e-12).all()


def test_all_candidates_together_tell_what_their_sum_tells_in_any_order() -> None:
    scores, precision = candidates(4, n=200, k=4, size=8)
    found, everything = choose_library(scores, precision, 200), tuple(range(200))
    assert sorted(found.indices) == list(everything)
    assert found.gain[-1] == pytest.approx(information_of(scores, precision, everything), rel=1e-10)
    weights = np.arange(8.0)
    fall = variance_of(scores, precision, (), weights) - variance_of(scores, precision, everything, weights)
    assert choose_library(scores, precision, 200, weights).gain[-1] == pytest.approx(fall, rel=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_a_library_for_one_parameter_beats_chance_and_the_library_for_all(seed: int) -> None:
    scores, flat_posterior = candidates(seed, n=300, k=3, size=20)
    # A first library has been measured: without one the greedy choice for one parameter is not always the better.
    precision = precision_after(0.1 * scores, flat_posterior, tuple(range(300)))
    one, everything = choose_library(scores, precision, 15, 7), choose_library(scores, precision, 15)

    def left(chosen: np.ndarray) -> float:
        return variance_of(scores, precision, tuple(chosen.tolist()), np.eye(20)[7])

    rng = np.random.default_rng(seed)
    by_chance = [left(rng.choice(300, 15, replace=False)) for _ in range(50)]
    assert left(one.indices) < left(everything.indices) < np.median(by_chance)
    assert left(one.indices) < min(by_chance)
    assert everything.gain[-1] > information_of(scores, precision, tuple(one.indices.tolist()))


def test_a_change_of_units_changes_no_choice() -> None:
    scores, precision = candidates(8, n=60)
    units = np.array([1e-3, 1.0, 50.0, 2.0, 1e4])
    in_others = scores * units, precision * np.outer(units, units)
    for target in ("all", 3):
        assert (
            choose_library(*in_others, 10, target).indices == choose_library(scores, precision, 10, target).indices
        ).all()
    assert np.allclose(expected_information(*in_others), expected_information(scores, precision))


def test_a_candidate_that_tells_nothing_gains_nothing() -> None:
    scores, precision = candidates(9)
    scores[4] = 0.0
    assert expected_information(scores, precision)[4] == 0.0
    assert choose_library(scores, precision, 12).indices[-1] == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": 13}, "13 of 12 candidates"),
        ({"n": -1}, "-1 of 12 candidates"),
        ({"target": "stack"}, "target 'stack': expected 'all'"),
        ({"target": 5}, "target 5: expected a parameter's number from 0 to 4"),
        ({"target": np.ones(3)}, r"target of shape \(3,\); expected \(5,\)"),
        ({"precision": np.eye(4)}, r"precision \(4, 4\); expected"),
        ({"precision": -np.eye(5)}, "not positive definite"),
    ],
)
def test_what_does_not_fit_is_told(change: dict[str, object], words: str) -> None:
    scores, precision = candidates(1)
    arguments = {"scores_root": scores, "precision": precision, "n": 3} | change
    with pytest.raises(ValueError, match=words):
        choose_library(**arguments)  # type: ignore[arg-type]
