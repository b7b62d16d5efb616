"""Depths: the expectation is the mean over all draws; the projection is near what simulated libraries then show."""

import itertools

import numpy as np
import pytest

from kcalseq.counts.saturation import add_spectra, expected_distinct, projected_distinct, spectrum


def test_fewer_reads_by_all_draws() -> None:
    n_reads = np.array([1, 1, 2, 4])
    owners = np.repeat(np.arange(4), n_reads)
    for depth in range(9):
        draws = [len(set(draw)) for draw in itertools.combinations(owners.tolist(), depth)]
        assert expected_distinct(spectrum(n_reads), depth) == pytest.approx(np.mean(draws), abs=1e-9)


def test_all_reads_show_all() -> None:
    seen = spectrum(np.random.default_rng(0).geometric(0.01, 10000))
    assert expected_distinct(seen, seen.n_reads) == 10000
    assert expected_distinct(seen, 0) == 0
    assert projected_distinct(seen, (1,)) == [10000]


def test_spectra_add_up() -> None:
    one, two = np.array([1, 1, 3]), np.array([3, 7])
    found, whole = add_spectra([spectrum(one), spectrum(two)]), spectrum(np.concatenate([one, two]))
    assert [array.tolist() for array in found] == [array.tolist() for array in whole]
    assert found.n_reads == 15 and add_spectra([]).n_reads == 0


@pytest.mark.parametrize("depth", [0.3, 1.0, 3.0, 20.0])
@pytest.mark.parametrize("kind", ["alike", "log-normal 0.5", "log-normal 1.5", "gamma 0.5", "gamma 2"])
def test_projection_of_simulated_libraries(kind: str, depth: float) -> None:
    rng, n = np.random.default_rng(5), 50000
    name, _, shape = kind.partition(" ")
    draw = {"alike": lambda: np.ones(n), "log-normal": lambda: rng.lognormal(0, float(shape), n)}
    rates = draw[name]() if name in draw else rng.gamma(float(shape), size=n)
    rates *= depth / rates.mean()
    n_reads = rng.poisson(rates)
    found = projected_distinct(spectrum(n_reads[n_reads > 0]), (2, 5, 10))
    for fold, value, error in zip((2, 5, 10), found, (0.015, 0.04, 0.12), strict=True):
        assert value == pytest.approx(float((1 - np.exp(-rates * fold)).sum()), rel=error)


def test_a_projection_never_falls_nor_outruns_the_reads() -> None:
    for n_reads in (np.array([1]), np.ones(50, dtype=np.int64), np.array([500, 900]), np.array([1, 2, 900])):
        seen = spectrum(n_reads)
        found = [float(len(n_reads)), *projected_distinct(seen, (1, 2, 5, 10))]
        assert all(one <= two + 1e-9 for one, two in itertools.pairwise(found))
        assert found[-1] <= 10 * seen.n_reads
