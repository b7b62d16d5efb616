"""Information that only the order of phi decides: against known values, brute force, and maps of phi."""

import math
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import digamma, ndtr, ndtri
from scipy.stats import kstest, norm

from kcalseq.models.information import Estimate, entropy_information, predictive_information
from kcalseq.models.rank_information import (
    nearest_neighbour_information,
    normal_scores,
    random_normal_scores,
    rank_information,
    ross_information,
)

Estimator = Callable[[NDArray[np.float64], NDArray[np.float64], int], Estimate]
BOTH = pytest.mark.parametrize("estimator", [rank_information, ross_information])


def one_read_each(y: NDArray[np.int64], n_bins: int) -> NDArray[np.float64]:
    return np.asarray(np.eye(n_bins)[:, y])


def gaussian_channel(
    n: int, correlation: float, n_bins: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """phi and counts: two normal numbers of that correlation, the second one cut into bins of equal probability."""
    rng = np.random.default_rng(seed)
    phi = rng.normal(size=n)
    other = correlation * phi + math.sqrt(1 - correlation**2) * rng.normal(size=n)
    return phi, one_read_each(np.minimum((ndtr(other) * n_bins).astype(np.int64), n_bins - 1), n_bins)


def information_of_gaussian_channel(correlation: float, n_bins: int) -> float:
    """Bits, by a sum over a fine grid of phi."""
    grid = np.linspace(-8, 8, 4001)
    weight = norm.pdf(grid) / norm.pdf(grid).sum()
    edges = ndtri(np.linspace(0, 1, n_bins + 1))[:, None]
    p = np.maximum(np.diff(ndtr((edges - correlation * grid) / math.sqrt(1 - correlation**2)), axis=0), 1e-300)
    return float(math.log2(n_bins) + (weight * p * np.log2(p)).sum())


def test_gaussian_channel_with_as_many_bins_as_one_likes_has_the_information_of_the_bivariate_normal() -> None:
    assert information_of_gaussian_channel(0.8, 500) == pytest.approx(-0.5 * math.log2(1 - 0.8**2), abs=2e-3)


@BOTH
@pytest.mark.parametrize(("correlation", "n_bins"), [(0.8, 10), (0.6, 3), (0.95, 4)])
def test_information_of_a_gaussian_channel(estimator: Estimator, correlation: float, n_bins: int) -> None:
    found = estimator(*gaussian_channel(20_000, correlation, n_bins, 1), 1)
    assert found.value == pytest.approx(information_of_gaussian_channel(correlation, n_bins), abs=0.02)
    assert 0.0 < found.standard_error < 0.02


@BOTH
@pytest.mark.parametrize("shift", [0.25, 0.6, 1.0])
def test_two_boxes_that_overlap_by_one_less_a_share_say_as_many_bits_as_the_share(
    estimator: Estimator, shift: float
) -> None:
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 20_000)
    found = estimator(rng.uniform(size=20_000) + shift * y, one_read_each(y, 2), 2)
    assert found.value == pytest.approx(shift, abs=0.025)


@BOTH
def test_bins_that_phi_does_not_decide_give_nothing(estimator: Estimator) -> None:
    rng = np.random.default_rng(3)
    counts = one_read_each(rng.integers(0, 10, 40_000), 10)
    found = estimator(rng.normal(size=40_000), counts, 3)
    assert abs(found.value) < 2 * found.standard_error
    assert found.standard_error < 0.01


def test_ross_estimates_of_independent_numbers_scatter_around_nothing() -> None:
    found = []
    for seed in range(200):
        rng = np.random.default_rng([4, seed])
        found.append(nearest_neighbour_information(rng.normal(size=200), rng.integers(0, 5, 200)))
    assert min(found) < 0.0 < max(found)
    # The mean of 200 scatters by 0.004 bits; entropies of such samples are off by 0.05 bits together.
    assert abs(np.mean(found)) < 3 * np.std(found) / math.sqrt(200)
    assert np.std(found) / math.sqrt(200) < 0.005


