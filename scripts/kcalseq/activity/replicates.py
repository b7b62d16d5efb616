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

Where replicates share their DNA sample, the error of its counts is one and the same number in all x_i: it shows in no
difference between them, and no weights make it less. Its variance u is known, so all of the above is done with
s_i^2 - u in the place of s_i^2, rho being what barcodes share beyond it, and u is added to Var x in the end.
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
        common: u, log2 squared; 0 where each replicate has its own DNA, shape (n_variants,).
    """

    log2_ratio: Floats
    se: Floats
    n_replicates: NDArray[np.int64]
    weights: Floats
    offsets: Floats
    between: float
    shared: float
    common: Floats


def combine(log2_ratio: Floats, se: Floats, shared: float, common: Floats | None = None) -> Combined:
    """Combine replicates.

    Args:
        log2_ratio: shape (n_variants, n_replicates); NaN = not measured.
        se: standard errors of these; NaN = not known, which is so for a whole replicate.
        shared: rho, 0 to 1; NaN = not known, taken as 0.
        common: u, the part of the squared errors that is one error in all replicates, at most the least of them, shape
            (n_variants,); None = there is no such part.
    """
    one_error = np.zeros(len(log2_ratio)) if common is None else np.nan_to_num(common)
    there = np.isfinite(log2_ratio)
    n = there.sum(1)
    offsets = _offsets(log2_ratio, there)
    x = np.where(there, log2_ratio - offsets, 0.0)
    s = np.sqrt(np.maximum(np.where(there, np.nan_to_num(se), 0.0) ** 2 - one_error[:, None], 0.0))
    known = (np.isfinite(se) | ~there).all(1)
    rho = 0.0 if np.isnan(shared) else shared
    between = _between(x, s, there, rho)
    weights = _weights(s, there, np.nan_to_num(between))
    mean = (weights * x).sum(1)
    within = (weights * s) ** 2
    crossed = rho * ((weights * s).sum(1) ** 2 - within.sum(1))
    variance = within.sum(1) + (weights**2).sum(1) * np.nan_to_num(between) + crossed + one_error
    # Without standard errors of their own, replicates tell an error by their differences alone.
    told = (n > 0) & (known | np.isfinite(between))
    error = np.where(told, np.sqrt(variance), np.nan)
    return Combined(np.where(n > 0, mean, np.nan), error, n, weights, offsets, between, shared, one_error)


def shared_influence(one: Floats, two: Floats, known: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> float:
    """Correlation of the influences of barcodes in two replicates, 0 to 1; NaN where no barcode is in both.

    Args:
        one, two: influences, shape (n_barcodes,); 0 where not used.
        known: what a shared DNA sample adds to the sums of the products and of the two squares, see ``of_common``.
    """
    both = (one != 0) & (two != 0)
    product, first, second = (
        float((a[both] * b[both]).sum()) - less
        for (a, b), less in zip(((one, two), (one, one), (two, two)), known, strict=True)
    )
    if first <= 0 or second <= 0:
        return float("nan")
    return min(1.0, max(0.0, product / float(np.sqrt(first * second))))


def of_common(
    used: NDArray[np.bool_], variant: NDArray[np.int64], common: Floats, one: Floats, two: Floats
) -> tuple[float, float, float]:
    """What the counting of a shared DNA sample adds to products and squares of influences, in the mean.

    The influences of the n barcodes of a variant, less their mean, hold (n - 1) / n of its variance u; influences are
    in standard errors.

    Args:
        used: barcodes used in both replicates, shape (n_barcodes,).
        variant: number of each barcode's variant.
        common: u of each variant, shape (n_variants,).
        one, two: standard errors of the variants in the two replicates; NaN = not measured.
    """
    n = np.bincount(variant[used], minlength=len(common))
    own = np.where(n > 1, common * (1.0 - 1.0 / np.maximum(n, 1)), 0.0)
    products = (own / (a * b) for a, b in ((one, two), (one, one), (two, two)))
    told = [float(np.nansum(np.where(np.isfinite(one) & np.isfinite(two), values, 0.0))) for values in products]
    return told[0], told[1], told[2]


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
