r"""How wide the log fluorescence of variants is on the whole: a normal prior of log sigma, by empirical Bayes.

A variant whose cells fall into one or two bins does not tell its own sigma. What others tell is fitted by maximum
marginal likelihood: mu is integrated out with a flat prior, and mean and variance of log sigma go up by EM (Dempster,
Laird & Rubin 1977) on a lattice of log sigma, which is exact enough as the likelihood of one variant is far wider than
the steps. Few variants, or gates that leave widths open, would make it anything, so it has a prior of its own that is
worth a few variants: cells of one genotype commonly spread by 0.1 to 0.7 in log10.
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.gated_normal import Sorter, log_shares
from kcalseq.activity.groups import Floats

_STEP = 0.1
"""Of the lattice, in log sigma."""
_FINEST = 0.1  # of the narrowest bin: a smaller sigma looks like this one
_WIDEST = 2.0  # of the span of all gates: a larger one likewise
_MOST_VARIANTS = 1000
_MOST_CELLS = 100.0  # of each variant: more would make its likelihood narrower than the lattice
_LEAST_CELLS = 2.0
_COMMON, _COMMON_SD = float(np.log(0.25)), 1.0  # mean of log sigma, before anything is seen
_SPREAD, _SPREAD_DEGREES = 0.3, 4.0  # its standard deviation between variants, likewise
_LEAST_SD = 0.05  # of log sigma between variants: cells of no two genotypes scatter quite alike
_ROUNDS = 100
_REACH = 4.0  # sigmas beyond the gates to which mu is integrated
_POINTS_PER_SD = 4
_ROOM = 1.5  # sigmas beyond the gates, both ends together, in which variants lie that are not all beyond


class WidthPrior(NamedTuple):
    """A normal prior of log sigma (sigma in log10 fluorescence): its mean and standard deviation."""

    mean: float
    sd: float


class FittedPrior(NamedTuple):
    """A prior, and the log of the marginal likelihood of the variants that it was fitted to, up to a constant."""

    prior: WidthPrior
    log_evidence: float


def fit_width(cells: Floats, sorter: Sorter) -> FittedPrior:
    """Fit the prior to the variants of a replicate.

    Args:
        cells: effective number of observations of each variant in each bin, shape (n_variants, n_bins). Variants with
            cells in one open end bin alone say nothing and should be left out.
        sorter: gates and exposure.

    Returns:
        without any variant of two cells, what is common.
    """
    n = cells.sum(1)
    told = np.flatnonzero(n >= _LEAST_CELLS)
    if not len(told):
        return FittedPrior(WidthPrior(_COMMON, _SPREAD), 0.0)
    chosen = told[np.linspace(0, len(told) - 1, min(len(told), _MOST_VARIANTS)).astype(int)]
    capped = cells[chosen] * np.minimum(1.0, _MOST_CELLS / n[chosen])[:, None]
    nodes = lattice(sorter)
    return _normal(nodes, np.stack([_log_marginal(capped, float(np.exp(node)), sorter) for node in nodes], axis=1))


def lattice(sorter: Sorter) -> Floats:
    """Logs of sigma that can be told apart with these gates, rising."""
    gates = sorter.finite
    ends = np.log(_FINEST * np.diff(gates).min()), np.log(_WIDEST * (gates[-1] - gates[0]))
    return np.arange(ends[0], ends[1] + _STEP, _STEP)


def means_within_reach(sd: float, sorter: Sorter) -> Floats:
    """Lattice of mu that goes some sigmas beyond the gates, log10 fluorescence."""
    gates = sorter.finite
    low, high = gates[0] - _REACH * sd, gates[-1] + _REACH * sd
    return np.linspace(low, high, int(np.ceil(_POINTS_PER_SD * (high - low) / sd)) + 1)


def log_likelihood(cells: Floats, log_q: Floats) -> Floats:
    """Multinomial log likelihood of each variant at each point, shape (n_variants, n_points), up to a constant.

    Summed bin by bin: a product of matrices could come out differently on another number of cores.
    """
    total = np.zeros((len(cells), len(log_q)))
    for column, own in zip(cells.T, log_q.T, strict=True):
        total += np.multiply.outer(column, np.maximum(own, -1e9))
    return total


def _log_marginal(cells: Floats, sd: float, sorter: Sorter) -> Floats:
    means = means_within_reach(sd, sorter)
    found = log_likelihood(cells, log_shares(means, sd, sorter))
    largest = found.max(1)
    # The prior of mu is as high as it is narrow; wide variants would else be likelier for having more room.
    room = sorter.finite[-1] - sorter.finite[0] + _ROOM * sd
    return np.asarray(largest + np.log(np.exp(found - largest[:, None]).sum(1) * (means[1] - means[0]) / room))


def _normal(nodes: Floats, log_marginal: Floats) -> FittedPrior:
    largest, n = log_marginal.max(1), len(log_marginal)
    likelihood = np.exp(log_marginal - largest[:, None])
    mean, variance, evidence = _COMMON, _SPREAD**2, 0.0
    for _ in range(_ROUNDS):
        density = np.exp(-0.5 * (nodes - mean) ** 2 / variance) + np.finfo(float).tiny
        posterior = likelihood * density
        total = posterior.sum(1)
        evidence = float((np.log(total / density.sum()) + largest).sum()) + _log_common(mean, variance)
        weight = (posterior / total[:, None]).sum(0)
        pull = variance / _COMMON_SD**2
        mean = (float((weight * nodes).sum()) + pull * _COMMON) / (n + pull)
        squares = float((weight * (nodes - mean) ** 2).sum()) + _SPREAD_DEGREES * _SPREAD**2
        variance = max(squares / (n + _SPREAD_DEGREES), _LEAST_SD**2)
    return FittedPrior(WidthPrior(mean, float(np.sqrt(variance))), evidence)


def _log_common(mean: float, variance: float) -> float:
    """Log density of mean and variance of log sigma by what is common, up to a constant."""
    off = (mean - _COMMON) / _COMMON_SD
    return float(-0.5 * (off**2 + _SPREAD_DEGREES * (np.log(variance) + _SPREAD**2 / variance)))
