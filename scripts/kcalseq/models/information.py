"""How much a model says about the measurement, in bits per observation.

I_var = H[y] + <log2 p(y | phi)> and I_pred = I[y; phi] as MAVE-NN defines them (Tareen et al. 2022), the latter by
the Kozachenko-Leonenko estimate of differential entropy. I_var <= I_pred up to noise; the gap is what the fitted
measurement process misses.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from kcalseq.units import NATS_PER_BIT

_NEIGHBOURS = 5
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
    minus infinity). The standard error comes from half-size subsamples without replacement.

    Args:
        phi: latent phenotype, shape (n_variants,).
        counts: observations, shape (n_bins, n_variants).
        seed: of jitter and subsamples.
    """
    rng = np.random.default_rng([seed, 0x1F0])
    y, variants = np.nonzero(counts)
    repeats = counts[y, variants].astype(np.int64)
    y, x = np.repeat(y, repeats), np.repeat(phi[variants], repeats)
    x = x + rng.normal(0.0, 0.01 * max(float(x.std()), 1e-12), len(x)) + rng.uniform(0.0, 1e-5, len(x))
    value = _discrete_information(x, y)
    halves = [rng.permutation(len(x))[: len(x) // 2] for _ in range(_N_SUBSAMPLES)]
    spread = np.std([_discrete_information(x[rows], y[rows]) for rows in halves], ddof=1)
    return Estimate(value, float(spread / np.sqrt(2.0)))


def differential_entropy(x: NDArray[np.float64]) -> float:
    """Kozachenko-Leonenko estimate of the entropy of a continuous number from its 5th neighbours, bits.

    Args:
        x: more than 5 values, no two the same, shape (n,).
    """
    n, k = len(x), _NEIGHBOURS
    ordered = np.sort(x)
    # The 5 nearest of a value lie in one of the 6 windows of 6 neighbours in order that contain it.
    distance = np.full(n, np.inf)
    for left in range(k + 1):
        first = np.arange(n) - left
        inside = (first >= 0) & (first + k < n)
        at, low = np.arange(n)[inside], first[inside]
        reach = np.maximum(ordered[at] - ordered[low], ordered[low + k] - ordered[at])
        distance[inside] = np.minimum(distance[inside], reach)
    mean_log = np.log(np.maximum(distance, np.finfo(float).tiny)).mean()
    return float((digamma(n) - digamma(k) + np.log(2.0) + mean_log) / NATS_PER_BIT)


def _discrete_information(x: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    if len(x) <= _NEIGHBOURS:
        return 0.0
    whole = differential_entropy(x)
    conditional = 0.0
    for outcome in np.unique(y):
        inside = x[y == outcome]
        # An outcome with too few observations tells nothing: its entropy is taken as that of all.
        entropy = differential_entropy(inside) if len(inside) > _NEIGHBOURS else whole
        conditional += len(inside) / len(x) * entropy
    return abs(whole - conditional)
