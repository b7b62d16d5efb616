r"""RNA of each barcode out of its RNA and DNA, beta-binomial: log ratios of variants that know how barcodes scatter.

Barcode b of variant v, all replicates together, has n_b counts of which r_b are RNA, and

    r_b ~ beta-binomial(n_b, pi_b, rho),    logit pi_b = o_b + eta_v,
    Var r_b = n_b pi_b (1 - pi_b) (1 + (n_b - 1) rho),

where o_b is the logarithm of RNA per DNA sequenced in the replicates in which b was counted, and rho how much barcodes
of one variant differ, the same for all variants. Summing over replicates makes each barcode one observation, so that
what is peculiar to it counts once, however many replicates there are. eta_v is that of the largest likelihood, half an
RNA and half a DNA count added, so that a variant without RNA has a number too. rho is the one with which Pearson's
statistic adds up to its degrees of freedom (Williams, Appl. Stat. 31:144, 1982),

    sum_b (r_b - n_b pi_b)^2 / Var r_b = sum_v (n barcodes of v - 1).
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from kcalseq.activity.groups import Floats, Groups
from kcalseq.activity.shrinkage import solve_falling

_PSEUDOCOUNT = 0.5
_STEPS = 30
_LONGEST_STEP = 2.0
_CLOSE = 1e-8
_RHO = 1e-6, 0.9  # beyond the first, differences of digamma functions lose their digits
_MOST_GROUPS = 3000  # variants, evenly taken, that tell rho: more would make it no surer, only slower


class Fitted(NamedTuple):
    """Of variants, each of shape (n_groups,).

    Attributes:
        eta, variance: log RNA per DNA (natural logarithm, levels taken off), and its variance.
        pearson: Pearson's statistic over its degrees of freedom; NaN for one barcode.
        freedom: barcodes less one.
    """

    eta: Floats
    variance: Floats
    pearson: Floats
    freedom: Floats


def fit(rna: Floats, dna: Floats, offset: Floats, groups: Groups, rho: float) -> Fitted:
    """Log RNA per DNA of each variant.

    Args:
        rna, dna: counts of each barcode, shape (n_barcodes,).
        offset: o_b.
        groups: barcodes of each variant.
        rho: 0 to 1.
    """
    rho = float(np.clip(rho, *_RHO))
    eta = _log_odds(rna, dna, offset, groups)
    for _ in range(_STEPS):
        slope, curve = _score(rna, dna, offset, groups, rho, eta)
        step = np.clip(slope / curve, -_LONGEST_STEP, _LONGEST_STEP)
        eta = eta + step
        if np.abs(step).max(initial=0.0) < _CLOSE:
            break
    _, curve = _score(rna, dna, offset, groups, rho, eta)
    pearson = groups.sums(_pearson(rna, dna, offset + eta[groups.of_barcode], rho))
    freedom = (groups.size - 1).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Fitted(eta, 1.0 / curve, np.where(freedom > 0, pearson / freedom, np.nan), freedom)


def fit_dispersion(rna: Floats, dna: Floats, offset: Floats, groups: Groups) -> float:
    """rho; NaN where no variant has two barcodes."""
    several = np.flatnonzero(groups.size > 1)
    if not len(several):
        return float("nan")
    taken = np.zeros(len(groups.size), dtype=bool)
    taken[several[np.unique(np.linspace(0, len(several) - 1, min(_MOST_GROUPS, len(several))).astype(int))]] = True
    mine = taken[groups.of_barcode]
    size = groups.size[taken]
    own = Groups(np.cumsum(size) - size, size, np.repeat(np.arange(len(size)), size))
    r, d, o = rna[mine], dna[mine], offset[mine]

    def excess(rho: float) -> float:
        found = fit(r, d, o, own, rho)
        return float((found.pearson * found.freedom).sum() - found.freedom.sum())

    return solve_falling(excess, _RHO[1])


def _log_odds(rna: Floats, dna: Floats, offset: Floats, groups: Groups) -> Floats:
    """Where to begin: log odds of the sums."""
    level = groups.sums((rna + dna) * offset) / np.maximum(groups.sums(rna + dna), 1.0)
    return np.asarray(np.log((groups.sums(rna) + _PSEUDOCOUNT) / (groups.sums(dna) + _PSEUDOCOUNT)) - level)


def _score(rna: Floats, dna: Floats, offset: Floats, groups: Groups, rho: float, eta: Floats) -> tuple[Floats, Floats]:
    """Slope and curvature, taken positive, of each variant's log likelihood along eta."""
    pi = special.expit(offset + eta[groups.of_barcode])
    size, width = (1.0 - rho) / rho, pi * (1.0 - pi)
    a, b = pi * size, (1.0 - pi) * size
    slope = size * (special.digamma(rna + a) - special.digamma(a) - special.digamma(dna + b) + special.digamma(b))
    # Expected curvature of a beta-binomial is close to that of its variance; it is never negative.
    n = rna + dna
    curve = groups.sums(n * width / (1.0 + np.maximum(n - 1.0, 0.0) * rho))
    level = special.expit(groups.means(offset) + eta)
    return (
        groups.sums(slope * width) + _PSEUDOCOUNT * (1.0 - 2.0 * level),
        curve + 2.0 * _PSEUDOCOUNT * level * (1.0 - level),
    )


def _pearson(rna: Floats, dna: Floats, logit: Floats, rho: float) -> Floats:
    pi, n = special.expit(logit), rna + dna
    spread = n * pi * (1.0 - pi) * (1.0 + np.maximum(n - 1.0, 0.0) * rho)
    terms: Floats = np.divide((rna - n * pi) ** 2, spread, out=np.zeros_like(spread), where=spread > 0)
    return terms
