r"""Variances of many tests, each from few numbers, drawn towards what they have in common (Smyth 2004).

Variances s_p^2 of d_p degrees of freedom, each relative to what is expected of it, are taken for draws about true ones
that vary as s_0^2 d_0 / chi^2 of d_0 degrees. Both follow from moments: with m the mean of the s_p^2, and c the
coefficient of variation that is left when that of chance, sqrt(2 / d_p), is taken off,

    d_0 = 4 + 2 / c^2,    s_0^2 = m (d_0 - 2) / d_0.

Moments of the logarithms, by which Smyth finds them, are ruled by the smallest variances where d_p is 1, as it is with
two replicates. The moderated variance is

    (d_0 s_0^2 + d_p s_p^2) / (d_0 + d_p),

and the t-test that uses it has d_0 + d_p degrees of freedom (Smyth, Stat. Appl. Genet. Mol. Biol. 3:3, 2004).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kcalseq.activity.groups import Floats

LEAST_VARIANCES = 10
"""Variances below which what is expected of them is all they have in common."""
MOST_RATIO = 10.0
"""Of a variance to what is expected: more counts as this much, or one strange variant would rule all."""


class Prior(NamedTuple):
    """What variances have in common.

    Attributes:
        degrees: d_0; infinite where they differ by chance alone.
        variance: s_0^2, relative to what is expected.
    """

    degrees: float
    variance: float


def prior_degrees(ratio: Floats, freedom: Floats) -> float:
    """d_0 of variances relative to their common mean; infinite where they differ by chance alone."""
    chance = 2.0 / freedom
    excess = float((freedom * ((ratio - 1.0) ** 2 - chance) / (1.0 + chance)).sum() / freedom.sum())
    return 4.0 + 2.0 / excess if excess > 0 else np.inf


def fit_prior(variance: Floats, freedom: Floats) -> Prior:
    """Find what variances have in common.

    Args:
        variance: s_p^2, relative to what is expected of each, shape (n,); NaN = not known.
        freedom: d_p, shape (n,); where 0, the variance says nothing.
    """
    use = np.isfinite(variance) & (freedom > 0)
    if use.sum() < LEAST_VARIANCES:
        return Prior(np.inf, 1.0)
    s2, own = np.minimum(variance[use], MOST_RATIO), freedom[use]
    mean = float((own * s2).sum() / own.sum())
    if mean <= 0.0:
        return Prior(np.inf, 1.0)
    degrees = prior_degrees(s2 / mean, own)
    return Prior(degrees, mean if np.isinf(degrees) else mean * (degrees - 2.0) / degrees)


def satterthwaite(parts: Sequence[Floats], degrees: Sequence[Floats]) -> Floats:
    """Degrees of freedom of a sum of variances (Satterthwaite, Biometrics Bulletin 2:110, 1946), shape (n,).

    Args:
        parts: variances that are added up, shape (n,) each; NaN = not known.
        degrees: of each; infinite = known.
    """
    total = np.sum(parts, axis=0)
    unsure = np.sum([part**2 / own for part, own in zip(parts, degrees, strict=True)], axis=0)
    return np.asarray(np.divide(total**2, unsure, out=np.full(len(total), np.inf), where=unsure > 0))


def moderate(prior: Prior, variance: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Moderated variances and their degrees of freedom, shape (n,) each."""
    degrees = prior.degrees + freedom
    if np.isinf(prior.degrees):
        return np.full(len(degrees), prior.variance), degrees
    own = np.where(freedom > 0, np.nan_to_num(variance), 0.0)
    return np.asarray((prior.degrees * prior.variance + freedom * own) / degrees), degrees
