"""What cells in a single bin tell: of a bin between others where in it the mean may lie, of an end bin a bound.

The width is not theirs to tell: it is averaged over its prior, by Gauss-Hermite quadrature.
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.gated_normal import Sorter, log_shares, log_shares_beyond
from kcalseq.activity.groups import Floats
from kcalseq.activity.width_prior import WidthPrior, log_likelihood, means_within_reach

_NODES = 9
_BLOCK = 256
_BEYOND = 8.0  # typical sigmas beyond the gates in which a bound is sought
_POINTS = 401


class Posterior(NamedTuple):
    """Of variants, shape (n,): posterior mean and standard deviation of mu (log10 fluorescence) and of log sigma."""

    mean: Floats
    mean_se: Floats
    log_sd: Floats
    log_sd_se: Floats


def posterior(cells: Floats, sorter: Sorter, prior: WidthPrior) -> Posterior:
    """Posterior moments with a flat prior of mu.

    Args:
        cells: effective observations, not all in one end bin, shape (n_variants, n_bins).
        sorter: gates, exposure and background.
        prior: of log sigma.
    """
    nodes, weights = _quadrature(prior)
    grids = [means_within_reach(float(np.exp(node)), sorter) for node in nodes]
    log_q = [log_shares(means, float(np.exp(node)), sorter) for means, node in zip(grids, nodes, strict=True)]
    blocks = [
        _moments(cells[first : first + _BLOCK], grids, log_q, nodes, weights) for first in range(0, len(cells), _BLOCK)
    ]
    total, mean, square, log_sd, log_square = np.concatenate(blocks, axis=1) if blocks else np.zeros((5, 0))
    mean, square, log_sd, log_square = (values / total for values in (mean, square, log_sd, log_square))
    return Posterior(mean, _root(square - mean**2), log_sd, _root(log_square - log_sd**2))


def _moments(cells: Floats, grids: list[Floats], log_q: list[Floats], nodes: Floats, weights: Floats) -> Floats:
    """Sums of the likelihood, times mu, its square, log sigma and its square, shape (5, n_variants)."""
    height = log_likelihood(cells, log_q[len(nodes) // 2]).max(1)[:, None]
    sums = np.zeros((5, len(cells)))
    for means, own, node, weight in zip(grids, log_q, nodes, weights, strict=True):
        likelihood = weight * (means[1] - means[0]) * np.exp(log_likelihood(cells, own) - height)
        total = likelihood.sum(1)
        sums += [total, (likelihood * means).sum(1), (likelihood * means**2).sum(1), total * node, total * node**2]
    return sums


def bounds(cells: Floats, is_first: bool, sorter: Sorter, prior: WidthPrior, confidence: float) -> Floats:
    """One-sided bounds of mu of variants whose cells all lie in the first bin, or in the last.

    Beyond the bound the observations are less likely than 1 - confidence of what they are if mu is without end. For
    observations in that bin alone it is the chance that they all lie there.

    Args:
        cells: effective observations, shape (n_variants, n_bins).
        is_first: whether it is the first bin, and the bound an upper one.
        sorter: gates, exposure and background.
        prior: of log sigma.
        confidence: level of the bound, 0 to 1.
    """
    reach = _BEYOND * float(np.exp(prior.mean + prior.sd))
    means = np.linspace(sorter.finite[0] - reach, sorter.finite[-1] + reach, _POINTS)
    means = means if is_first else means[::-1]
    nodes, weights = _quadrature(prior)
    log_q = [np.maximum(log_shares(means, float(np.exp(node)), sorter), -1e9) for node in nodes]
    beyond = np.maximum(log_shares_beyond(is_first, sorter), -1e9)
    found = np.empty(len(cells))
    for first in range(0, len(cells), _BLOCK):
        own = cells[first : first + _BLOCK]
        ratio = np.zeros((len(own), _POINTS))
        for weight, of in zip(weights, log_q, strict=True):
            ratio += weight * np.exp(log_likelihood(own, of - beyond))
        held = ratio >= 1.0 - confidence
        last = np.minimum(_POINTS - 1 - held[:, ::-1].argmax(1), _POINTS - 2)
        rows = np.arange(len(own))
        at, behind = ratio[rows, last], ratio[rows, last + 1]
        part = (at - (1.0 - confidence)) / np.maximum(at - behind, np.finfo(float).tiny)
        found[first : first + _BLOCK] = means[last] + np.clip(part, 0.0, 1.0) * (means[last + 1] - means[last])
    return found


def _quadrature(prior: WidthPrior) -> tuple[Floats, Floats]:
    """Values of log sigma and their weights, which add up to 1."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return prior.mean + prior.sd * nodes, weights / weights.sum()


def _root(variance: Floats) -> Floats:
    return np.sqrt(np.maximum(variance, 0.0))