@BOTH
@pytest.mark.parametrize(
    "mapped",
    [np.exp, lambda phi: phi**3, lambda phi: 1 / (1 + np.exp(6 - 6 * phi)), lambda phi: 1e6 * phi - 3],
    ids=["exponential", "cube", "crowded occupancy", "affine"],
)
def test_monotone_maps_of_phi_change_no_digit(
    estimator: Estimator, mapped: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> None:
    phi, counts = gaussian_channel(500, 0.8, 5, 5)
    assert estimator(mapped(phi), counts, 5) == estimator(phi, counts, 5)


@BOTH
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_only_the_order_of_phi_matters(estimator: Estimator, data: st.DataObject) -> None:
    phi = np.array(data.draw(st.lists(st.integers(-20, 20), min_size=8, max_size=40)), dtype=float)
    steps = np.array(data.draw(st.lists(st.floats(1e-3, 1e3), min_size=41, max_size=41)))
    mapped = np.cumsum(steps)[phi.astype(int) + 20]
    counts = one_read_each(np.arange(len(phi)) % 2, 2)
    assert estimator(mapped, counts, 6) == estimator(phi, counts, 6)


def test_estimate_that_jitters_phi_itself_loses_what_is_crowded() -> None:
    phi, counts = gaussian_channel(5000, 0.95, 10, 7)
    crowded = np.exp(5 * phi)
    lost = predictive_information(phi, counts, 7).value - predictive_information(crowded, counts, 7).value
    assert lost > 0.5


def test_ross_estimate_is_that_of_brute_force_neighbours() -> None:
    for n in (7, 12, 60, 150):
        rng = np.random.default_rng([8, n])
        y = rng.integers(0, 3, n)
        x = rng.normal(y.astype(float), 1.0)
        terms = []
        for i in range(n):
            same = sorted(abs(x[j] - x[i]) for j in range(n) if j != i and y[j] == y[i])
            if len(same) < 5:
                terms.append(0.0)
                continue
            m = sum(abs(x[j] - x[i]) <= same[4] for j in range(n) if j != i)
            terms.append(digamma(n) - digamma(len(same) + 1) + digamma(5) - digamma(m))
        assert nearest_neighbour_information(x, y) == pytest.approx(sum(terms) / n / math.log(2), abs=1e-12)


def test_entropy_estimate_is_that_of_brute_force_neighbours() -> None:
    def entropy(x: NDArray[np.float64]) -> float:
        fifth = [sorted(abs(a - b) for b in x)[5] for a in x]
        return float(digamma(len(x)) - digamma(5) + math.log(2) + np.mean(np.log(fifth))) / math.log(2)

    for n in (30, 150):
        rng = np.random.default_rng([9, n])
        y = rng.integers(0, 3, n)
        x = rng.normal(y.astype(float), 1.0)
        whole = entropy(x)
        brute = whole - sum((y == bin_).mean() * entropy(x[y == bin_]) for bin_ in range(3))
        assert entropy_information(x, y) == pytest.approx(abs(brute), abs=1e-12)


def test_ross_estimate_of_one_outcome_or_of_rare_ones_is_nothing() -> None:
    x = np.random.default_rng(10).normal(size=60)
    assert nearest_neighbour_information(x, np.zeros(60, dtype=np.int64)) == pytest.approx(0.0, abs=1e-12)
    assert nearest_neighbour_information(x, np.arange(60) // 5) == 0.0
    assert nearest_neighbour_information(x[:5], np.zeros(5, dtype=np.int64)) == 0.0


def test_ross_estimate_keeps_the_neighbour_at_the_rim_far_from_the_origin() -> None:
    """Powers of two shift these numbers without rounding, so every neighbour stays the one it was."""
    rng = np.random.default_rng(11)
    x, y = rng.permutation(4000)[:300] / 4096.0, rng.integers(0, 3, 300)
    assert nearest_neighbour_information(x + 2.0**20, y) == nearest_neighbour_information(x, y)


@pytest.mark.parametrize("scores", [normal_scores, random_normal_scores])
def test_scores_keep_the_order_and_are_normal(
    scores: Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]],
) -> None:
    x = np.random.default_rng(12).exponential(size=400)
    found = scores(x, np.random.default_rng(13))
    assert np.array_equal(np.argsort(found), np.argsort(x))
    assert kstest(found, "norm").pvalue > 0.05


def test_equal_values_are_put_in_random_order() -> None:
    x = np.array([1.0, 0.0, 0.0, 0.0, -1.0])
    orders = {tuple(np.argsort(normal_scores(x, np.random.default_rng(seed))).tolist()) for seed in range(100)}
    assert orders == {(4, *middle, 0) for middle in [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)]}


def test_quantiles_instead_of_random_scores_would_overstate_small_samples() -> None:
    quantiles, random = [], []
    for seed in range(40):
        rng = np.random.default_rng([14, seed])
        x, y = rng.normal(size=200), rng.integers(0, 2, 200)
        quantiles.append(entropy_information(normal_scores(x, rng), y))
        random.append(entropy_information(random_normal_scores(x, rng), y))
    # The truth is 0. Entropies of 200 values err by 0.05 bits on their own, quantiles add as much again and more.
    assert np.mean(random) < 0.08
    assert np.mean(quantiles) > 0.18


@BOTH
def test_standard_error_is_the_scatter_over_samples(estimator: Estimator) -> None:
    """The scatter over 50 samples is itself known to 10 %, and halves overstate the error by up to 15 %."""
    found = [estimator(*gaussian_channel(800, 0.8, 5, seed), seed) for seed in range(100, 150)]
    scatter = np.std([item.value for item in found], ddof=1)
    assert 0.8 < np.mean([item.standard_error for item in found]) / scatter < 1.4


@BOTH
def test_several_observations_of_a_variant_count_each(estimator: Estimator) -> None:
    """Three independent reads of each of 7,000 variants say as much each as one read of 21,000."""
    reads = [gaussian_channel(7000, 0.8, 10, 15)]
    rng, phi = np.random.default_rng(16), reads[0][0]
    for _ in range(2):
        other = 0.8 * phi + 0.6 * rng.normal(size=7000)
        reads.append((phi, one_read_each(np.minimum((ndtr(other) * 10).astype(np.int64), 9), 10)))
    counts = np.sum([item[1] for item in reads], axis=0)
    assert counts.max() > 1
    assert estimator(phi, counts, 16).value == pytest.approx(information_of_gaussian_channel(0.8, 10), abs=0.03)


@BOTH
def test_same_seed_gives_the_same_digits(estimator: Estimator) -> None:
    phi, counts = gaussian_channel(300, 0.8, 5, 17)
    tied = np.round(phi, 1)
    assert estimator(tied, counts, 1) == estimator(tied, counts, 1)
    assert estimator(tied, counts, 1).value != estimator(tied, counts, 2).value


def test_ross_estimate_and_error_of_twenty_thousand_observations_take_less_than_a_second() -> None:
    phi, counts = gaussian_channel(20_000, 0.8, 10, 18)
    begin = time.process_time()
    ross_information(phi, counts, 18)
    assert time.process_time() - begin < 1.0
