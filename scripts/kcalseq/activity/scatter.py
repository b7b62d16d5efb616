r"""How far the log ratio of a variant may lie from the truth: counting, and scatter between its barcodes.

Three answers. Counting alone, by the delta method for Poisson counts: Var log2(R / D) = (1 / R + 1 / D) / ln^2 2; no
error can be smaller. The scatter between barcodes, by the delta method for a ratio of sums (Cochran 1977, Sampling
Techniques, chapter 6): with the influence e_b = r_b / R - d_b / D of barcode b, Var = n / (n - 1) sum_b (e_b - mean)^2.
Both together, since few barcodes know their own scatter badly: the variance of each variant is drawn towards what is
expected of its counts,

    E = phi v + sigma^2 / n_eff,    n_eff = (sum_b d_b)^2 / sum_b d_b^2,

with v by counting, phi >= 1 how much more than Poisson counts scatter and sigma how much barcodes of one variant
differ, both fitted to all variants of a replicate. It is weighted as a prior of d0 degrees of freedom against the n - 1
of the variant, (d0 E + (n - 1) s^2) / (d0 + n - 1) (Smyth 2004). d0 follows from how much more the s^2 / E of the
variants vary than chance has them: if true variances have the coefficient of variation c, d0 = 4 + 2 / c^2.
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.moderation import MOST_RATIO, prior_degrees

LN2_SQUARED = float(np.log(2.0) ** 2)
_ROUNDS = 8


class Scatter(NamedTuple):
    """What all variants of a replicate say of the scatter of barcodes.

    Attributes:
        over_counting: phi, variance of counts over that of Poisson counts.
        between: sigma^2, variance of log2 ratios between barcodes of one variant, log2 squared.
        degrees: d0, degrees of freedom of what is expected; infinite where variances differ by chance alone.
    """

    over_counting: float
    between: float
    degrees: float


def counting_variance(dna: Floats, rna: Floats) -> Floats:
    """Variance of log2(rna / dna) by counting alone, log2 squared; counts with the pseudocount."""
    with np.errstate(divide="ignore"):
        return np.asarray((1.0 / dna + 1.0 / rna) / LN2_SQUARED)


def fit_scatter(observed: Floats, by_counting: Floats, effective: Floats, size: Integers) -> Scatter | None:
    """Fit phi, sigma and d0.

    Args:
        observed: s^2, variance of each variant's log ratio by the scatter of its barcodes, log2 squared, shape (n,).
        by_counting: v, by counting alone.
        effective: n_eff.
        size: barcodes; variants with one say nothing.

    Returns:
        None where no variant has two barcodes.
    """
    use = (size > 1) & np.isfinite(observed) & np.isfinite(by_counting)
    if not use.any():
        return None
    s2, v, g = observed[use], by_counting[use], 1.0 / effective[use]
    freedom = (size[use] - 1).astype(float)
    phi, between = max(1.0, float(np.median(s2 / v))), 0.0
    for _ in range(_ROUNDS):
        expected = phi * v + between * g
        phi, between = _least_squares(np.minimum(s2, MOST_RATIO * expected), v, g, freedom / expected**2)
    ratio = np.minimum(s2 / (phi * v + between * g), MOST_RATIO)
    return Scatter(phi, between, prior_degrees(ratio, freedom))


def moderated_variance(
    scatter: Scatter | None, observed: Floats, by_counting: Floats, effective: Floats, size: Integers
) -> Floats:
    """Variance of each variant's log ratio, log2 squared, at least that by counting; NaN where nothing tells it."""
    if scatter is None:
        return np.full(len(observed), np.nan)
    expected = scatter.over_counting * by_counting + scatter.between / effective
    freedom = (size - 1).astype(float)
    own = np.where(size > 1, observed, 0.0)
    if np.isinf(scatter.degrees):
        variance = expected
    else:
        variance = (scatter.degrees * expected + freedom * own) / (scatter.degrees + freedom)
    return np.maximum(variance, by_counting)


def _least_squares(s2: Floats, v: Floats, g: Floats, weight: Floats) -> tuple[float, float]:
    """phi >= 1 and sigma^2 >= 0 that minimise sum weight (s2 - phi v - sigma^2 g)^2."""
    vv, gg, vg = (float((weight * product).sum()) for product in (v * v, g * g, v * g))
    vs, gs = float((weight * v * s2).sum()), float((weight * g * s2).sum())
    determinant = vv * gg - vg * vg
    if determinant > 1e-9 * vv * gg:
        phi, between = (vs * gg - gs * vg) / determinant, (gs * vv - vs * vg) / determinant
        if phi >= 1.0 and between >= 0.0:
            return phi, between
        if between < 0.0 and vs / vv >= 1.0:
            return vs / vv, 0.0
    return 1.0, max(0.0, (gs - vg) / gg)
