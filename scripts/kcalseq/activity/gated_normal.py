r"""Chance that a normal log fluorescence falls between gates, with derivatives, on the log scale far into its tails.

With a = (lower - mu) / sigma and b = (upper - mu) / sigma of a bin,

    p = Phi(b) - Phi(a),    dp/dmu = (phi(a) - phi(b)) / sigma,    dp/dlog sigma = a phi(a) - b phi(b).

The difference of two Phi is 0 as soon as both round to 1, so bins above the mean are reflected into the lower tail.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import log_ndtr

from kcalseq.activity.groups import Floats

_LOG_ROOT_2_PI = 0.5 * float(np.log(2.0 * np.pi))


class Sorter(NamedTuple):
    """Bins of one sorting.

    Attributes:
        lower, upper: gates in log10 fluorescence, rising, ends may be infinite, shape (n_bins,).
        log_exposure: log of observations made of each bin for one cell that falls into it, up to a constant.
    """

    lower: Floats
    upper: Floats
    log_exposure: Floats

    @property
    def finite(self) -> Floats:
        """Gates that are no open ends, rising, each once."""
        both = np.concatenate([self.lower, self.upper])
        return np.asarray(np.unique(both[np.isfinite(both)]))


class Shares(NamedTuple):
    """How the observations of variants spread over bins, all of shape (n_variants, n_bins).

    Attributes:
        log_q: log of the expected share of the observations in each bin; exponentials add up to 1.
        by_mean, by_log_sd: its derivatives by mu (1 / log10) and by log sigma.
    """

    log_q: Floats
    by_mean: Floats
    by_log_sd: Floats


def shares(mean: Floats, log_sd: Floats, sorter: Sorter) -> Shares:
    """Expected shares of observations in the bins, among cells that fall into any.

    Args:
        mean: mu, log10 fluorescence, shape (n_variants,).
        log_sd: log of sigma, shape (n_variants,).
        sorter: gates and exposure.
    """
    sd = np.exp(log_sd)[:, None]
    a, b = (sorter.lower - mean[:, None]) / sd, (sorter.upper - mean[:, None]) / sd
    log_p = _log_between(a, b)
    at_a, at_b = _density_ratio(a, log_p), _density_ratio(b, log_p)
    log_q = log_p + sorter.log_exposure
    log_q -= np.logaddexp.reduce(log_q, axis=1)[:, None]
    q = np.exp(log_q)
    centred = [slope - (q * slope).sum(1)[:, None] for slope in ((at_a - at_b) / sd, _times(a, at_a) - _times(b, at_b))]
    return Shares(log_q, *centred)


def log_shares(mean: Floats, sd: float, sorter: Sorter) -> Floats:
    """``log_q`` of ``shares`` for one sigma, without derivatives, shape (n_means, n_bins)."""
    log_q = _log_between((sorter.lower - mean[:, None]) / sd, (sorter.upper - mean[:, None]) / sd) + sorter.log_exposure
    return np.asarray(log_q - np.logaddexp.reduce(log_q, axis=1)[:, None])


def _log_between(a: Floats, b: Floats) -> Floats:
    above = a > 0.0
    low, high = log_ndtr(np.where(above, -b, a)), log_ndtr(np.where(above, -a, b))
    return np.asarray(high + np.log1p(-np.exp(low - high)))


def _density_ratio(z: Floats, log_p: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z**2 - _LOG_ROOT_2_PI - log_p))


def _times(z: Floats, density: Floats) -> Floats:
    """z times the density there, which is 0 at an open end."""
    return np.multiply(z, density, out=np.zeros_like(density), where=np.isfinite(z))
