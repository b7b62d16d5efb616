r"""Replicates combined: a random-effects mean whose standard error knows that replicates share their barcodes.

Replicates of a condition are put on one level first: the mean difference of each to the mean of all, over variants
measured in all of them. Then, with x_i the log ratio of a variant in replicate i and s_i its standard error,

    x = sum_i w_i x_i / sum_i w_i,    w_i = 1 / (s_i^2 + tau^2),

with tau^2 the variance between replicates that barcodes do not explain (DerSimonian & Laird 1986). Two or three
replicates cannot tell it for one variant, so all variants of a condition tell it together: it is the one with which the
squares of x_i - x add up to their degrees of freedom (Paule & Mandel 1982). Barcodes are the same in all replicates,
and what is peculiar to a barcode does not average out over them: with rho the correlation of the influences of barcodes
between replicates, replicates scatter by (1 - rho) s_i^2 + tau^2 only, and

    Var x = (sum_i w_i^2 (s_i^2 + tau^2) + sum_{i != j} w_i w_j rho s_i s_j) / (sum_i w_i)^2.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.groups import Floats
from kcalseq.activity.shrinkage import solve_falling

LEAST_SHARED = 10
"""Variants measured in all replicates, below which replicates are left on the levels that they have."""
_TINY = 1e-12


class Combined(NamedTuple):
    """Log ratios of a condition.

    Attributes:
        log2_ratio, se: shape (n_variants,); NaN where not measured, or not known.
        n_replicates: in which it was measured.
        weights: of the replicates, adding up to 1; 0 where not measured, shape (n_variants, n_replicates).
        offsets: taken off each replicate, shape (n_replicates,).
        between: tau^2, log2 squared; NaN where no variant was measured twice.
        shared: rho; NaN where no barcode was measured twice.
    """

    log2_ratio: Floats
    se: Floats
    n_replicates: NDArray[np.int64]
    weights: Floats
    offsets: Floats
    between: float
    shared: float


def combine(log2_ratio: Floats, se: Floats, shared: float) -> Combined:
    """Combine replicates.

    Args:
        log2_ratio: shape (n_variants, n_replicates); NaN = not measured.
        se: standard errors of these; NaN = not known, which is so for a whole replicate.
        shared: rho, 0 to 1; NaN = not known, taken as 0.
    """
    there = np.isfinite(log2_ratio)
    n = there.sum(1)
    offsets = _offsets(log2_ratio, there)
    x = np.where(there, log2_ratio - offsets, 0.0)
    s = np.where(there, np.nan_to_num(se), 0.0)
    known = (np.isfinite(se) | ~there).all(1)
    rho = 0.0 if np.isnan(shared) else shared
    between = _between(x, s, there, rho)
    weights = _weights(s, there, np.nan_to_num(between))
    mean = (weights * x).sum(1)
    within = (weights * s) ** 2
    crossed = rho * ((weights * s).sum(1) ** 2 - within.sum(1))
    variance = within.sum(1) + (weights**2).sum(1) * np.nan_to_num(between) + crossed
    # Without standard errors of their own, replicates tell an error by their differences alone.
    told = (n > 0) & (known | np.isfinite(between))
    error = np.where(told, np.sqrt(variance), np.nan)
    return Combined(np.where(n > 0, mean, np.nan), error, n, weights, offsets, between, shared)


def shared_influence(one: Floats, two: Floats) -> float:
    """Correlation of the influences of barcodes in two replicates, 0 to 1; NaN where no barcode is in both.

    Args:
        one, two: influences, shape (n_barcodes,); 0 where not used.
    """
    both = (one != 0) & (two != 0)
    squares = float((one[both] ** 2).sum() * (two[both] ** 2).sum())
    return max(0.0, float((one[both] * two[both]).sum()) / float(np.sqrt(squares))) if squares > 0 else float("nan")


def _offsets(log2_ratio: Floats, there: NDArray[np.bool_]) -> Floats:
    in_all = there.all(1)
    if there.shape[1] < 2 or in_all.sum() < LEAST_SHARED:
        return np.zeros(there.shape[1])
    level = np.median(log2_ratio[in_all] - log2_ratio[in_all].mean(1, keepdims=True), axis=0)
    return np.asarray(level - level.mean())


def _weights(s: Floats, there: NDArray[np.bool_], between: float) -> Floats:
    total = s**2 + between
    # Where no error is known at all, each replicate counts the same.
    usable = there & (total > _TINY)
    weight = np.where(usable.any(1, keepdims=True), np.where(usable, 1.0 / np.maximum(total, _TINY), 0.0), there * 1.0)
    whole = weight.sum(1, keepdims=True)
    return np.asarray(np.divide(weight, whole, out=np.zeros_like(weight), where=whole > 0))


def _between(x: Floats, s: Floats, there: NDArray[np.bool_], rho: float) -> float:
    twice = there.sum(1) > 1
    if not twice.any():
        return float("nan")
    x, there, variance = x[twice], there[twice], (1.0 - rho) * s[twice] ** 2
    freedom = int(there.sum() - len(there))

    def excess(between: float) -> float:
        weight = np.where(there, 1.0 / np.maximum(variance + between, _TINY), 0.0)
        mean = (weight * x).sum(1, keepdims=True) / weight.sum(1, keepdims=True)
        return float((weight * (x - mean) ** 2).sum()) - freedom

    return solve_falling(excess, float(np.ptp(x[there])) ** 2 + _TINY)
