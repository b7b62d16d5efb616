r"""Effects of single changes in one replicate, from molecules that carry several of them.

Log ratios of barcodes (of variants, where these carry none) are taken for sums of single effects,

    y_b = log2((r_b + c) / (d_b + c)) = m + sum_j x_bj beta_j + error,    x_bj = 1 where b carries change j,

and fitted by weighted least squares, as Kircher et al. (2019) fit log2 RNA to log2 DNA and the changes of a barcode.
The weight is one over phi v_b + sigma^2: v_b by counting (delta method), with the counts that the fit expects of the
barcode's total, since weights that follow the measured RNA would bias effects; phi and sigma^2 are fitted to all
residuals (``scatter``) in turns with the effects.

The variance of an effect is that of the fit, (X' W X)^-1, drawn towards what the residuals of its own carriers say, the
diagonal of (X' W X)^-1 (X' W E E' W X) (X' W X)^-1 with E E' taken within variants (Liang & Zeger 1986): as for
activities, d0 degrees of freedom for the first against n - 1 for the second (Smyth 2004). Where effects do not add up,
all barcodes of a variant deviate alike, so n counts variants; of a change that one variant carries n counts barcodes,
each by itself (White 1980).

Changes that the molecules do not tell apart, such as two that always come together, have no effects of their own: they
are those with a part in the null space of X' X.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.moderation import MOST_RATIO, prior_degrees
from kcalseq.activity.scatter import Scatter, counting_variance, fit_scatter

_ROUNDS = 4
_NULL = 1e-10  # eigenvalue of X' X scaled to a diagonal of ones, below which it is 0 but for rounding
_PART = 1e-6


class Additive(NamedTuple):
    """Effects of changes, of shape (n_changes,); NaN where they cannot be told.

    Attributes:
        effect, se: log2.
        n_units: barcodes that carry the change.
        together: number of the group of changes that are only told together; -1 = told apart, 0 = together with all
            that molecules have in common, so that the reference is not told.
        noise: residual of each barcode times its weight, shape (n_units,).
        scatter: of the residuals; None where there are not more barcodes than effects.
        degrees: d0; infinite where all changes scatter alike.
    """

    effect: Floats
    se: Floats
    n_units: Integers
    together: Integers
    noise: Floats
    scatter: Scatter | None
    degrees: float


def fit_additive(
    carries: sparse.csr_array, dna: Floats, rna: Floats, variant: Integers, pseudocount: float
) -> Additive:
    """Fit effects to one replicate.

    Args:
        carries: 1 where a barcode carries a change, shape (n_units, n_changes).
        dna, rna: counts, shape (n_units,); their logarithms must exist with the pseudocount.
        variant: number of each barcode's variant, shape (n_units,).
        pseudocount: added to each count before the logarithm.
    """
    n_units = np.asarray(carries.sum(axis=0)).ravel().astype(np.int64)
    if not len(dna):
        nothing = np.full((2, carries.shape[1]), np.nan)
        return Additive(nothing[0], nothing[1], n_units, np.full(len(n_units), -1), np.zeros(0), None, np.inf)
    seen = np.flatnonzero(n_units)
    design = sparse.csr_array(sparse.hstack([np.ones((len(dna), 1)), carries[:, seen]]))
    dropped, groups = _dependent((design.T @ design).toarray())
    kept = np.setdiff1d(np.arange(design.shape[1]), dropped)
    fitted = _fit(sparse.csr_array(design[:, kept]), dna, rna, variant, pseudocount)
    whole = np.full((2, design.shape[1]), np.nan)
    whole[:, kept] = fitted.effect, fitted.se
    whole[:, groups >= 0] = np.nan
    result, together = np.full((2, carries.shape[1]), np.nan), np.full(carries.shape[1], -1)
    result[:, seen], together[seen] = whole[:, 1:], groups[1:]
    return Additive(result[0], result[1], n_units, together, fitted.noise, fitted.scatter, fitted.degrees)


class _Fitted(NamedTuple):
    effect: Floats
    se: Floats
    noise: Floats
    scatter: Scatter | None
    degrees: float


def _fit(design: sparse.csr_array, dna: Floats, rna: Floats, variant: Integers, pseudocount: float) -> _Fitted:
    n, p = design.shape
    y, total = np.log2((rna + pseudocount) / (dna + pseudocount)), dna + rna
    expected = np.full(n, np.log2((rna.sum() + pseudocount) / (dna.sum() + pseudocount)))
    scatter: Scatter | None = Scatter(1.0, 1.0, np.inf)
    for turn in range(_ROUNDS):
        share = 1.0 / (1.0 + np.exp2(-expected))
        by_counting = counting_variance(total * (1.0 - share) + pseudocount, total * share + pseudocount)
        if turn:
            scatter = _residual_scatter(y - expected, by_counting, n, p)
        weight = np.full(n, 1.0) if scatter is None else 1.0 / (scatter.over_counting * by_counting + scatter.between)
        inverse = _inverse(_gram(design, weight))
        effect = inverse @ (design.T @ (weight * y))
        expected = design @ effect
    noise = weight * (y - expected)
    if scatter is None:
        return _Fitted(effect, np.full(p, np.nan), noise, None, np.inf)
    # The scatter was fitted without the largest residuals; the error must have them.
    excess = max(1.0, float((noise**2 / weight).sum()) / (n - p))
    variance, degrees = _variance(design, inverse, excess * np.diag(inverse), noise, variant)
    return _Fitted(effect, np.sqrt(variance), noise, scatter, degrees)


def _variance(
    design: sparse.csr_array, inverse: Floats, by_fit: Floats, noise: Floats, variant: Integers
) -> tuple[Floats, float]:
    """Variance of each effect, drawn towards what its carriers say, and d0."""
    of_variant, freedom = _by_group(design, inverse, noise, variant)
    of_barcode, freedom_of_barcode = _by_group(design, inverse, noise, np.arange(len(noise)))
    several = freedom > 0
    # What barcodes of a variant have in common the fit took for independent; all changes tell it together, but not the
    # column of ones: the reference can have most of all barcodes.
    changes = several & (freedom < len(np.unique(variant)) - 1)
    if changes.any():
        by_fit = by_fit * max(1.0, float((freedom * of_variant / by_fit)[changes].sum() / freedom[changes].sum()))
    own, freedom = np.where(several, of_variant, of_barcode), np.where(several, freedom, freedom_of_barcode)
    told = freedom > 0
    degrees = prior_degrees(np.minimum((own / by_fit)[told], MOST_RATIO), freedom[told]) if told.any() else np.inf
    variance = by_fit if np.isinf(degrees) else (degrees * by_fit + freedom * own) / (degrees + freedom)
    return variance, degrees


def _by_group(design: sparse.csr_array, inverse: Floats, noise: Floats, group: Integers) -> tuple[Floats, Floats]:
    """Variance of each effect by the noise of groups of barcodes, and its degrees of freedom."""
    _, number = np.unique(group, return_inverse=True)
    n_groups, rows = int(number.max()) + 1, np.arange(len(noise))
    if n_groups <= design.shape[1]:  # the fit goes through all groups, and their noise is 0
        return np.zeros(design.shape[1]), np.zeros(design.shape[1])
    gather = sparse.csr_array((np.ones(len(noise)), (number, rows)), shape=(n_groups, len(noise)))
    scores = sparse.csr_array(gather @ design.multiply(noise[:, None]))
    middle = np.asarray((scores.T @ scores).toarray())
    carriers = np.asarray((sparse.csr_array(gather @ design) > 0).sum(axis=0)).ravel().astype(float)
    spread = np.einsum("ij,ji->i", inverse @ middle, inverse)
    # Residuals are smaller than the noise, since the fit follows it: on average, and where few carry a change.
    followed = np.maximum(n_groups / (n_groups - design.shape[1]), carriers / np.maximum(carriers - 1.0, 1.0))
    return spread * followed, carriers - 1.0


def _residual_scatter(residual: Floats, by_counting: Floats, n: int, p: int) -> Scatter | None:
    if n <= p:
        return None
    squares = residual**2 * n / (n - p)
    return fit_scatter(squares, by_counting, np.ones(n), np.full(n, 2, dtype=np.int64))


def _gram(design: sparse.csr_array, weight: Floats) -> Floats:
    scaled = sparse.csr_array(design.multiply(weight[:, None]))
    return np.asarray((design.T @ scaled).toarray())


def _inverse(matrix: Floats) -> Floats:
    """Inverse of a positive definite matrix."""
    found = linalg.cho_solve(linalg.cho_factor(matrix), np.eye(len(matrix)))
    return np.asarray((found + found.T) / 2.0)


def _dependent(gram: Floats) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Columns that are sums of others.

    Args:
        gram: X' X, the column of ones first, shape (p, p).

    Returns:
        columns without which all others can be told; and for each column the number of its group of dependent ones,
        -1 = none, 0 = the group of the column of ones, or any other without that.
    """
    scale = 1.0 / np.sqrt(np.diag(gram))
    values, vectors = np.linalg.eigh(gram * scale[:, None] * scale)
    null = vectors[:, values < _NULL]
    groups = np.full(len(gram), -1, dtype=np.int64)
    if not null.shape[1]:
        return np.zeros(0, dtype=np.intp), groups
    bound = np.abs(null @ null.T) > _PART
    inside = np.flatnonzero(np.diag(bound))
    _, own = sparse.csgraph.connected_components(sparse.csr_array(bound[np.ix_(inside, inside)]), directed=False)
    groups[inside] = own + (0 if inside[0] == 0 else 1)
    # Of each dependence one column must go: those with the largest parts in the null space, found by pivoting.
    _, pivots = linalg.qr(null.T, mode="r", pivoting=True)
    return np.sort(pivots[: null.shape[1]]), groups
