"""Runs, the polymerase's pattern and sites, each where they were planted and by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.activity.footprint_rules import DEFAULTS, FootprintRules
from kcalseq.activity.polymerase import MINUS_10, MINUS_35, Polymerase, find_polymerase
from kcalseq.activity.runs import Run, find_runs, p_anywhere, smoothed
from kcalseq.activity.sites import PutativeSite, call_sites
from kcalseq.dna import ALPHABET


def chance(length: int, n: int = 400) -> NDArray[np.float64]:
    """Scores of permutations."""
    return np.random.default_rng(4).normal(size=(n, length))


def test_smoothing_by_hand() -> None:
    """Windows of five, three at the ends; what is missing is left out of the sum and of the root."""
    found = smoothed(np.array([1.0, 2.0, 3.0, np.nan, 5.0, 6.0]))
    expected = [6 / 3**0.5, 6 / 3**0.5, 11 / 4**0.5, 16 / 4**0.5, 14 / 3**0.5, 11 / 2**0.5]
    assert found == pytest.approx(expected)


def test_a_planted_run_is_found_with_its_ends() -> None:
    score = np.zeros(60)
    score[20:30] = -6.0
    assert [run[:3] for run in find_runs(score, chance(60))] == [(20, 30, -1)]


@pytest.mark.parametrize(("gap", "n_runs"), [(DEFAULTS.max_gap + 2, 1), (DEFAULTS.max_gap + 5, 2)])
def test_the_halves_of_a_site_are_one_site(gap: int, n_runs: int) -> None:
    """Smoothing brings the halves nearer by one position each."""
    score = np.zeros(80)
    score[20:26], score[26 + gap : 32 + gap] = -6.0, -6.0
    assert len(find_runs(score, chance(80))) == n_runs


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (FootprintRules(), [(20, 26), (40, 50)]),
        (FootprintRules(min_length=8), [(40, 50)]),
        (FootprintRules(max_gap=15), [(20, 50)]),
        (FootprintRules(min_share=0.6), [(40, 50)]),
        (FootprintRules(alpha=1e-4), []),
    ],
)
def test_rules_change_what_is_a_site(rules: FootprintRules, expected: list[tuple[int, int]]) -> None:
    score = np.zeros(80)
    score[20:26], score[40:50] = -6.0, -12.0
    assert [run[:2] for run in find_runs(score, chance(80), rules)] == expected


def test_a_wider_window_joins_more() -> None:
    assert smoothed(np.ones(9), 9)[4] == pytest.approx(3.0) and smoothed(np.ones(9), 1) == pytest.approx(1.0)


def test_opposite_effects_are_two_runs() -> None:
    score = np.zeros(60)
    score[10:20], score[20:30] = -6.0, 6.0
    assert [run[:3] for run in find_runs(score, chance(60))] == [(10, 19, -1), (21, 30, 1)]


def test_with_enough_cells_weak_positions_are_significant_but_no_site() -> None:
    score = np.full(60, -5.0)
    score[20:30] = -60.0
    assert [run[:3] for run in find_runs(score, chance(60))] == [(20, 30, -1)]


def test_chance_passes_the_test_as_often_as_stated_and_is_a_run_less_often() -> None:
    """At 0.05, of 400 libraries of noise about 20 pass somewhere (sd 4.4); few of these have a run's length."""
    rng, permuted = np.random.default_rng(11), chance(60, 1000)
    noise = [rng.normal(size=60) for _ in range(400)]
    passed = sum(p_anywhere(score, permuted).min() <= DEFAULTS.alpha for score in noise)
    assert 5 <= passed <= 38
    assert sum(bool(find_runs(score, permuted)) for score in noise) <= passed


def promoter(place: int, spacer: int, length: int = 60) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Scores of having each base where the polymerase prefers its consensus, and a wild type that has most of it."""
    rng = np.random.default_rng(12)
    scores, wildtype = rng.normal(size=(length, 4)), rng.integers(0, 4, length).astype(np.uint8)
    starts = (place, place + len(MINUS_35) + spacer)
    for start, element in zip(starts, (MINUS_35, MINUS_10), strict=True):
        for number, letter in enumerate(element):
            scores[start + number] = -3.0
            scores[start + number, ALPHABET.index(letter)] = 9.0
            wildtype[start + number] = ALPHABET.index(letter)
    wildtype[place + 3] = ALPHABET.index("T")
    return scores, wildtype


@pytest.mark.parametrize("spacer", [15, 17, 19])
def test_the_polymerase_is_found_at_every_spacer(spacer: int) -> None:
    found = find_polymerase(*promoter(14, spacer))
    assert found is not None
    assert (found.minus_35, found.minus_10, found.mismatches) == (14, 20 + spacer, 1)
    assert found.likeness > 0.95 and found.elements == range(14, 26 + spacer)
    assert found.covered(60) == range(9, min(60, 32 + spacer))


def test_no_polymerase_where_its_bases_lower_activity() -> None:
    scores, wildtype = promoter(14, 17)
    assert find_polymerase(-scores, wildtype) is None


def test_one_element_alone_is_no_polymerase() -> None:
    scores, wildtype = promoter(14, 17)
    scores[14:20] = 0.0
    assert find_polymerase(scores, wildtype) is None


def test_a_wild_type_far_from_the_consensus_is_no_polymerase() -> None:
    scores, wildtype = promoter(14, 17)
    wildtype[14:20], wildtype[37:43] = 2, 2  # G is the consensus at one position only
    assert find_polymerase(scores, wildtype) is None


def test_noise_and_short_variants_have_no_polymerase() -> None:
    rng = np.random.default_rng(13)
    named = [find_polymerase(rng.normal(size=(60, 4)), rng.integers(0, 4, 60).astype(np.uint8)) for _ in range(50)]
    assert named == [None] * 50
    assert find_polymerase(rng.normal(size=(26, 4)), rng.integers(0, 4, 26).astype(np.uint8)) is None


def test_sites_by_hand() -> None:
    """The polymerase touches 34 to 74: of a run across its edge the rest is an activator, of one within it nothing."""
    polymerase = Polymerase(39, 63, 3, 9.0, 0.9)
    runs = [
        Run(4, 21, -1, 0.001),
        Run(26, 45, -1, 0.001),
        Run(57, 62, 1, 0.02),
        Run(63, 70, -1, 0.003),
        Run(66, 80, 1, 0.01),
        Run(72, 78, -1, 0.04),
    ]
    assert call_sites(runs, polymerase, 90) == [
        PutativeSite(4, 21, "activator", 0.001),
        PutativeSite(26, 34, "activator", 0.001),
        PutativeSite(34, 75, "polymerase", 0.001),
        PutativeSite(66, 80, "repressor", 0.01),
    ]


def test_without_a_polymerase_every_run_is_a_site() -> None:
    runs = [Run(4, 21, -1, 0.001), Run(57, 62, 1, 0.02)]
    expected = [PutativeSite(4, 21, "activator", 0.001), PutativeSite(57, 62, "repressor", 0.02)]
    assert call_sites(runs, None, 90) == expected
