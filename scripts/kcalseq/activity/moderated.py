"""Variances of few replicates, drawn towards what the variances of all tests have in common.

Empirical Bayes of Smyth (2004, Stat. Appl. Genet. Mol. Biol. 3:3), section 6: sample variances s2 with d degrees of
freedom about true ones whose inverse is drawn from a chi-square of d0 degrees of freedom, scaled by s0^2.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special


class Prior(NamedTuple):
    """What the variances have in common: s0^2 and its degrees of freedom, infinite where all seem the same."""

    variance: float
    degrees: float


def fit_prior(variances: NDArray[np.float64], degrees: NDArray[np.float64]) -> Prior | None:
    """The prior from the spread of log variances beyond what their degrees of freedom explain.

    Args:
        variances: s2 of each test, shape (n,); those that are 0 or not numbers are left out.
        degrees: d of each test, shape (n,).

    Returns:
        None with fewer than three variances: they do not tell how they spread.
    """
    told = (degrees > 0) & (variances > 0) & np.isfinite(variances)
    if told.sum() < 3:
        return None
    half = degrees[told] / 2
    e = np.log(variances[told]) - special.digamma(half) + np.log(half)
    squares = (e - e.mean()) ** 2
    # Two standard errors more than Smyth's: too few degrees of freedom cost a little power, too many make false
    # discoveries, and variances of two replicates tell their spread poorly.
    beyond = float(e.var(ddof=1) - special.polygamma(1, half).mean() + 2 * squares.std(ddof=1) / np.sqrt(len(e)))
    mean = float(e.mean())
    if beyond <= 0:
        return Prior(float(np.exp(mean)), float("inf"))
    d0 = 2 * _inverse_trigamma(beyond)
    return Prior(float(np.exp(mean + special.digamma(d0 / 2) - np.log(d0 / 2))), d0)


def moderate(
    variances: NDArray[np.float64], degrees: NDArray[np.float64], prior: Prior
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Posterior variances and their degrees of freedom, shape (n,) each.

    A test without degrees of freedom of its own has the prior's.
    """
    if not np.isfinite(prior.degrees):
        return np.full(len(variances), prior.variance), np.full(len(variances), np.inf)
    own = np.where(degrees > 0, degrees * np.nan_to_num(variances), 0.0)
    total = degrees + prior.degrees
    return (prior.degrees * prior.variance + own) / total, total


def _inverse_trigamma(value: float) -> float:
    """x > 0 with trigamma(x) = value; trigamma falls from infinity to 0 and lies between 1/x and 1/x + 1/x^2."""

    def excess(log_x: float) -> float:
        return float(special.polygamma(1, np.exp(log_x))) - value

    low, high = np.log(0.5 / (value + np.sqrt(value))), np.log(2 / value + 2 / np.sqrt(value))
    return float(np.exp(optimize.brentq(excess, low, high, xtol=1e-12)))
