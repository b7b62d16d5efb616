"""Shrinkage by empirical Bayes: what is measured badly is drawn towards what variants are like on the whole.

Measurements x_i with standard errors s_i of true values that scatter with variance tau^2 about a mean m. tau^2 makes
the weighted squares add up to their degrees of freedom, sum_i (x_i - m)^2 / (s_i^2 + tau^2) = n - 1 (Paule & Mandel
1982; Morris 1983 for its use here), and each estimate becomes (tau^2 x_i + s_i^2 m) / (tau^2 + s_i^2).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kcalseq.activity.groups import Floats

_BISECTIONS = 60


class Shrunken(NamedTuple):
    """Shrunken estimates and their standard errors, shape (n,); NaN where none can be given."""

    value: Floats
    se: Floats


def shrink(value: Floats, se: Floats) -> Shrunken:
    """Draw values towards their common mean.

    Args:
        value: measurements, shape (n,); NaN = not measured.
        se: their standard errors; NaN = not known.
    """
    known = np.isfinite(value) & np.isfinite(se)
    nothing = np.full(len(value), np.nan)
    if known.sum() < 3:
        return Shrunken(nothing, nothing.copy())
    x, variance = value[known], se[known] ** 2
    tau2 = solve_falling(lambda between: _excess(x, variance, between), float(np.ptp(x)) ** 2)
    weight = 1.0 / (variance + tau2) if tau2 > 0 or variance.all() else np.ones(len(x))
    mean = float((weight * x).sum() / weight.sum())
    total = variance + tau2
    kept = np.divide(tau2, total, out=np.ones(len(x)), where=total > 0)
    shrunken, errors = nothing, nothing.copy()
    shrunken[known], errors[known] = mean + kept * (x - mean), np.sqrt(kept * variance)
    return Shrunken(shrunken, errors)


def solve_falling(function: Callable[[float], float], most: float) -> float:
    """Where a function that falls crosses 0, between 0 and ``most``; 0 if it is not above 0 there."""
    low, high = 0.0, most
    if not function(0.0) > 0.0:
        return 0.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if function(middle) > 0.0:
            low = middle
        else:
            high = middle
    return high


def _excess(x: Floats, variance: Floats, between: float) -> float:
    total = np.maximum(variance + between, np.finfo(float).tiny)
    weight = 1.0 / total
    mean = (weight * x).sum() / weight.sum()
    return float((weight * (x - mean) ** 2).sum()) - (len(x) - 1)
