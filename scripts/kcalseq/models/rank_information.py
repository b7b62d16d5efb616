"""How much a model says about the measurement, whatever the scale of its phenotype, in bits per observation.

Mutual information does not change when phi is mapped monotonically, but its estimates from finite samples do: the
jitter of I_pred (``information.predictive_information``) is 1 % of the sd of phi and wipes out what stands where an
occupancy is crowded near 0. Both estimates here use nothing of phi but the order of the observations, so that
phenotypes of different models compare.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, ndtri

from kcalseq.models.information import (
    NEIGHBOURS,
    Estimate,
    entropy_information,
    jittered,
    neighbour_distance,
    single_observations,
    spread_of_halves,
)
from kcalseq.units import NATS_PER_BIT


def rank_information(phi: NDArray[np.float64], counts: NDArray[np.float64], seed: int) -> Estimate:
    """I_pred with MAVE-NN's estimator on ranks of phi mapped to a normal distribution, bits per observation.

    The standard error is the spread over half-size subsamples (``information.spread_of_halves``).

    Args:
        phi: latent phenotype, shape (n_variants,).
        counts: observations, shape (n_bins, n_variants).
        seed: of the order of equal values, scores, jitter and subsamples.
    """
    rng = np.random.default_rng([seed, 0x2A4])
    x, y = single_observations(phi, counts)
    x = jittered(random_normal_scores(x, rng), rng)
    return Estimate(entropy_information(x, y), spread_of_halves(entropy_information, x, y, rng))


def ross_information(phi: NDArray[np.float64], counts: NDArray[np.float64], seed: int) -> Estimate:
    """I[y; phi] with the nearest-neighbour estimator of Ross (2014) on ranks of phi, bits per observation.

    Right on average where phi and bin are independent, so it can come out below 0. The standard error is the spread
    over half-size subsamples (``information.spread_of_halves``).

    Args:
        phi: latent phenotype, shape (n_variants,).
        counts: observations, shape (n_bins, n_variants).
        seed: of the order of equal values and of the subsamples.
    """
    rng = np.random.default_rng([seed, 0x2055])
    x, y = single_observations(phi, counts)
    x = normal_scores(x, rng)
    return Estimate(nearest_neighbour_information(x, y), spread_of_halves(nearest_neighbour_information, x, y, rng))


def nearest_neighbour_information(x: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Mutual information of a continuous and a discrete number, bits (Ross 2014, PLoS ONE 9:e87357).

    I = psi(n) - <psi(n_y)> + psi(k) - <psi(m)> with k = 5, where m counts the observations, itself left out, that are
    no farther from an observation than the k-th neighbour with its own outcome. An outcome with at most k
    observations tells nothing: its terms are 0.

    Args:
        x: a continuous number of each observation, no two the same, shape (n,).
        y: a discrete one, shape (n,).
    """
    n, k = len(x), NEIGHBOURS
    if n <= k:
        return 0.0
    order = np.argsort(x)
    ordered, outcomes = x[order], y[order]
    # Rounding of x - distance must not lose the neighbour that the distance was measured to.
    margin = 4.0 * np.spacing(np.abs(ordered[[0, -1]]).max())
    total = 0.0
    for outcome in np.unique(y):
        own = ordered[outcomes == outcome]
        if len(own) <= k:
            continue
        reach = neighbour_distance(own) + margin
        within = np.searchsorted(ordered, own + reach, "right") - np.searchsorted(ordered, own - reach, "left") - 1
        total += len(own) * (digamma(n) - digamma(len(own)) + digamma(k)) - digamma(within).sum()
    return float(total / n / NATS_PER_BIT)


def normal_scores(x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Quantiles of the standard normal distribution in the order of x, shape (n,); equal values in random order."""
    return _in_order_of(x, ndtri((np.arange(len(x)) + 0.5) / len(x)), rng)


def random_normal_scores(x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Sample of the standard normal distribution in the order of x, shape (n,); equal values in random order.

    For estimates of entropy: evenly spaced quantiles have 5th neighbours that no sample has, which at a few hundred
    observations overstates the information by some tenths of a bit.
    """
    return _in_order_of(x, np.sort(rng.normal(size=len(x))), rng)


def _in_order_of(x: NDArray[np.float64], ordered: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    scores = np.empty(len(x))
    scores[np.lexsort((rng.random(len(x)), x))] = ordered
    return scores
