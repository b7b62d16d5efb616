"""Chimeras and second molecules: rates are recovered, and odds follow them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.association.purity import MixtureRates, chance_of_two, fit_rates, near_molecules

RATES = MixtureRates(0.02, 0.03, 8.0, 1 / 500)


def draw(n: int, rates: MixtureRates, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    total = rng.poisson(15 * rng.lognormal(-0.2, 0.6, n)) + 2
    further = rng.binomial(total, rates.chimeras)
    share = np.where(rng.random(n) < rates.two_molecules, rng.beta(rates.evenness, rates.evenness, n), 0.0)
    second = rng.binomial(total - further, share)
    first = np.maximum(total - further - second, second)
    second = np.minimum(total - further - second, second)
    lone = (second == 0) & (further > 0)
    return first, second + lone, further - lone


def test_the_rates_behind_simulated_barcodes_are_recovered() -> None:
    found = fit_rates(*draw(20_000, RATES, 1), RATES.same_origin)
    assert found.two_molecules == pytest.approx(RATES.two_molecules, rel=0.15)
    assert found.chimeras == pytest.approx(RATES.chimeras, rel=0.05)
    assert found.evenness == pytest.approx(RATES.evenness, rel=0.5)


def test_the_chance_is_what_it_says() -> None:
    """Of barcodes said to have two molecules with a chance near 0.5, about half have them."""
    rng = np.random.default_rng(2)
    n = 400_000
    total, two = rng.integers(4, 12, n), rng.random(n) < RATES.two_molecules
    further = rng.binomial(total, RATES.chimeras)
    share = np.where(two, rng.beta(RATES.evenness, RATES.evenness, n), 0.0)
    second = rng.binomial(total - further, share)
    first = np.maximum(total - further - second, second)
    second = total - further - first
    lone = (second == 0) & (further > 0)
    chance = chance_of_two(first, second + lone, further - lone, RATES)
    for low, high in ((0.01, 0.05), (0.05, 0.2), (0.9, 1.0)):
        said = (chance > low) & (chance < high)
        assert said.sum() > 500
        assert two[said].mean() == pytest.approx(chance[said].mean(), rel=0.2)


def test_reads_that_agree_on_a_second_molecule_weigh_more_than_as_many_that_do_not() -> None:
    first = np.array([8, 8])
    agree, apart = chance_of_two(first, np.array([2, 1]), np.array([0, 1]), RATES)
    assert agree > 0.5 > 10 * apart


def test_few_barcodes_leave_the_rates_near_what_is_usual() -> None:
    one = np.array([5])
    found = fit_rates(one, one * 0, one * 0, 0.5)
    assert 0 < found.two_molecules < 0.05 and 0 < found.chimeras < 0.05


def test_near_molecules_are_more_reads_than_misreading_gives() -> None:
    minority, voters = np.array([1, 2, 5, 10]), np.array([20, 20, 20, 20])
    assert near_molecules(minority, voters, np.full(4, 500), 0.001).tolist() == [False, False, True, True]
