"""Barcode counts as a measurement process: what cancels, what scores best, and what simulated counts give back."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from likeliest import likeliest
from numpy.typing import NDArray

from kcalseq.models.barcode_counts import (
    BarcodeDesign,
    ConditionalWeights,
    FullWeights,
    conditional,
    full,
    keep,
    log_ratio_baseline,
    per_variant,
    simulate,
    simulate_conditional,
    size_ratios,
)


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def counts(*values: int) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def as_tensors(*reads: NDArray[np.int64]) -> list[torch.Tensor]:
    return [torch.from_numpy(item.astype(float)) for item in reads]


def replicated(n_variants: int, n_barcodes: int, n_replicates: int) -> BarcodeDesign:
    """Every variant has so many barcodes, each seen in every replicate."""
    barcode = torch.arange(n_variants * n_barcodes).repeat(n_replicates)
    replicate = torch.arange(n_replicates).repeat_interleave(n_variants * n_barcodes)
    return BarcodeDesign(barcode // n_barcodes, replicate, barcode)


# Two variants in two replicates; the numbers of scipy's beta-binomial are put together by hand.
SMALL = BarcodeDesign(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]))


def test_the_conditional_probability_is_the_formula() -> None:
    weights = ConditionalWeights(tensor(0.5, -0.5), tensor(0.0, 0.25)[None], tensor(2.0), tensor(0.3))
    dna, rna = counts(10, 0, 70), counts(4, 9, 130)
    found = conditional(tensor(1.0, -2.0)[None], *as_tensors(dna, rna), SMALL, weights)
    for place, logit in enumerate((0.5 + 1.0, 0.5 - 2.0, -0.5 + 0.25 - 2.0)):
        n, p = dna[place] + rna[place], 1 / (1 + math.exp(-logit))
        kappa = math.exp(2.0 + 0.3 * math.log(n / 100))
        expected = scipy.stats.betabinom.logpmf(rna[place], n, kappa * p, kappa * (1 - p))
        assert found[0, place].item() == pytest.approx(expected, rel=1e-10)
        binomial = conditional(tensor(1.0, -2.0)[None], *as_tensors(dna, rna), SMALL, weights._replace(log_kappa=None))
        assert binomial[0, place].item() == pytest.approx(scipy.stats.binom.logpmf(rna[place], n, p), rel=1e-10)


def test_a_large_kappa_is_the_binomial_and_a_slope_of_zero_is_none() -> None:
    phi, reads = tensor(1.0, -2.0)[None], as_tensors(counts(10, 0, 70), counts(4, 9, 130))
    binomial = ConditionalWeights(tensor(0.5, -0.5), tensor(0.0, 0.25)[None])
    spread = binomial._replace(log_kappa=tensor(60.0))
    limit = conditional(phi, *reads, SMALL, binomial)
    assert torch.allclose(conditional(phi, *reads, SMALL, spread), limit, rtol=1e-11, atol=1e-12)
    shared = binomial._replace(log_kappa=tensor(1.3))
    flat = shared._replace(kappa_slope=tensor(0.0))
    assert torch.equal(conditional(phi, *reads, SMALL, shared), conditional(phi, *reads, SMALL, flat))


@pytest.mark.parametrize("n", [0, 1, 40])
def test_probabilities_of_all_ways_to_divide_the_reads_add_up_to_one(n: int) -> None:
    rna = torch.arange(n + 1).double()
    design = BarcodeDesign(torch.zeros(n + 1, dtype=torch.int64), torch.zeros(n + 1, dtype=torch.int64))
    for log_kappa in (None, tensor(0.7)):
        weights = ConditionalWeights(tensor(0.3), tensor(0.1)[None], log_kappa)
        total = conditional(tensor(-0.6)[None], n - rna, rna, design, weights).exp().sum()
        assert total.item() == pytest.approx(1.0, abs=1e-13)


@given(dna=st.integers(0, 300), rna=st.integers(0, 300), phi=st.floats(-4, 4), abundance=st.floats(-5, 7))
def test_abundance_cancels_from_the_conditional(dna: int, rna: int, phi: float, abundance: float) -> None:
    """p(dna, rna) / p(n) of Poisson counts is the same at every abundance: the binomial that is used."""
    mean = math.exp(abundance)
    joint = scipy.stats.poisson.logpmf(dna, mean) + scipy.stats.poisson.logpmf(rna, mean * math.exp(phi))
    ratio = joint - scipy.stats.poisson.logpmf(dna + rna, mean * (1 + math.exp(phi)))
    design = BarcodeDesign(torch.tensor([0]), torch.tensor([0]))
    found = conditional(
        tensor(phi)[None], tensor(dna), tensor(rna), design, ConditionalWeights(tensor(0), tensor(0)[None])
    )
    assert found.item() == pytest.approx(ratio, rel=1e-9, abs=1e-9)


def test_full_poisson_counts_differ_from_the_conditional_by_log_n() -> None:
    phi, (dna, rna) = tensor(1.0, -2.0)[None], as_tensors(counts(10, 30, 70), counts(40, 9, 130))
    ratio, offset = tensor(0.5, -0.5), tensor(0.0, 0.25)[None]
    found = full(phi, dna, rna, SMALL, FullWeights(ratio, tensor(3.0, 9.0), offset))
    expected = conditional(phi, dna, rna, SMALL, ConditionalWeights(ratio, offset)) - torch.log(dna + rna)
    assert torch.allclose(found, expected, rtol=0, atol=1e-8)


def test_depths_of_all_replicates_together_mean_nothing_but_their_ratios_do() -> None:
    design = replicated(2, 2, 2)
    reads = as_tensors(counts(5, 9, 20, 3, 8, 12, 16, 6), counts(15, 9, 2, 13, 28, 2, 6, 16))
    weights = FullWeights(
        tensor(0.0, 0.2), tensor(1.0, 2.0), tensor(0.0, 0.0)[None], tensor(-2.0), tensor(-1.0), tensor(-1.0)
    )
    before = full(tensor(0.5, -0.5)[None], *reads, design, weights)
    both = full(tensor(0.5, -0.5)[None], *reads, design, weights._replace(log_size_dna=tensor(6.0, 7.0)))
    one = full(tensor(0.5, -0.5)[None], *reads, design, weights._replace(log_size_dna=tensor(1.0, 3.0)))
    assert before.shape == (1, 4)
    assert torch.allclose(both, before, rtol=0, atol=1e-10)
    assert not torch.allclose(one, before, rtol=0, atol=1e-2)


def test_gradients_are_those_of_finite_differences() -> None:
    design = replicated(2, 2, 2)
    reads = as_tensors(counts(5, 9, 20, 3, 8, 12, 16, 6), counts(15, 9, 2, 13, 28, 2, 6, 16))
    rng = np.random.default_rng(8)
    phi, offset = (torch.from_numpy(rng.normal(size=(2, 2))).requires_grad_() for _ in range(2))
    a, b, c = (torch.from_numpy(rng.normal(-1.0, 0.3, 2)).requires_grad_() for _ in range(3))
    ratio = tensor(0.1, -0.1)
    assert torch.autograd.gradcheck(
        lambda phi, offset, a, b: conditional(phi, *reads, design, ConditionalWeights(ratio, offset, a, b)),
        (phi, offset, a, b),
    )
    assert torch.autograd.gradcheck(
        lambda phi, offset, a, b, c: full(phi, *reads, design, FullWeights(ratio, ratio, offset, a, b, c)),
        (phi, offset, a, b, c),
        fast_mode=True,
    )


def test_members_do_not_see_each_other() -> None:
    design, rng = replicated(3, 4, 2), np.random.default_rng(9)
    reads = as_tensors(rng.integers(1, 40, 24), rng.integers(1, 40, 24))
    phi, offset = (torch.from_numpy(rng.normal(size=(3, n))) for n in (3, 2))
    spread = torch.from_numpy(rng.normal(-1.0, 0.3, (3, 3)))

    def values(members: slice) -> tuple[torch.Tensor, torch.Tensor]:
        one, two, three = spread[members].unbind(1)
        given_n = ConditionalWeights(tensor(0.1, 0.2), offset[members], one, two)
        both = FullWeights(tensor(0.1, 0.2), tensor(0.0, 1.0), offset[members], one, two, three)
        return conditional(phi[members], *reads, design, given_n), full(phi[members], *reads, design, both)

    for member in range(3):
        for together, alone in zip(values(slice(None)), values(slice(member, member + 1)), strict=True):
            assert torch.allclose(together[member], alone[0], rtol=1e-11, atol=1e-11)


def test_the_expected_log_probability_is_greatest_at_the_truth() -> None:
    """A proper scoring rule, by enumeration of all divisions of 30 reads."""
    rna = torch.arange(31).double()
    design = BarcodeDesign(torch.zeros(31, dtype=torch.int64), torch.zeros(31, dtype=torch.int64))

    def log_p(phi: float, log_kappa: float) -> torch.Tensor:
        weights = ConditionalWeights(tensor(0.0), tensor(0.0)[None], tensor(log_kappa))
        return conditional(tensor(phi)[None], 30 - rna, rna, design, weights)[0]

    truth = log_p(0.4, 1.5)
    rng = np.random.default_rng(10)
    for phi, log_kappa in rng.normal((0.4, 1.5), 0.3, (40, 2)):
        assert (truth.exp() * log_p(phi, log_kappa)).sum() < (truth.exp() * truth).sum()


def test_sums_of_variants_hold_everything_once() -> None:
    log_p = tensor(1, 2, 4, 8)[None] * tensor(1, -1)[:, None]
    assert per_variant(log_p, torch.tensor([2, 0, 2, 2]), 4).tolist() == [[2, 0, 13, 0], [-2, 0, -13, 0]]


def test_observations_are_kept_by_all_their_reads() -> None:
    dna, rna = counts(0, 5, 9, 10, 0), counts(0, 4, 1, 0, 10)
    assert keep(dna, rna, 10).tolist() == [False, False, True, True, True]
    assert keep(dna, rna, 1).tolist() == [False, True, True, True, True]
    with pytest.raises(ValueError, match="a minimum of 0 reads"):
        keep(dna, rna, 0)


def test_size_ratios_of_totals_and_medians() -> None:
    dna, rna, replicate = counts(10, 10, 20, 1, 3, 4), counts(20, 20, 1000, 2, 3, 0), counts(0, 0, 0, 1, 1, 1)
    assert size_ratios(dna, rna, replicate) == pytest.approx([math.log(1040 / 40), math.log(5 / 8)])
    # Medians of (2, 2, 50) and (2, 1, 0).
    assert size_ratios(dna, rna, replicate, "median") == pytest.approx([math.log(2), 0.0])
    # An observation without reads has no ratio.
    assert size_ratios(counts(0, 2), counts(0, 8), counts(0, 0), "median") == pytest.approx([math.log(4)])
    with pytest.raises(ValueError, match="replicate 1 has 7 DNA and 0 RNA reads"):
        size_ratios(counts(5, 7), counts(5, 0), counts(0, 1))
    with pytest.raises(ValueError, match="half of the observations of replicate 0 lack DNA or RNA reads"):
        size_ratios(counts(0, 0, 9), counts(1, 1, 9), counts(0, 0, 0), "median")


def test_the_baseline_is_the_log_ratio_of_sums() -> None:
    dna, rna, variant = counts(3, 4, 0), counts(20, 11, 0), counts(0, 0, 2)
    found = log_ratio_baseline(dna, rna, variant, 3)
    assert found[0] == pytest.approx(2.0)  # (31 + 1) / (7 + 1)
    assert np.isnan(found[1])
    assert found[2] == 0.0
    assert log_ratio_baseline(dna, rna, variant, 3, 0.0)[0] == pytest.approx(math.log2(31 / 7))


def test_simulated_counts_have_the_moments_of_the_model() -> None:
    n, rng = 200_000, np.random.default_rng(11)
    design = BarcodeDesign(torch.zeros(n, dtype=torch.int64), torch.zeros(n, dtype=torch.int64))
    weights = FullWeights(tensor(0.5), tensor(1.0), tensor(0.2)[None], tensor(-2.0), tensor(-1.0), tensor(-1.2))
    dna, rna = simulate(tensor(0.3)[None], np.full(n, 2.0), design, weights, rng)
    mean_dna, spread = math.exp(3.0), math.exp(-2.4)
    assert dna.mean() == pytest.approx(mean_dna, rel=0.005)
    assert dna.var() == pytest.approx(mean_dna + math.exp(-2.0) * mean_dna**2, rel=0.02)
    mean_rna = math.exp(3.0 + 0.5 + 0.2 + 0.3)  # at u = 0; exp(u) is log-normal
    first, second = mean_rna * math.exp(spread / 2), mean_rna**2 * math.exp(2 * spread)
    assert rna.mean() == pytest.approx(first, rel=0.01)
    assert rna.var() == pytest.approx(first + (1 + math.exp(-1.0)) * second - first**2, rel=0.04)
    quiet = FullWeights(tensor(0.5), tensor(1.0), tensor(0.2)[None])
    dna, rna = simulate(tensor(0.3)[None], np.full(n, 2.0), design, quiet, rng)
    assert dna.var() == pytest.approx(mean_dna, rel=0.02)
    assert rna.var() == pytest.approx(mean_rna, rel=0.02)


def test_simulated_divisions_have_the_moments_of_the_beta_binomial() -> None:
    n, rng = 100_000, np.random.default_rng(12)
    design = BarcodeDesign(torch.zeros(n, dtype=torch.int64), torch.zeros(n, dtype=torch.int64))
    for log_kappa, inflation in ((tensor(2.0), (math.exp(2.0) + 50) / (math.exp(2.0) + 1)), (None, 1.0)):
        weights = ConditionalWeights(tensor(0.5), tensor(-0.3)[None], log_kappa)
        dna, rna = simulate_conditional(tensor(-1.0)[None], np.full(n, 50), design, weights, rng)
        p = 1 / (1 + math.exp(0.8))
        assert np.array_equal(dna + rna, np.full(n, 50))
        assert rna.mean() == pytest.approx(50 * p, rel=0.01)
        assert rna.var() == pytest.approx(50 * p * (1 - p) * inflation, rel=0.03)


def test_the_conditional_fit_finds_phi_and_kappa() -> None:
    rng, design = np.random.default_rng(13), replicated(30, 20, 2)
    phi = torch.from_numpy(rng.normal(0.0, 1.0, (1, 30)))
    truth = ConditionalWeights(tensor(0.4, -0.3), tensor(0.0, 0.5)[None], tensor(3.0), tensor(0.4))
    n = rng.integers(10, 300, len(design.variant))
    reads = as_tensors(*simulate_conditional(phi, n, design, truth, rng))

    def log_likelihood(flat: torch.Tensor) -> torch.Tensor:
        # The first replicate's offset is held at 0: else it could be traded for phi.
        offset = torch.stack([torch.zeros_like(flat[0]), flat[30]])[None]
        weights = ConditionalWeights(tensor(0.4, -0.3), offset, flat[31:32], flat[32:33])
        return conditional(flat[None, :30], *reads, design, weights).sum()

    fitted = likeliest(log_likelihood, torch.zeros(33, dtype=torch.float64))
    hessian = torch.autograd.functional.hessian(lambda flat: -log_likelihood(flat), fitted)
    errors = torch.linalg.inv(hessian).diagonal().sqrt()
    wanted = torch.cat([phi[0], tensor(0.5, 3.0, 0.4)])
    z = (fitted - wanted) / errors
    assert float(z.abs().max()) < 3.5
    assert 0.6 < float(z[:30].square().mean()) < 1.6
    assert float(errors[:30].max()) < 0.15
    assert float(errors[31]) < 0.1


def test_the_full_fit_finds_phi_dispersions_and_barcode_effects() -> None:
    rng, design = np.random.default_rng(14), replicated(8, 60, 3)
    phi = torch.from_numpy(rng.normal(0.0, 1.0, (1, 8)))
    ratio, size = tensor(0.4, -0.3, 0.0), tensor(0.0, 0.5, -0.2)
    truth = FullWeights(ratio, size, tensor(0.0, 0.0, 0.0)[None], tensor(-3.0), tensor(-2.0), tensor(-1.0))
    reads = as_tensors(*simulate(phi, rng.normal(4.0, 0.7, 480), design, truth, rng))

    def log_likelihood(flat: torch.Tensor) -> torch.Tensor:
        weights = FullWeights(ratio, size, tensor(0.0, 0.0, 0.0)[None], *flat[8:].split(1))
        return full(flat[None, :8], *reads, design, weights).sum()

    fitted = likeliest(log_likelihood, torch.cat([torch.zeros(8), torch.full((3,), -1.5)]).double())
    # Standard errors, by the Hessian and by 60 such simulations alike: 0.06 of phi; 0.06, 0.05, 0.05 of the rest.
    assert float((fitted[:8] - phi[0]).abs().max()) < 0.2
    assert float((fitted[:8] - phi[0]).square().mean().sqrt()) < 0.1
    assert fitted[8:].tolist() == pytest.approx([-3.0, -2.0, -1.0], abs=0.2)


def test_choosing_by_all_reads_does_no_harm_and_choosing_by_rna_does() -> None:
    rng, n = np.random.default_rng(15), 20_000
    design = BarcodeDesign(torch.zeros(n, dtype=torch.int64), torch.zeros(n, dtype=torch.int64))
    truth = FullWeights(tensor(0.0), tensor(0.0), tensor(0.0)[None])
    dna, rna = simulate(tensor(0.5)[None], rng.normal(1.5, 0.5, n), design, truth, rng)

    def fitted(kept: NDArray[np.bool_]) -> float:
        reads = as_tensors(dna[kept], rna[kept])
        of = BarcodeDesign(design.variant[kept], design.replicate[kept])
        weights = ConditionalWeights(tensor(0.0), tensor(0.0)[None])
        best = likeliest(lambda flat: conditional(flat[None], *reads, of, weights).mean() * 1e4, tensor(0.0))
        return best.item()

    # The standard error is about 0.006.
    assert fitted(keep(dna, rna, 12)) == pytest.approx(0.5, abs=0.03)
    assert fitted(rna >= 8) > 0.6
