"""Chimeras and second molecules: rates are recovered, and odds follow them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import beta

from kcalseq.association.purity import MixtureRates, Readings, chance_of_two, fit_rates, near_molecules

RATES = MixtureRates(0.02, 0.03, 8.0, 1 / 500)


def draw(
    n: int, rates: MixtureRates, seed: int, n_origins: int, depth: int
) -> tuple[Readings, NDArray[np.bool_], NDArray[np.bool_]]:
    """Barcodes with one or two molecules of some origins, equally frequent.

    Returns:
        the readings; which have two molecules; where these are of one origin and both were read, which is not for these
        numbers to tell, but for the test of near molecules.
    """
    rng = np.random.default_rng(seed)
    total, two = rng.poisson(depth * rng.lognormal(-0.2, 0.6, n)) + 2, rng.random(n) < rates.two_molecules
    share = np.where(two, rng.beta(rates.evenness, rates.evenness, n), 0.0)
    found, told = np.zeros((3, n), dtype=np.int64), np.zeros(n, dtype=np.bool_)
    for row in range(n):
        one, other = rng.integers(0, n_origins, 2)
        n_chimeras = rng.binomial(total[row], rates.all_chimeras)
        reads = np.bincount(rng.integers(0, n_origins, n_chimeras), minlength=n_origins)
        n_other = rng.binomial(total[row] - n_chimeras, share[row])
        reads[one] += total[row] - n_chimeras - n_other
        reads[other] += n_other
        first, second, *rest = sorted(reads.tolist(), reverse=True)
        found[:, row] = first, second, sum(rest)
        told[row] = one == other and 0 < n_other < total[row] - n_chimeras
    return Readings._make([*found, np.full(n, 1 / n_origins)]), two, told


def test_the_rates_behind_simulated_barcodes_are_recovered() -> None:
    found = fit_rates(draw(20_000, RATES, 1, 500, 15)[0], RATES.same_origin)
    assert found.two_molecules == pytest.approx(RATES.two_molecules, rel=0.15)
    assert found.chimeras == pytest.approx(RATES.chimeras, rel=0.05)
    assert found.evenness == pytest.approx(RATES.evenness, rel=0.5)


def test_the_rates_of_a_library_of_four_origins_are_recovered() -> None:
    """One in four of second molecules is of the first one's origin, and does not show."""
    rates = MixtureRates(0.04, 0.03 * 0.75, 8.0, 0.25)
    found = fit_rates(draw(20_000, rates, 3, 4, 15)[0], 0.25)
    assert found.two_molecules == pytest.approx(rates.two_molecules, rel=0.15)
    assert found.chimeras == pytest.approx(rates.chimeras, rel=0.05)
    assert rates.all_chimeras == pytest.approx(0.03) and found.all_chimeras == pytest.approx(0.03, rel=0.05)


@pytest.mark.parametrize(("first", "second", "further"), [(9, 4, 1), (2, 2, 0), (7, 1, 0), (7, 1, 3), (8, 0, 0)])
def test_chances_are_those_of_the_formula(first: int, second: int, further: int) -> None:
    """Written with beta functions, as in the module's text, for a second molecule whose origin has a share of 1/500."""
    (p, c, a, s), share = RATES, 1 / 500
    even = beta(a, a)
    by_chance = (1 - c) ** first * c ** (second + further) * (share / (1 - s)) ** max(second - 1, 0)
    one = (1 - p) * by_chance
    either = (1 if first == second else 2) * (1 + further if second == 1 else 1)
    read = p * (1 - c) ** (first + second) * c**further * beta(first + a, second + a) / even * either * (second > 0)
    unread = p * by_chance * beta(first + a, a) / even * 2
    two = (1 - s) * read + unread
    readings = Readings(np.array([first]), np.array([second]), np.array([further]), np.array([share]))
    chance = chance_of_two(readings, RATES)[0]
    assert chance == pytest.approx(two / (one + two), rel=1e-9) and 1 - chance == pytest.approx(one / (one + two))


def test_a_barcode_without_reads_has_the_chance_of_any() -> None:
    none = np.zeros(1, dtype=np.int64)
    assert chance_of_two(Readings(none, none, none, np.ones(1)), RATES) == pytest.approx(RATES.two_molecules)


@pytest.mark.slow
@pytest.mark.parametrize("n_origins", [500, 4])
@pytest.mark.parametrize(("evenness", "measured"), [(1.0, False), (50.0, False), (50.0, True)])
def test_the_chance_is_what_it_says(n_origins: int, evenness: float, measured: bool) -> None:
    """Of barcodes said to have two molecules with a chance, that share has them, whatever the library.

    Where shares are uneven and reads few, rates are not known well enough to ask this of measured ones.
    """
    rates = MixtureRates(0.04, 0.03 * (1 - 1 / n_origins), evenness, 1 / n_origins)
    readings, two, told = draw(150_000, rates, 2, n_origins, 5)
    used = fit_rates(readings, rates.same_origin) if measured else rates
    chance = np.where(told, 2.0, chance_of_two(readings, used))
    for low, high in ((0.0, 0.001), (0.001, 0.005), (0.005, 0.03), (0.03, 0.1), (0.1, 0.5), (0.5, 0.95), (0.95, 1.0)):
        said = (chance > low) & (chance <= high)
        expected = chance[said].sum()
        assert abs(two[said].sum() - expected) < 3 * np.sqrt(expected) + 0.1 * expected + 1, (low, high)


def test_chimeras_of_a_frequent_origin_agree_more_often() -> None:
    rare, frequent = chance_of_two(
        Readings(np.array([20, 20]), np.array([2, 2]), np.array([0, 0]), np.array([0.001, 0.25])), RATES
    )
    assert rare > 10 * frequent


def test_a_molecule_that_was_not_read_cannot_be_excluded() -> None:
    """Half and half, the second of two molecules is missed n times in a row with a chance of 2 / 2^n."""
    first = np.arange(1, 12)
    readings = Readings(first, first * 0, first * 0, np.ones(11))
    chance = chance_of_two(readings, MixtureRates(0.01, 0.03, 1e6, 1e-9))
    odds = 0.01 / 0.99 * 2 * 0.5**first
    assert chance == pytest.approx(odds / (1 + odds), rel=1e-4)


def test_reads_that_agree_on_a_second_molecule_weigh_more_than_as_many_that_do_not() -> None:
    readings = Readings(np.array([8, 8]), np.array([2, 1]), np.array([0, 1]), np.full(2, 1 / 500))
    agree, apart = chance_of_two(readings, RATES)
    assert agree > 0.5 > 10 * apart


def test_few_barcodes_leave_the_rates_near_what_is_usual() -> None:
    one = np.array([5])
    found = fit_rates(Readings(one, one * 0, one * 0, np.ones(1)), 0.5)
    assert 0 < found.two_molecules < 0.05 and 0 < found.chimeras < 0.05


def test_near_molecules_are_more_reads_than_misreading_gives() -> None:
    minority, voters = np.array([1, 2, 5, 10]), np.array([20, 20, 20, 20])
    places = np.full(4, 500)
    assert near_molecules(minority, voters, places, 0.001, np.zeros(4)).tolist() == [False, False, True, True]


def test_chimeras_of_the_same_origin_explain_a_few_agreeing_reads() -> None:
    minority, voters, places = np.array([3, 3, 8]), np.array([20, 20, 20]), np.array([1, 1, 1])
    chimeras = np.array([0.0, 0.02, 0.02])
    assert near_molecules(minority, voters, places, 0.001, chimeras).tolist() == [True, False, True]
