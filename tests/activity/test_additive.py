"""Effects of single changes from molecules with several: a brute-force twin, recovery, calibration, confounding."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from kcalseq.activity.additive import Additive, fit_additive
from kcalseq.activity.scatter import fit_scatter

Floats = NDArray[np.float64]


def library(seed: int, n: int = 3000, p: int = 40, effect_sd: float = 0.0, own: float = 0.3) -> tuple[Floats, ...]:
    """Barcodes with 3 changes on average and lognormal depths: carriers, dna, rna, and the true effects."""
    rng = np.random.default_rng(seed)
    carries = (rng.random((n, p)) < 3.0 / p).astype(float)
    effects = rng.normal(0.0, effect_sd, p)
    depth = 60.0 * rng.lognormal(0.0, 0.8, n)
    ratio = 0.5 + carries @ effects + rng.normal(0.0, own, n)
    return carries, rng.poisson(depth).astype(float) + 1.0, rng.poisson(depth * np.exp2(ratio)).astype(float), effects


def fit(carries: Floats, dna: Floats, rna: Floats) -> Additive:
    return fit_additive(sparse.csr_array(carries), dna, rna, np.arange(len(dna)), 0.5)


def test_the_fit_is_weighted_least_squares_as_a_dense_solver_has_it() -> None:
    """Four turns of a dense solver, each with the weights that the turn before led to."""
    carries, dna, rna, _ = library(1, n=400, p=12, effect_sd=0.5)
    found = fit(carries, dna, rna)
    y = np.log2((rna + 0.5) / (dna + 0.5))
    design = np.column_stack([np.ones(len(y)), carries])
    assert found.scatter is not None
    total, expected = dna + rna, np.full(len(y), np.log2((rna.sum() + 0.5) / (dna.sum() + 0.5)))
    phi, between = 1.0, 1.0
    for turn in range(4):
        share = 1.0 / (1.0 + 2.0**-expected)
        variance = (1.0 / (total * share + 0.5) + 1.0 / (total * (1 - share) + 0.5)) / np.log(2.0) ** 2
        if turn:
            squares = (y - expected) ** 2 * len(y) / (len(y) - 13)
            told = fit_scatter(squares, variance, np.ones(len(y)), np.full(len(y), 2))
            assert told is not None
            phi, between = told.over_counting, told.between
        root = 1.0 / np.sqrt(phi * variance + between)
        solution = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
        expected = design @ solution
    assert found.effect == pytest.approx(solution[1:], abs=1e-9)
    assert found.noise == pytest.approx(root**2 * (y - expected), abs=1e-8)


def test_true_effects_are_recovered_within_their_errors() -> None:
    carries, dna, rna, effects = library(2, effect_sd=0.7)
    found = fit(carries, dna, rna)
    z = (found.effect - effects) / found.se
    assert np.corrcoef(found.effect, effects)[0, 1] > 0.998
    assert 0.8 < np.std(z) < 1.25 and np.abs(z).max() < 4.0
    assert np.abs(found.effect - effects).max() < 0.12


@pytest.mark.parametrize("own", [0.0, 0.3, 1.0])
def test_without_effects_z_is_standard_normal(own: float) -> None:
    z = np.concatenate(
        [found.effect / found.se for seed in range(8) for found in [fit(*library(seed, n=1200, own=own)[:3])]]
    )
    # 320 effects: the standard error of the sd is 0.04, that of the share below 0.05 is 0.012.
    assert 0.88 < np.std(z) < 1.12
    assert 0.015 < (np.abs(z) > 1.96).mean() < 0.085


def test_errors_follow_a_change_whose_carriers_scatter_more() -> None:
    carries, dna, rna, _ = library(5, n=4000, p=20)
    loud = np.random.default_rng(9).normal(0.0, 2.0, len(dna)) * carries[:, 0]
    quiet, noisy = fit(carries, dna, rna), fit(carries, dna, np.round(rna * np.exp2(loud)))
    assert noisy.se[0] > 1.6 * np.median(noisy.se[1:])
    assert quiet.se[0] < 1.3 * np.median(quiet.se[1:])


def test_changes_that_always_come_together_are_said_so_and_the_others_are_told() -> None:
    carries, dna, rna, _ = library(3, p=8, effect_sd=0.5)
    bound = np.column_stack([carries, carries[:, 2], carries[:, 4] + carries[:, 5] > 0, np.zeros(len(dna))])
    bound[:, 5] *= 1.0 - bound[:, 4]
    bound[:, 9] = bound[:, 4] + bound[:, 5]
    found = fit(bound, dna, rna)
    free = [0, 1, 3, 6, 7]
    assert np.isfinite(found.effect[free]).all() and (found.together[free] == -1).all()
    assert np.isnan(found.effect[[2, 4, 5, 8, 9, 10]]).all()
    assert found.together[2] == found.together[8] >= 1
    assert found.together[4] == found.together[5] == found.together[9] >= 1
    assert found.together[2] != found.together[4]
    assert found.together[10] == -1 and found.n_units[10] == 0
    without = fit(np.delete(bound, [8, 9, 10], axis=1), dna, rna)
    assert found.effect[free] == pytest.approx(without.effect[free], abs=1e-9)


def test_a_change_that_all_carry_cannot_be_told_from_the_reference() -> None:
    carries, dna, rna, _ = library(4, p=6)
    found = fit(np.column_stack([np.ones(len(dna)), carries]), dna, rna)
    assert np.isnan(found.effect[0]) and found.together[0] == 0
    assert np.isfinite(found.effect[1:]).all()


def test_as_many_effects_as_barcodes_have_no_errors() -> None:
    found = fit(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.full(3, 9.5), np.array([9.5, 19.5, 4.5]))
    assert found.effect == pytest.approx([1.0, -1.0]) and np.isnan(found.se).all()


def test_where_changes_do_not_add_up_variants_count_and_not_their_barcodes() -> None:
    """Half of the variants have 30 barcodes; a deviation of whole variants is in the errors, and without it is not."""
    rng = np.random.default_rng(6)
    carriers = (rng.random((150, 10)) < 0.25).astype(float)
    variant = np.repeat(np.arange(150), np.where(np.arange(150) % 2, 30, 2))
    depth = 200.0 * np.ones(len(variant))
    z = {0.0: np.zeros(0), 0.5: np.zeros(0)}
    for together in z:
        for seed in range(12):
            rng = np.random.default_rng(seed)
            ratio = rng.normal(0.0, together, 150)[variant] + rng.normal(0.0, 0.3, len(variant))
            dna, rna = rng.poisson(depth).astype(float), rng.poisson(depth * np.exp2(ratio)).astype(float)
            found = fit_additive(sparse.csr_array(carriers[variant]), dna, rna, variant, 0.5)
            z[together] = np.concatenate([z[together], found.effect / found.se])
    # 120 effects each: the standard error of the sd is 0.065.
    assert 0.75 < np.std(z[0.5]) < 1.3 and 0.75 < np.std(z[0.0]) < 1.2


def test_a_replicate_without_barcodes_tells_nothing() -> None:
    found = fit_additive(sparse.csr_array((0, 3)), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64), 0.5)
    assert np.isnan(found.effect).all() and found.n_units.tolist() == [0, 0, 0] and (found.together == -1).all()
