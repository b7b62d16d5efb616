"""Tails of the binomial distribution for many cases at once, without the half second that importing scipy takes."""

import math

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel

_NEGLIGIBLE = 1e-17  # of the sum so far


def upper_tail(least: NDArray[np.int64], trials: NDArray[np.int64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance of at least so many successes, shape (n,).

    Args:
        least: successes, shape (n,).
        trials: shape (n,).
        rate: chance of one, more than 0 and less than 1, shape (n,).

    >>> upper_tail(np.array([0, 1, 2, 3]), np.array([2, 2, 2, 2]), np.full(4, 0.5)).tolist()
    [1.0, 0.75, 0.25, 0.0]
    """
    out = np.zeros(len(least))
    _upper_tails(least.astype(np.int64), trials.astype(np.int64), rate, out)
    return out


def most_likely_seen(longest: int, rate: float, level: float) -> NDArray[np.int64]:
    """By number of trials, 0 to ``longest``: the successes that are exceeded with at most this chance, shape (n,)."""
    out = np.zeros(longest + 1, dtype=np.int64)
    _quantiles(rate, level, out)
    return out


@kernel
def _upper_tails(
    least: NDArray[np.int64], trials: NDArray[np.int64], rate: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    for row in range(len(out)):
        out[row] = _tail(least[row], trials[row], rate[row])


@kernel
def _quantiles(rate: float, level: float, out: NDArray[np.int64]) -> None:
    most = 0
    for trials in range(len(out)):
        while most < trials and _tail(most + 1, trials, rate) > level:
            most += 1
        out[trials] = most


@kernel
def _tail(least: int, trials: int, rate: float) -> float:
    """The sum of the terms on the shorter side, each from the one before, until they no longer count."""
    if least <= 0:
        return 1.0
    if least > trials:
        return 0.0
    upper = least > trials * rate
    successes, total = least if upper else least - 1, 0.0
    term = math.exp(
        math.lgamma(trials + 1.0)
        - math.lgamma(successes + 1.0)
        - math.lgamma(trials - successes + 1.0)
        + successes * math.log(rate)
        + (trials - successes) * math.log1p(-rate)
    )
    while 0 <= successes <= trials and term > _NEGLIGIBLE * total:
        total += term
        if upper:
            term *= (trials - successes) / (successes + 1.0) * rate / (1.0 - rate)
            successes += 1
        else:
            term *= successes / (trials - successes + 1.0) * (1.0 - rate) / rate
            successes -= 1
    return min(total, 1.0) if upper else 1.0 - min(total, 1.0)
