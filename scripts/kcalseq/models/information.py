"""How much a model says about the measurement, in bits per observation.

I_var = H[y] + <log2 p(y | phi)> and I_pred = I[y; phi] as MAVE-NN defines them (Tareen et al. 2022), the latter by
the Kozachenko-Leonenko estimate of differential entropy. I_var <= I_pred up to noise; the gap is what the fitted
measurement process misses.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from kcalseq.units import NATS_PER_BIT

NEIGHBOURS = 5
_N_SUBSAMPLES = 25


class Estimate(NamedTuple):
    """A value and its standard error."""

    value: float
    standard_error: float


def outcome_entropy(counts: NDArray[np.float64]) -> float:
    """Plug-in entropy of the outcome, bits.

    Args:
        counts: observations, shape (n_bins, n_variants).
    """
    p = counts.sum(1) / counts.sum()
    return float(-(p[p > 0] * np.log2(p[p > 0])).sum())


def log_likelihood(log_p: NDArray[np.float64], counts: NDArray[np.float64]) -> Estimate:
    """Mean log p(y | phi) of an observation, nats.

    Args:
        log_p: nats, shape (n_bins, n_variants).
        counts: observations, shape (n_bins, n_variants).
    """
    n = counts.sum()
    mean = (counts * log_p).sum() / n
    variance = (counts * (log_p - mean) ** 2).sum() / max(n - 1.0, 1.0)
    return Estimate(float(mean), float(np.sqrt(variance / n)))


def variational_information(log_p: NDArray[np.float64], counts: NDArray[np.float64]) -> Estimate:
    """I_var, bits per observation: a lower bound of the mutual information; negative for a bad model."""
    fit = log_likelihood(log_p, counts)
    return Estimate(outcome_entropy(counts) + fit.value / NATS_PER_BIT, fit.standard_error / NATS_PER_BIT)


def predictive_information(phi: NDArray[np.float64], counts: NDArray[np.float64], seed: int) -> Estimate:
    """I_pred, bits per observation, with MAVE-NN's estimator for discrete outcomes.

    Every observation gets its variant's phi plus a jitter of 1 % of phi's sd (repeated values would have entropy
    minus infinity). The standard error is MAVE-NN's as well, the spread over half-size subsamples divided by root 2:
    over simulated samples it is too small by a factor of 1.2 to 1.4 (``spread_of_halves`` says why).

    Args:
        phi: latent phenotype, shape (n_variants,).
        counts: observations, shape (n_bins, n_variants).
        seed: of jitter and subsamples.
    """
    rng = np.random.default_rng([seed, 0x1F0])
    x, y = single_observations(phi, counts)
    x = jittered(x, rng)
    value = entropy_information(x, y)
    return Estimate(value, float(spread_of_halves(entropy_information, x, y, rng) / np.sqrt(2.0)))


def single_observations(
    phi: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give every observation a row of its own.

    Args:
        phi: latent phenotype, shape (n_variants,).
        counts: observations, shape (n_bins, n_variants).

    Returns:
        phi and bin of each observation, both of shape (n_observations,).
    """
    y, variants = np.nonzero(counts)
    repeats = counts[y, variants].astype(np.int64)
    return np.repeat(phi[variants], repeats), np.repeat(y, repeats)


def jittered(x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """MAVE-NN's jitter: normal noise of 1 % of the sd of x, which tells repeated values apart."""
    return x + rng.normal(0.0, 0.01 * max(float(x.std()), 1e-12), len(x)) + rng.uniform(0.0, 1e-5, len(x))


def spread_of_halves(
    estimator: Callable[[NDArray[np.float64], NDArray[np.int64]], float],
    x: NDArray[np.float64],
    y: NDArray[np.int64],
    rng: np.random.Generator,
) -> float:
    """Standard deviation of an estimator over random halves of the observations, in its unit.

    For means over observations this is the standard error of the whole sample: half the observations double the
    variance, and that halves of one sample share observations halves it again (delete-d jackknife with d = n / 2,
    Shao & Wu 1989).

    Args:
        estimator: of x and y.
        x: a continuous number of each observation, shape (n,).
        y: a discrete one, shape (n,).
        rng: draws the halves, without replacement.
    """
    halves = [rng.permutation(len(x))[: len(x) // 2] for _ in range(_N_SUBSAMPLES)]
    return float(np.std([estimator(x[rows], y[rows]) for rows in halves], ddof=1))


def entropy_information(x: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Mutual information as MAVE-NN estimates it, |H[x] - H[x | y]| of Kozachenko-Leonenko entropies, bits.

    Args:
        x: a continuous number of each observation, no two the same, shape (n,).
        y: a discrete one, shape (n,).
    """
    if len(x) <= NEIGHBOURS:
        return 0.0
    whole = differential_entropy(x)
    conditional = 0.0
    for outcome in np.unique(y):
        inside = x[y == outcome]
        # An outcome with too few observations tells nothing: its entropy is taken as that of all.
        entropy = differential_entropy(inside) if len(inside) > NEIGHBOURS else whole
        conditional += len(inside) / len(x) * entropy
    return abs(whole - conditional)


def differential_entropy(x: NDArray[np.float64]) -> float:
    """Kozachenko-Leonenko estimate of the entropy of a continuous number from its 5th neighbours, bits.

    Args:
        x: more than 5 values, no two the same, shape (n,).
    """
    mean_log = np.log(np.maximum(neighbour_distance(np.sort(x)), np.finfo(float).tiny)).mean()
    return float((digamma(len(x)) - digamma(NEIGHBOURS) + np.log(2.0) + mean_log) / NATS_PER_BIT)


def neighbour_distance(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each value to its 5th neighbour.

    Args:
        ordered: more than 5 values in rising order, shape (n,).
    """
    n, k = len(ordered), NEIGHBOURS
    # The 5 nearest of a value lie in one of the 6 windows of 6 neighbours in order that contain it.
    distance = np.full(n, np.inf)
    for left in range(k + 1):
        first = np.arange(n) - left
        inside = (first >= 0) & (first + k < n)
        at, low = np.arange(n)[inside], first[inside]
        reach = np.maximum(ordered[at] - ordered[low], ordered[low + k] - ordered[at])
        distance[inside] = np.minimum(distance[inside], reach)
    return distance
