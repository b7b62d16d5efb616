"""What cells in a single bin tell: of a bin between others where in it the mean may lie, of an end bin a bound.

The width is not theirs to tell: it is averaged over its prior, by Gauss-Hermite quadrature.
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.gated_normal import Sorter, log_shares
from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.width_prior import WidthPrior, means_within_reach

_NODES = 9
_BLOCK = 1024
_BEYOND = 8.0  # typical sigmas beyond the gates in which a bound is sought
_POINTS = 801


class WithinBin(NamedTuple):
    """Of variants, shape (n,): posterior mean and standard deviation of mu (log10 fluorescence) and of log sigma."""

    mean: Floats
    mean_se: Floats
    log_sd: Floats
    log_sd_se: Floats


def within_bin(n: Floats, place: Integers, sorter: Sorter, prior: WidthPrior) -> WithinBin:
    """Posterior moments with a flat prior of mu, of variants whose cells all lie in one bin.

    Args:
        n: effective observations, shape (n_variants,).
        place: of the bin, which is no end bin, likewise.
        sorter: gates and exposure.
        prior: of log sigma.
    """
    sums = np.zeros((5, len(n)))
    for log_sd, weight in zip(*_quadrature(prior), strict=True):
        means = means_within_reach(float(np.exp(log_sd)), sorter)
        log_q, step = log_shares(means, float(np.exp(log_sd)), sorter), weight * (means[1] - means[0])
        for first in range(0, len(n), _BLOCK):
            own = slice(first, first + _BLOCK)
            likelihood = step * np.exp(n[own, None] * np.maximum(log_q.T[place[own]], -1e9))
            total = likelihood.sum(1)
            moments = total, (likelihood * means).sum(1), (likelihood * means**2).sum(1)
            sums[:, own] += [*moments, total * log_sd, total * log_sd**2]
    total = np.where(sums[0] > 0, sums[0], np.nan)
    mean, square, log_sd, log_square = sums[1:] / total
    return WithinBin(mean, _root(square - mean**2), log_sd, _root(log_square - log_sd**2))


def bounds(n: Floats, is_first: bool, sorter: Sorter, prior: WidthPrior, confidence: float) -> Floats:
    """One-sided bounds of mu of variants whose cells all lie in the first bin, or in the last.

    Beyond the bound, so many cells would all lie in that bin with a chance of less than 1 - confidence.

    Args:
        n: effective observations, shape (n_variants,).
        is_first: whether it is the first bin, and the bound an upper one.
        sorter: gates and exposure.
        prior: of log sigma.
        confidence: level of the bound, 0 to 1.
    """
    reach = _BEYOND * float(np.exp(prior.mean + prior.sd))
    means = np.linspace(sorter.finite[0] - reach, sorter.finite[-1] + reach, _POINTS)
    nodes, weights = _quadrature(prior)
    log_q = np.stack([log_shares(means, float(np.exp(node)), sorter)[:, 0 if is_first else -1] for node in nodes])
    found = np.empty(len(n))
    for number, own in enumerate(n):
        chance = (weights[:, None] * np.exp(own * np.maximum(log_q, -1e9))).sum(0)
        rising = chance[::-1] if is_first else chance
        found[number] = np.interp(1.0 - confidence, rising, means[::-1] if is_first else means)
    return found


def _quadrature(prior: WidthPrior) -> tuple[Floats, Floats]:
    """Values of log sigma and their weights, which add up to 1."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return prior.mean + prior.sd * nodes, weights / weights.sum()


def _root(variance: Floats) -> Floats:
    return np.sqrt(np.maximum(variance, 0.0))
