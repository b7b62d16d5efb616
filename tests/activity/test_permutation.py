"""Permutation tests of positions against brute force, by hand, and on libraries in which nothing matters."""

from itertools import permutations

import numpy as np
import pytest

from kcalseq.activity.footprint import corrected_information
from kcalseq.activity.footprint_rules import DEFAULTS
from kcalseq.activity.mutations import list_mutations
from kcalseq.activity.permutation import (
    base_scores,
    contributions,
    p_values,
    permutation_test,
    plug_in_information,
    q_values,
)

from .libraries import mutants, outcomes_of

WILDTYPE = "ACGTACGTAC"


def test_scores_have_standard_deviation_one_among_all_permutations() -> None:
    """All 720 orders of six variants, one of them mutated at position 0, two at position 1."""
    codes = np.zeros((6, 2), dtype=np.uint8)
    codes[0, 0], codes[:2, 1] = 1, 2
    activity, weight = np.array([3.0, -1.0, 4.0, 1.0, -5.0, 9.0]), np.array([1.0, 2.0, 1.0, 3.0, 0.5, 1.0])
    outcomes = outcomes_of(activity, weight)
    seen = permutation_test(list_mutations(codes), outcomes, seed=1).score
    y = contributions(outcomes)
    every = np.array([[y[order[0]], y[order[0]] + y[order[1]]] for order in map(list, permutations(range(6)))])
    assert seen == pytest.approx(every[0] / every.std(0))
    assert every.mean(0) == pytest.approx([0, 0], abs=1e-12)


def test_a_score_is_the_sum_over_the_variants_that_have_the_base() -> None:
    rng = np.random.default_rng(5)
    codes = mutants(WILDTYPE, 50, 0.2, rng)
    outcomes = outcomes_of(rng.normal(size=50), rng.uniform(0.5, 2, 50))
    y, found = contributions(outcomes), base_scores(list_mutations(codes), outcomes)
    for position in range(len(WILDTYPE)):
        for base in range(4):
            has = codes[:, position] == base
            variance = (y**2).sum() / 49 * 50 * has.mean() * (1 - has.mean())
            expected = y[has].sum() / np.sqrt(variance) if variance > 0 else np.nan
            assert found[position, base] == pytest.approx(expected, nan_ok=True)


def test_information_is_that_of_the_table() -> None:
    rng = np.random.default_rng(6)
    joint = rng.integers(0, 9, (3, 4, 5)).astype(float)
    for table, found in zip(joint, plug_in_information(joint), strict=True):
        information, _, bias = corrected_information(table)
        assert found == pytest.approx(information + bias)


def test_the_permuted_information_is_the_known_bias_of_independent_observations() -> None:
    rng = np.random.default_rng(7)
    codes, outcomes = mutants(WILDTYPE, 2000, 0.15, rng), outcomes_of(rng.normal(size=2000))
    tested = permutation_test(list_mutations(codes), outcomes, seed=2)
    bias = 3 * 1 / (2 * 2000 * np.log(2))
    assert tested.informations.mean() == pytest.approx(bias, rel=0.05)


def test_reads_that_are_copies_of_each_other_tell_no_more_than_one() -> None:
    """Each observation counted a hundred times: the plug-in information and its bias by permutation stay the same."""
    rng = np.random.default_rng(8)
    codes, once = mutants(WILDTYPE, 300, 0.15, rng), outcomes_of(rng.normal(size=300))
    mutations = list_mutations(codes)
    copied = once._replace(n=once.n * 100)
    few, many = (permutation_test(mutations, outcomes, seed=2) for outcomes in (once, copied))
    assert few.informations == pytest.approx(many.informations, abs=1e-12)


def test_p_values_by_hand() -> None:
    permuted = np.array([[0.1, 5.0], [0.4, 6.0], [0.3, 7.0]])
    assert p_values(np.array([0.3, 9.0]), permuted).tolist() == [3 / 4, 1 / 4]
    assert np.isnan(p_values(np.array([np.nan, 1.0]), permuted)).tolist() == [True, False]


def test_q_values_by_hand() -> None:
    """Four tested: 0.01 x 4 / 1, 0.02 x 4 / 2, 0.04 x 4 / 3 held down by 0.05 x 4 / 4."""
    found = q_values(np.array([0.04, 0.01, np.nan, 0.05, 0.02]))
    assert found == pytest.approx([0.05, 0.04, np.nan, 0.05, 0.04], nan_ok=True)


def test_one_position_alone_can_be_significant() -> None:
    length = 30
    p = np.full(length, 1.0)
    p[3] = 1 / (1 + DEFAULTS.permutations * length)
    assert q_values(p)[3] < 0.05


def test_the_same_seed_gives_the_same_permutations() -> None:
    rng = np.random.default_rng(9)
    mutations, outcomes = list_mutations(mutants(WILDTYPE, 80, 0.2, rng)), outcomes_of(rng.normal(size=80))
    one, same, other = (permutation_test(mutations, outcomes, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.scores, same.scores) and np.array_equal(one.informations, same.informations)
    assert not np.array_equal(one.scores, other.scores) and np.array_equal(one.score, other.score)


def test_a_position_that_never_varies_is_not_measured() -> None:
    rng = np.random.default_rng(10)
    codes = mutants(WILDTYPE, 80, 0.2, rng)
    codes[:, 4] = 0
    tested = permutation_test(list_mutations(codes), outcomes_of(rng.normal(size=80)), seed=1)
    assert np.flatnonzero(np.isnan(tested.score)).tolist() == [4]
    assert np.isnan(tested.scores[:, 4]).all() and tested.information[4] == pytest.approx(0, abs=1e-12)
