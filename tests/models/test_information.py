"""Information in bits, against analytic values, brute force and integrals."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import digamma
from scipy.stats import norm

from kcalseq.models.information import (
    differential_entropy,
    log_likelihood,
    outcome_entropy,
    predictive_information,
    variational_information,
)


def one_read_each(y: NDArray[np.int64], n_bins: int) -> NDArray[np.float64]:
    return np.asarray(np.eye(n_bins)[:, y])


def two_gaussians(n: int, separation: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """phi and counts of a channel: y is 0 or 1, phi is normal around -separation / 2 or +separation / 2."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return rng.normal((y - 0.5) * separation, 1.0), one_read_each(y, 2)


def information_of_two_gaussians(separation: float) -> float:
    def integrand(x: float) -> float:
        p, q = norm.pdf(x, separation / 2), norm.pdf(x, -separation / 2)
        return float(sum(0.5 * a * math.log2(a / (0.5 * (p + q))) for a in (p, q)))

    return float(quad(integrand, -12, 12, epsabs=1e-10)[0])


def test_entropy_of_a_standard_normal() -> None:
    truth = 0.5 * math.log2(2 * math.pi * math.e)
    found = [differential_entropy(np.random.default_rng(seed).normal(size=10_000)) for seed in range(8)]
    # One estimate scatters by 0.012 bits: sqrt((1/2 + trigamma(5)) / n) / ln 2.
    assert np.mean(found) == pytest.approx(truth, abs=0.02)
    assert np.abs(np.array(found) - truth).max() < 0.05


@pytest.mark.parametrize("n", [6, 7, 60])
def test_entropy_is_that_of_brute_force_neighbours(n: int) -> None:
    x = np.random.default_rng(n).normal(size=n)
    distances = np.sort(np.abs(x[:, None] - x[None]), axis=1)[:, 5]
    brute = (digamma(n) - digamma(5) + math.log(2) + np.log(distances).mean()) / math.log(2)
    assert differential_entropy(x) == pytest.approx(brute, abs=1e-12)


def test_entropy_follows_shift_and_scale() -> None:
    x = np.random.default_rng(20).normal(size=500)
    assert differential_entropy(x[::-1] + 7.0) == pytest.approx(differential_entropy(x), abs=1e-9)
    assert differential_entropy(8.0 * x) == pytest.approx(differential_entropy(x) + 3.0, abs=1e-9)


def test_entropy_of_the_outcome() -> None:
    assert outcome_entropy(np.array([[2.0, 2.0], [4.0, 0.0], [0.0, 8.0]])) == pytest.approx(1.5)
    assert outcome_entropy(np.array([[3.0, 1.0], [0.0, 0.0]])) == 0.0


def test_variational_information_is_affine_in_log_likelihood() -> None:
    rng = np.random.default_rng(21)
    log_p, counts = np.log(rng.dirichlet(np.ones(4), 50).T), rng.poisson(1.0, (4, 50)).astype(float)
    base = variational_information(log_p, counts).value
    for loss in (0.1, 2.0):
        assert variational_information(log_p - loss, counts).value == pytest.approx(base - loss / math.log(2))
    mean = (log_p * counts).sum() / counts.sum()
    assert base == pytest.approx(outcome_entropy(counts) + mean / math.log(2))


def test_variational_information_of_the_bin_frequencies_is_nothing() -> None:
    counts = np.random.default_rng(22).poisson(1.0, (4, 60)).astype(float)
    shares = np.log(counts.sum(1) / counts.sum())[:, None] * np.ones((1, 60))
    assert variational_information(shares, counts).value == pytest.approx(0.0, abs=1e-12)


def test_standard_error_is_that_of_a_mean_over_reads() -> None:
    rng = np.random.default_rng(23)
    log_p, counts = np.log(rng.dirichlet(np.ones(3), 40).T), rng.poisson(2.0, (3, 40)).astype(float)
    reads = np.repeat(log_p.ravel(), counts.ravel().astype(int))
    found = log_likelihood(log_p, counts)
    assert found.value == pytest.approx(reads.mean())
    assert found.standard_error == pytest.approx(reads.std(ddof=1) / math.sqrt(len(reads)))


@pytest.mark.parametrize("separation", [1.0, 3.0])
def test_predictive_information_of_a_gaussian_channel(separation: float) -> None:
    phi, counts = two_gaussians(20_000, separation, 24)
    found = predictive_information(phi, counts, seed=1)
    assert found.value == pytest.approx(information_of_two_gaussians(separation), abs=0.02)
    assert 0.0 < found.standard_error < 0.02


def test_true_variational_and_predictive_information_agree() -> None:
    phi, counts = two_gaussians(20_000, 2.0, 25)
    p = np.stack([norm.pdf(phi, -1.0), norm.pdf(phi, 1.0)])
    variational = variational_information(np.log(p / p.sum(0)), counts).value
    assert variational == pytest.approx(information_of_two_gaussians(2.0), abs=0.02)
    assert variational == pytest.approx(predictive_information(phi, counts, seed=1).value, abs=0.02)


def test_predictive_information_of_shuffled_outcomes_is_nothing() -> None:
    rng = np.random.default_rng(26)
    phi = rng.normal(size=40_000)
    counts = one_read_each(rng.integers(0, 10, 40_000), 10)
    assert predictive_information(phi, counts, seed=1).value < 0.01


def test_predictive_information_is_seeded_and_counts_reads() -> None:
    phi, counts = two_gaussians(500, 2.0, 27)
    assert predictive_information(phi, counts, 3) == predictive_information(phi, counts, 3)
    assert predictive_information(phi, counts, 3) != predictive_information(phi, counts, 4)
    twice = predictive_information(np.repeat(phi, 2), np.repeat(counts, 2, axis=1), 3)
    assert predictive_information(phi, 2 * counts, 3).value == pytest.approx(twice.value, abs=0.1)
