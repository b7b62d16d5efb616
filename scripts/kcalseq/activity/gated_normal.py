r"""Chance that a normal log fluorescence falls between gates, with derivatives, on the log scale far into its tails.

With a = (lower - mu) / sigma and b = (upper - mu) / sigma of a bin,

    p = Phi(b) - Phi(a),    dp/dmu = (phi(a) - phi(b)) / sigma,    dp/dlog sigma = a phi(a) - b phi(b).

A part of a variant's observations is no cell of its own: reads that hopped between samples, cells that the sorter took
along. They lie in bins as those of the whole library do: q = (1 - epsilon) q_own + epsilon b.

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
        background: epsilon b, expected share of observations that are no cells of the variant's own, in each bin.
    """

    lower: Floats
    upper: Floats
    log_exposure: Floats
    background: Floats

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
        own: part of the expected observations that are cells of the variant's own.
    """

    log_q: Floats
    by_mean: Floats
    by_log_sd: Floats
    own: Floats


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
    log_all, own = _with_background(log_q, sorter)
    return Shares(log_all, own * centred[0], own * centred[1], own)


def log_shares(mean: Floats, sd: float, sorter: Sorter) -> Floats:
    """``log_q`` of ``shares`` for one sigma, without derivatives, shape (n_means, n_bins)."""
    log_q = _log_between((sorter.lower - mean[:, None]) / sd, (sorter.upper - mean[:, None]) / sd) + sorter.log_exposure
    return _with_background(log_q - np.logaddexp.reduce(log_q, axis=1)[:, None], sorter)[0]


def log_shares_beyond(is_first: bool, sorter: Sorter) -> Floats:
    """``log_q`` of a variant all of whose cells lie in the first bin, or in the last, shape (n_bins,)."""
    share = sorter.background.copy()
    share[0 if is_first else -1] += 1.0 - sorter.background.sum()
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(share))


def _with_background(log_q: Floats, sorter: Sorter) -> tuple[Floats, Floats]:
    """Log shares with the background, and of each bin the part of its observations that is the variant's own."""
    share = float(sorter.background.sum())
    if share == 0.0:
        return log_q, np.ones_like(log_q)
    log_own = np.log1p(-share) + log_q
    log_all = np.logaddexp(log_own, np.log(sorter.background))
    return log_all, np.exp(log_own - log_all)


def _log_between(a: Floats, b: Floats) -> Floats:
    above = a > 0.0
    low, high = log_ndtr(np.where(above, -b, a)), log_ndtr(np.where(above, -a, b))
    return np.asarray(high + np.log1p(-np.exp(low - high)))


def _density_ratio(z: Floats, log_p: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z**2 - _LOG_ROOT_2_PI - log_p))


def _times(z: Floats, density: Floats) -> Floats:
    """z times the density there, which is 0 at an open end."""
    return np.multiply(z, density, out=np.zeros_like(density), where=np.isfinite(z))
