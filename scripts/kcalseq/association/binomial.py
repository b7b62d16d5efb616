"""Tails of the binomial distribution for many cases at once, by scipy's incomplete beta function."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc


def upper_tail(least: NDArray[np.int64], trials: NDArray[np.int64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance of at least so many successes, shape (n,).

    Args:
        least: successes, shape (n,).
        trials: shape (n,).
        rate: chance of one, more than 0 and less than 1, shape (n,).

    >>> upper_tail(np.array([0, 1, 2, 3]), np.array([2, 2, 2, 2]), np.full(4, 0.5)).tolist()
    [1.0, 0.75, 0.25, 0.0]
    """
    inside = betainc(np.maximum(least, 1), np.maximum(trials - least + 1, 1), rate)
    tail: NDArray[np.float64] = np.where(least <= 0, 1.0, np.where(least > trials, 0.0, inside))
    return tail


def most_likely_seen(longest: int, rate: float, level: float) -> NDArray[np.int64]:
    """By number of trials, 0 to ``longest``: the successes that are exceeded with at most this chance, shape (n,)."""
    trials = np.arange(longest + 1)
    too_few, enough, rates = np.full(longest + 1, -1), trials.copy(), np.full(longest + 1, rate)
    while (enough - too_few > 1).any():
        middle = (too_few + enough) // 2
        is_enough = upper_tail(middle + 1, trials, rates) <= level
        too_few, enough = np.where(is_enough, too_few, middle), np.where(is_enough, middle, enough)
    return enough
