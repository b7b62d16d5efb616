"""Beta-binomial counts of barcodes: brute-force likelihood, and the scatter that made them."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import optimize, special, stats

from kcalseq.activity.barcodesums import sum_barcodes
from kcalseq.activity.betabinomial import fit, fit_dispersion
from kcalseq.activity.groups import group


def test_the_log_ratio_is_that_of_the_largest_likelihood() -> None:
    rng = np.random.default_rng(1)
    rna, dna = rng.integers(0, 60, 12).astype(float), rng.integers(1, 60, 12).astype(float)
    offset, rho = rng.normal(0, 0.1, 12), 0.05
    found = fit(rna, dna, offset, group(np.repeat([0, 1], [5, 7])), rho)
    for number, own in enumerate((slice(0, 5), slice(5, 12))):

        def loss(eta: float, own: slice = own) -> float:
            pi = special.expit(offset[own] + eta)
            a, b = pi * (1 - rho) / rho, (1 - pi) * (1 - rho) / rho
            level = special.expit(offset[own].mean() + eta)
            half_counts = 0.5 * np.log(level) + 0.5 * np.log(1 - level)
            return -float(stats.betabinom.logpmf(rna[own], rna[own] + dna[own], a, b).sum() + half_counts)

        best = optimize.minimize_scalar(loss, bounds=(-10, 10), method="bounded", options={"xatol": 1e-9})
        assert found.eta[number] == pytest.approx(best.x, abs=1e-4)


def test_the_scatter_that_made_counts_is_found() -> None:
    rng, true = np.random.default_rng(2), 0.03
    variant = np.repeat(np.arange(800), 6)
    pi = special.expit(rng.normal(0, 0.7, 800))[variant]
    size = (1 - true) / true
    n = rng.integers(5, 200, len(variant))
    rna = rng.binomial(n, rng.beta(pi * size, (1 - pi) * size)).astype(float)
    groups, offset = group(variant), np.zeros(len(variant))
    rho = fit_dispersion(rna, n - rna, offset, groups)
    assert rho == pytest.approx(true, rel=0.08)
    found = fit(rna, n - rna, offset, groups, rho)
    z = (found.eta - special.logit(pi[groups.start])) / np.sqrt(found.variance)
    assert 0.93 < z.std() < 1.07


def test_a_variant_without_rna_has_a_finite_log_ratio_and_one_barcode_no_scatter() -> None:
    rna, dna = np.array([0.0, 0.0, 0.0, 7.0]), np.array([10.0, 20.0, 5.0, 7.0])
    found = fit(rna, dna, np.zeros(4), group(np.array([0, 0, 0, 1])), 0.01)
    assert np.isfinite(found.eta).all() and found.eta[0] < -3
    assert found.eta[1] == pytest.approx(0.0) and np.isnan(found.pearson[1]) and found.freedom.tolist() == [2.0, 0.0]
    assert np.isnan(fit_dispersion(rna[3:], dna[3:], np.zeros(1), group(np.array([0]))))


def test_barcodes_are_summed_over_the_replicates_in_which_they_count() -> None:
    rows = [
        ("c", "1", "b2", "v1", 10, 20, "used"),
        ("c", "2", "b2", "v1", 1, 2, "used"),
        ("c", "1", "b1", "v2", 30, 20, "used"),
        ("c", "2", "b1", "v2", 0, 5, "few_dna"),
        ("c", "2", "b3", "v1", 3, 6, "used"),
        ("d", "1", "b1", "v2", 99, 99, "used"),
    ]
    names = ["condition", "replicate", "barcode", "variant", "dna", "rna", "fate"]
    found = sum_barcodes(pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))), "c")
    assert found.names.tolist() == ["v1", "v2"] and found.groups.size.tolist() == [2, 1]
    assert found.rna.tolist() == [22, 6, 20] and found.dna.tolist() == [11, 3, 30]
    # In replicate 1 all used barcodes have 40 RNA and 40 DNA counts, in replicate 2 they have 8 and 4.
    assert np.allclose(found.offset, np.log([48 / 44, 8 / 4, 40 / 40]))
    assert found.n_replicates.tolist() == [2, 1]


def test_a_replicate_without_rna_tells_nothing() -> None:
    rows = [("c", "1", "b1", "v", 5, 7), ("c", "1", "b2", "v", 4, 6), ("c", "2", "b2", "v", 9, 0)]
    columns = dict(
        zip(("condition", "replicate", "barcode", "variant", "dna", "rna"), zip(*rows, strict=True), strict=True)
    )
    sums = sum_barcodes(pa.table({**columns, "fate": ["used"] * 3}), "c")
    assert np.isfinite(sums.offset).all() and sums.dna.tolist() == [5, 4]
    nothing = pa.table({**columns, "rna": [0, 0, 0], "fate": ["used"] * 3})
    assert not len(sum_barcodes(nothing, "c").dna)
