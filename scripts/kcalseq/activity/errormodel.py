r"""What makes replicates differ: counting, multiplied by a factor for DNA and for RNA, and a part that counts leave.

With D and R the DNA and RNA counts of a variant in replicate i, the variance of its log2 ratio about its mean over
replicates is taken to be

    v_i = [ m_D,i / (D + 1/2) + m_R,i / (R + 1/2) ] / ln^2 2 + a_i,    m_D,i, m_R,i >= 1,  a_i >= 0,

as in DiMSum (Faure et al., Genome Biology 21:207, 2020): the multiplicative terms m, 1 where counts scatter by chance
alone, tell of bottlenecks and PCR duplicates, the additive term a of what deeper sequencing would not mend. The squared
difference of two replicates, each on its own level, has the mean v_i + v_j, which is linear in the terms of both. They
are fitted to all variants and all pairs of replicates by weighted least squares, weights 1 / (v_i + v_j)^2, in rounds.
Standard errors are those of drawing variants with replacement, at the weights of the fit.

Two replicates have one difference: of their additive terms only the sum is seen, and each is given half of it. What is
peculiar to a barcode is the same in all replicates and in none of the terms.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from kcalseq.activity.groups import Floats
from kcalseq.activity.moderation import MOST_RATIO
from kcalseq.activity.scatter import LN2_SQUARED

LEAST_VARIANTS = 10
"""Variants measured in two replicates, below which no error model is fitted."""
_ROUNDS = 8


class Terms(NamedTuple):
    """Terms of each replicate, shape (n_replicates,); multiplicative ones in Poisson variances, additive in log2^2."""

    dna: Floats
    rna: Floats
    additive: Floats


class ErrorModel(NamedTuple):
    """What was fitted to the replicates of a condition.

    Attributes:
        terms, se: the terms, and their standard errors over drawn variants.
        shares, shares_se: mean over variants of the shares of v_i that are counting alone, what the multiplicative
            terms add to it, and the additive term; shape (n_replicates, 3).
        pooled: whether the additive terms are known by their sum alone.
    """

    terms: Terms
    se: Terms
    shares: Floats
    shares_se: Floats
    pooled: bool


class _Pair(NamedTuple):
    """Squared differences of two replicates, and what multiplies each term in their mean, shape (n, n_terms)."""

    row: NDArray[np.int64]
    square: Floats
    design: Floats


def by_counting(counts: Floats) -> Floats:
    """Variance of the log2 of counts by counting alone, log2 squared."""
    return np.asarray(1.0 / ((counts + 0.5) * LN2_SQUARED))


def variance(terms: Terms, dna: Floats, rna: Floats) -> Floats:
    """v of each variant in each replicate, log2 squared, shape (n_variants, n_replicates)."""
    return np.asarray(terms.dna * by_counting(dna) + terms.rna * by_counting(rna) + terms.additive)


def levelled_difference(log2_ratio: Floats, one: int, other: int) -> Floats:
    """Difference of two replicates less its median over the variants measured in both; NaN where not measured."""
    difference = log2_ratio[:, one] - log2_ratio[:, other]
    known = np.isfinite(difference)
    return np.asarray(difference - np.median(difference[known]) if known.any() else difference)


def fit_error_model(
    log2_ratio: Floats, dna: Floats, rna: Floats, draws: int, rng: np.random.Generator
) -> ErrorModel | None:
    """Fit the terms to the replicates of one condition.

    Args:
        log2_ratio: shape (n_variants, n_replicates); NaN = not measured.
        dna, rna: counts, of the same shape.
        draws: of the bootstrap.
        rng: draws the variants.

    Returns:
        None where fewer than ``LEAST_VARIANTS`` variants were measured in two replicates.
    """
    n_variants, n_replicates = log2_ratio.shape
    if (np.isfinite(log2_ratio).sum(1) > 1).sum() < LEAST_VARIANTS:
        return None
    pairs = _pairs(log2_ratio, by_counting(dna), by_counting(rna))
    n_terms = pairs[0].design.shape[1]
    least = np.where(np.arange(n_terms) < 2 * n_replicates, 1.0, 0.0)
    theta = least.copy()
    theta[2 * n_replicates :] = np.median(np.concatenate([pair.square for pair in pairs]))
    once = np.ones(n_variants)
    for _ in range(_ROUNDS):
        weighted = [_weighted(pair, theta) for pair in pairs]
        theta = _solve(weighted, once, least)
    weighted = [_weighted(pair, theta) for pair in pairs]
    drawn = [_solve(weighted, _times(n_variants, rng), least) for _ in range(draws)]
    measured = np.isfinite(log2_ratio)
    terms = _terms(theta, n_replicates)
    shares = [_shares(_terms(own, n_replicates), dna, rna, measured) for own in (theta, *drawn)]
    spread = np.std(drawn, axis=0, ddof=1) if draws > 1 else np.full(n_terms, np.nan)
    shares_se = np.std(shares[1:], axis=0, ddof=1) if draws > 1 else np.full((n_replicates, 3), np.nan)
    return ErrorModel(terms, _terms(spread, n_replicates), shares[0], shares_se, n_replicates == 2)


def _pairs(log2_ratio: Floats, dna: Floats, rna: Floats) -> list[_Pair]:
    n = log2_ratio.shape[1]
    found = []
    for one, other in combinations(range(n), 2):
        difference = levelled_difference(log2_ratio, one, other)
        row = np.flatnonzero(np.isfinite(difference))
        design = np.zeros((len(row), 2 * n + (1 if n == 2 else n)))
        for replicate in (one, other):
            design[:, replicate] = dna[row, replicate]
            design[:, n + replicate] = rna[row, replicate]
            design[:, 2 * n + (0 if n == 2 else replicate)] += 1.0
        found.append(_Pair(row, difference[row] ** 2, design))
    return found


def _weighted(pair: _Pair, theta: Floats) -> _Pair:
    """Squares and design over the mean of the squares, squares above the most that is believed cut."""
    mean = pair.design @ theta
    return _Pair(pair.row, np.minimum(pair.square / mean, MOST_RATIO), pair.design / mean[:, None])


def _solve(weighted: list[_Pair], times: Floats, least: Floats) -> Floats:
    """Least squares with each variant counted so many times; no term below its least."""
    matrix, right = np.zeros((len(least), len(least))), np.zeros(len(least))
    for pair in weighted:
        scaled = pair.design * times[pair.row, None]
        matrix += scaled.T @ pair.design
        right += scaled.T @ pair.square
    # A term that no difference shows stays at its least.
    diagonal = np.diag(matrix)
    size = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(matrix / np.outer(size, size))
    root = np.sqrt(np.maximum(values, 1e-12))
    above = (right - matrix @ least) / size
    found, _ = optimize.nnls(root[:, None] * vectors.T, (vectors.T @ above) / root)
    return np.asarray(least + found / size)


def _times(n: int, rng: np.random.Generator) -> Floats:
    """How often each variant is drawn."""
    return np.bincount(rng.integers(0, n, n), minlength=n).astype(float)


def _terms(theta: Floats, n: int) -> Terms:
    return Terms(theta[:n], theta[n : 2 * n], np.broadcast_to(theta[2 * n :], (n,)).copy())


def _shares(terms: Terms, dna: Floats, rna: Floats, measured: NDArray[np.bool_]) -> Floats:
    by_dna, by_rna = by_counting(dna), by_counting(rna)
    more = (terms.dna - 1.0) * by_dna + (terms.rna - 1.0) * by_rna
    parts = np.stack([by_dna + by_rna, more, np.broadcast_to(terms.additive, more.shape)], axis=2)
    whole = variance(terms, dna, rna)
    shared = np.where(measured[:, :, None], parts / whole[:, :, None], 0.0).sum(0)
    return np.asarray(shared / np.maximum(measured.sum(0), 1)[:, None])
