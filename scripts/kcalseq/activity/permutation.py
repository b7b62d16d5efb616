"""What chance alone shows at each position: the outcomes of variants are dealt out anew among the variants.

A variant keeps all its observations and its weight, so that reads which are copies of each other stay together. If the
sequence does not matter, every deal is as likely as the one seen, and p values are exact whatever the measurement's
distribution.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.footprint_rules import DEFAULTS
from kcalseq.activity.mutations import Mutations, permuted_counts, permuted_sums
from kcalseq.activity.outcomes import Outcomes
from kcalseq.units import NATS_PER_BIT


class Significance(NamedTuple):
    """Score and information of each position, as seen and in every permutation.

    Attributes:
        score: standardised effect of a mutation, below 0 where mutations lower activity; missing where no variant, or
            every variant, is mutated; shape (length,).
        scores: those of the permutations, shape (n_permutations, length).
        information: plug-in mutual information of base and outcome, bits, shape (length,).
        informations: those of the permutations, shape (n_permutations, length).
    """

    score: NDArray[np.float64]
    scores: NDArray[np.float64]
    information: NDArray[np.float64]
    informations: NDArray[np.float64]


def permutation_test(
    mutations: Mutations, outcomes: Outcomes, seed: int, per_position: int = DEFAULTS.permutations
) -> Significance:
    """Permutation test of every position.

    The score of position i is S_i = sum over variants mutated at i of w (a - mean), a activity and w weight, over its
    standard deviation among all permutations, which is known: sum(y^2) / (n - 1) x n f (1 - f), y = w (a - mean), f the
    share of mutated variants.

    Args:
        mutations: of the variants of ``outcomes``, in their order.
        outcomes: what they did.
        seed: the same seed gives the same permutations.
        per_position: permutations for each position; with 40 one position alone can reach a q of 1/40 among all.
    """
    n, length = mutations.n_variants, mutations.length
    contribution = contributions(outcomes)
    deviation = _deviations(mutations, contribution)
    begin = np.searchsorted(outcomes.row, np.arange(n + 1))
    random, as_seen = np.random.default_rng(seed), np.arange(n)
    n_permutations = per_position * length
    scores, informations = np.empty((n_permutations + 1, length)), np.empty((n_permutations + 1, length))
    for number in range(n_permutations + 1):
        order = random.permutation(n) if number else as_seen
        scores[number] = permuted_sums(mutations, order, contribution) / deviation
        informations[number] = plug_in_information(
            permuted_counts(mutations, order, begin, outcomes.outcome, outcomes.n)
        )
    return Significance(scores[0], scores[1:], informations[0], informations[1:])


def contributions(outcomes: Outcomes) -> NDArray[np.float64]:
    """w (a - mean) of each variant; they add up to 0."""
    mean = np.average(outcomes.activity, weights=outcomes.weight)
    found = outcomes.weight * (outcomes.activity - mean)
    centred: NDArray[np.float64] = found - found.mean()
    return centred


def base_scores(mutations: Mutations, outcomes: Outcomes) -> NDArray[np.float64]:
    """Score of having a base at a position, against all others there, shape (length, 4); missing if not measured."""
    contribution = contributions(outcomes)
    n = mutations.n_variants
    share = mutations.sums(np.ones(n)) / n
    deviation = np.sqrt((contribution**2).sum() / max(n - 1, 1) * n * share * (1 - share))
    return mutations.sums(contribution) / np.where(deviation > 0, deviation, np.nan)


def p_values(seen: NDArray[np.float64], permuted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of permutations, that seen among them, with at least what was seen (Phipson & Smyth 2010).

    Args:
        seen: shape (length,); missing gives missing.
        permuted: shape (n_permutations, length).
    """
    # Sums of the same numbers in another order may differ in their last digits: those count as equal.
    as_much = (permuted >= seen * (1 - 1e-9)).sum(0)
    return np.where(np.isnan(seen), np.nan, (1 + as_much) / (1 + len(permuted)))


def q_values(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benjamini-Hochberg q: the least false discovery rate at which each position counts; missing stay missing."""
    found = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    falling = tested[np.argsort(-p[tested], kind="stable")]
    rank = np.arange(len(falling), 0, -1)
    found[falling] = np.minimum.accumulate(np.minimum(p[falling] * len(falling) / rank, 1.0))
    return found


def plug_in_information(joint: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mutual information of tables of counts, not corrected for bias.

    Args:
        joint: counts, shape (..., n_rows, n_columns), all tables of one total.

    Returns:
        bits, shape (...).
    """
    total = joint.sum((-2, -1))
    cells, rows, columns = (
        _n_log_n(joint).sum((-2, -1)),
        _n_log_n(joint.sum(-1)).sum(-1),
        _n_log_n(joint.sum(-2)).sum(-1),
    )
    found: NDArray[np.float64] = (cells - rows - columns + _n_log_n(total)) / total / NATS_PER_BIT
    return found


def _n_log_n(n: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = n * np.log(np.where(n > 0, n, 1.0))
    return found


def _deviations(mutations: Mutations, contribution: NDArray[np.float64]) -> NDArray[np.float64]:
    n = mutations.n_variants
    share = permuted_sums(mutations, np.arange(n), np.ones(n)) / n
    deviation = np.sqrt((contribution**2).sum() / max(n - 1, 1) * n * share * (1 - share))
    return np.where(deviation > 0, deviation, np.nan)
