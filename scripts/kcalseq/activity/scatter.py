r"""How far the log ratio of a variant may lie from the truth: counting, and scatter between its barcodes.

Three answers. Counting alone, by the delta method for Poisson counts: Var log2(R / D) = (1 / R + 1 / D) / ln^2 2; no
error can be smaller. The scatter between barcodes, by the delta method for a ratio of sums (Cochran 1977, Sampling
Techniques, chapter 6): with the influence e_b = r_b / R - d_b / D of barcode b, Var = n / (n - 1) sum_b (e_b - mean)^2.
Both together, since few barcodes know their own scatter badly: the variance of each variant is drawn towards what is
expected of its counts,

    E = phi v + sigma^2 / n_eff,    n_eff = (sum_b d_b)^2 / sum_b d_b^2,

with v by counting, phi >= 1 how much more than Poisson counts scatter and sigma how much barcodes of one variant
differ, both fitted to all variants of a replicate. It is weighted as a prior of d0 degrees of freedom against the d of
the variant, (d0 E + d s^2) / (d0 + d) (Smyth 2004). d0 follows from how much more the s^2 / E of the
variants vary than chance has them: if true variances have the coefficient of variation c, d0 = 4 + 2 / c^2.

Barcodes with much DNA draw the ratio of sums to themselves, so their influences come out too small. With h_b = d_b / D,
of which the squares add up to H = 1 / n_eff, Var shows on average n / (n - 1) times

    1 - H of what is counting,    1 - 2 sum_b h_b^3 / H + H of what differs between barcodes

(residuals of a weighted mean), which is 1 for both where barcodes are even. phi and sigma are fitted to the Var as they
are; s^2 is Var put right by what both together lead to expect, and has d = n_eff - 1 degrees of freedom.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.groups import Floats, Groups
from kcalseq.activity.moderation import MOST_RATIO, prior_degrees

LN2_SQUARED = float(np.log(2.0) ** 2)
_ROUNDS = 8
_LEAST_FREEDOM = 0.05


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


class Evidence(NamedTuple):
    """What the barcodes of each variant tell of its log ratio, all of shape (n_groups,).

    Attributes:
        observed: s^2, variance by the scatter of its barcodes, log2 squared; NaN for one barcode.
        by_counting: v, by counting alone, log2 squared.
        effective: n_eff.
        counting_shown, between_shown: mean of s^2 over the variance that it stands for, where all of that is counting,
            or differences between barcodes.
    """

    observed: Floats
    by_counting: Floats
    effective: Floats
    counting_shown: Floats
    between_shown: Floats


def shown_by(weight: Floats, groups: Groups) -> tuple[Floats, Floats, Floats]:
    """n_eff and the two shares that s^2 shows, of barcodes with these weights, shape (n_groups,) each; NaN without any.

    Args:
        weight: DNA of each barcode, shape (n_barcodes,).
        groups: barcodes of each variant.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = weight / groups.sums(weight)[groups.of_barcode]
        second, third = groups.sums(share**2), groups.sums(share**3)
        more = groups.size / (groups.size - 1.0)
        return 1.0 / second, more * (1.0 - second), more * (1.0 - 2.0 * third / second + second)


def counting_variance(dna: Floats, rna: Floats) -> Floats:
    """Variance of log2(rna / dna) by counting alone, log2 squared; counts with the pseudocount."""
    with np.errstate(divide="ignore"):
        return np.asarray((1.0 / dna + 1.0 / rna) / LN2_SQUARED)


def scatter_of(told: Evidence) -> Scatter | None:
    """phi, sigma and d0 of barcodes that may be uneven; None where no variant has two barcodes."""
    use = _useful(told)
    s2, v, effective = told.observed[use], told.by_counting[use], told.effective[use]
    return fit_scatter(s2, v * told.counting_shown[use], effective / told.between_shown[use], effective)


def fit_scatter(
    observed: Floats, by_counting: Floats, effective: Floats, size: Floats | NDArray[np.int64]
) -> Scatter | None:
    """Fit phi, sigma and d0.

    Args:
        observed: s^2, variance of each variant's log ratio by the scatter of its barcodes, log2 squared, shape (n,).
        by_counting: v, by counting alone.
        effective: n_eff.
        size: barcodes, or one more than the degrees of freedom of s^2; variants with one say nothing.

    Returns:
        None where no variant has two barcodes.
    """
    use = (size > 1) & np.isfinite(observed) & np.isfinite(by_counting)
    if not use.any():
        return None
    s2, v, g = observed[use], by_counting[use], 1.0 / effective[use]
    freedom = np.asarray(size[use] - 1.0, dtype=float)
    phi, between = max(1.0, float(np.median(s2 / v))), 0.0
    for _ in range(_ROUNDS):
        expected = phi * v + between * g
        phi, between = _least_squares(np.minimum(s2, MOST_RATIO * expected), v, g, freedom / expected**2)
    ratio = np.minimum(s2 / (phi * v + between * g), MOST_RATIO)
    return Scatter(phi, between, prior_degrees(ratio, freedom))


def moderated_variance(scatter: Scatter | None, told: Evidence) -> Floats:
    """Variance of each variant's log ratio, log2 squared, at least that by counting; NaN where nothing tells it."""
    by_counting = told.by_counting
    if scatter is None:
        return np.full(len(by_counting), np.nan)
    use = _useful(told)
    counting, between = scatter.over_counting * by_counting, scatter.between / told.effective
    expected = counting + between
    shown = np.where(use, counting * told.counting_shown + between * told.between_shown, 1.0)
    freedom = np.where(use, told.effective - 1.0, 0.0)
    own = np.where(use, told.observed, 0.0) * np.where(use, expected, 1.0) / shown
    if np.isinf(scatter.degrees):
        variance = expected
    else:
        variance = (scatter.degrees * expected + freedom * own) / (scatter.degrees + freedom)
    return np.maximum(variance, by_counting)


def moderated_degrees(scatter: Scatter | None, told: Evidence) -> Floats:
    """Degrees of freedom of the moderated variance, d0 + d; infinite or NaN as d0 is, or where there is none."""
    if scatter is None:
        return np.full(len(told.by_counting), np.nan)
    return scatter.degrees + np.where(_useful(told), told.effective - 1.0, 0.0)


def _useful(told: Evidence) -> NDArray[np.bool_]:
    """Variants whose barcodes tell their scatter: not of those of which one barcode has nearly all DNA."""
    useful: NDArray[np.bool_] = (told.effective > 1.0 + _LEAST_FREEDOM) & np.isfinite(told.observed + told.by_counting)
    return useful


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
