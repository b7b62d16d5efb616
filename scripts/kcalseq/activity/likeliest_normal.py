r"""Likeliest mean and width of log fluorescence of every variant at once, from observations in bins.

The log likelihood of a variant with n_j effective observations in bin j is sum_j n_j log q_j(mu, sigma), q_j the
expected shares of ``gated_normal``, plus the prior of log sigma. It is climbed by Fisher scoring: with d_j the
derivatives of log q_j, gradient sum_j n_j d_j and information n sum_j q_j d_j d_j'. A step that does not go up is
shortened. For gates without gaps the likelihood has one maximum (Burridge 1981).
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.gated_normal import Shares, Sorter, shares
from kcalseq.activity.groups import Floats
from kcalseq.activity.width_prior import WidthPrior

_BLOCK = 4096  # variants at a time: what is computed of them stays in the processor's cache
_ROUNDS = 200
_PRECISE = 1e-10  # nats that a step promises to gain
_LONGEST = 1.0  # step, in sigmas and in log sigma
_SHORTER = 0.3


class Likeliest(NamedTuple):
    """Of variants.

    Attributes:
        mean, log_sd: mu (log10 fluorescence) and log sigma, shape (n_variants,).
        mean_se, log_sd_se: their standard errors by the expected information.
        residual: sum over bins of the squares of observed less expected observations.
        expected: what these squares add up to by chance alone, the fitted numbers taken off.
    """

    mean: Floats
    log_sd: Floats
    mean_se: Floats
    log_sd_se: Floats
    residual: Floats
    expected: Floats


def fit(cells: Floats, sorter: Sorter, prior: WidthPrior, start: Floats) -> Likeliest:
    """Fit each variant.

    Args:
        cells: effective observations in each bin, not all in one open end bin, shape (n_variants, n_bins).
        sorter: gates and exposure.
        prior: of log sigma.
        start: mu to begin from, shape (n_variants,).
    """
    blocks = [
        _fit_block(cells[first : first + _BLOCK], sorter, prior, start[first : first + _BLOCK])
        for first in range(0, len(cells), _BLOCK)
    ]
    if not blocks:
        return Likeliest(*(np.zeros(0) for _ in Likeliest._fields))
    return Likeliest(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


class _Climb(NamedTuple):
    """Log likelihood with the prior, and the step of Fisher scoring with what it promises; rows are variants."""

    height: Floats
    step: Floats
    gain: Floats


def _fit_block(cells: Floats, sorter: Sorter, prior: WidthPrior, start: Floats) -> Likeliest:
    place = np.stack([start, np.full(len(cells), prior.mean)], axis=1)
    here = _climb(cells, shares(place[:, 0], place[:, 1], sorter), place, prior)
    scale = np.ones(len(cells))
    active = np.arange(len(cells))
    for _ in range(_ROUNDS):
        active = active[here.gain[active] > _PRECISE]
        if not len(active):
            break
        trial = place[active] + scale[active, None] * here.step[active]
        there = _climb(cells[active], shares(trial[:, 0], trial[:, 1], sorter), trial, prior)
        up = there.height >= here.height[active]
        moved = active[up]
        place[moved], scale[moved] = trial[up], 1.0
        for own, new in zip(here, there, strict=True):
            own[moved] = new[up]
        scale[active[~up]] *= _SHORTER
        # A step too short to change anything has arrived.
        here.gain[active[~up & (scale[active] < 1e-8)]] = 0.0
    return _told(cells, shares(place[:, 0], place[:, 1], sorter), place, prior)


def _climb(cells: Floats, found: Shares, place: Floats, prior: WidthPrior) -> _Climb:
    deviation = (place[:, 1] - prior.mean) / prior.sd
    height = (cells * np.maximum(found.log_q, -1e9)).sum(1) - 0.5 * deviation**2
    gradient = (cells * found.by_mean).sum(1), (cells * found.by_log_sd).sum(1) - deviation / prior.sd
    variance = _inverse(_information(cells, found, place, prior))
    step = np.stack(
        [
            variance[0] * gradient[0] + variance[1] * gradient[1],
            variance[1] * gradient[0] + variance[2] * gradient[1],
        ],
        axis=1,
    )
    gain = step[:, 0] * gradient[0] + step[:, 1] * gradient[1]
    longest = np.maximum(np.abs(step[:, 0]) / np.exp(place[:, 1]), np.abs(step[:, 1]))
    return _Climb(height, step * np.minimum(1.0, _LONGEST / np.maximum(longest, _LONGEST))[:, None], gain)


def _information(cells: Floats, found: Shares, place: Floats, prior: WidthPrior) -> tuple[Floats, Floats, Floats]:
    """Of mu and mu, mu and log sigma, log sigma and log sigma; the first never quite 0, so that it can be inverted."""
    expected = cells.sum(1)[:, None] * np.exp(found.log_q)
    least = 1e-9 * np.exp(-2.0 * place[:, 1])
    return (
        (expected * found.by_mean**2).sum(1) + least,
        (expected * found.by_mean * found.by_log_sd).sum(1),
        (expected * found.by_log_sd**2).sum(1) + prior.sd**-2,
    )


def _inverse(matrix: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    one, mixed, two = matrix
    determinant = one * two - mixed**2
    return two / determinant, -mixed / determinant, one / determinant


def _told(cells: Floats, found: Shares, place: Floats, prior: WidthPrior) -> Likeliest:
    variance = [entry[:, None] for entry in _inverse(_information(cells, found, place, prior))]
    total, q = cells.sum(1)[:, None], np.exp(found.log_q)
    # What a bin's own observations do to its expected number (leverage): by the total, by mu and by log sigma.
    leverage = q * (
        1.0
        + total
        * (
            variance[0] * found.by_mean**2
            + 2.0 * variance[1] * found.by_mean * found.by_log_sd
            + variance[2] * found.by_log_sd**2
        )
    )
    return Likeliest(
        place[:, 0],
        place[:, 1],
        np.sqrt(variance[0][:, 0]),
        np.sqrt(variance[2][:, 0]),
        ((cells - total * q) ** 2).sum(1),
        (total * q * np.maximum(1.0 - leverage, 0.0)).sum(1),
    )
