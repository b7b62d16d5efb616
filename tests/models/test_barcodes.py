"""Barcode counts as the measurement process of a network: data that follow their variants, and scores that add up."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
import torch

from kcalseq.models.barcodes import BarcodeCounts, BarcodeData, Noise
from kcalseq.models.process import Weights

N_VARIANTS, N_BARCODES, N_REPLICATES = 12, 3, 2
KINDS: list[tuple[Noise, bool, bool]] = [
    ("beta_binomial", False, False),
    ("binomial", False, True),
    ("negative_binomial", False, False),
    ("negative_binomial", True, True),
]


def process_of(noise: Noise = "beta_binomial", effect: bool = False, background: bool = False) -> BarcodeCounts:
    return BarcodeCounts(("1", "2"), (0.2, -0.3), (0.0, 0.4), noise, effect, background)


def data_of(seed: int, mean: float = 40.0) -> BarcodeData:
    rng = np.random.default_rng(seed)
    barcode = np.tile(np.arange(N_VARIANTS * N_BARCODES), N_REPLICATES)
    replicate = np.repeat(np.arange(N_REPLICATES), N_VARIANTS * N_BARCODES)
    # A barcode or two is missing in a replicate, as in any experiment.
    seen = rng.random(len(barcode)) < 0.8
    dna, rna = rng.poisson(mean, seen.sum()), rng.poisson(2 * mean, seen.sum())
    return BarcodeData.of(barcode[seen] // N_BARCODES, replicate[seen], barcode[seen], dna, rna, N_VARIANTS)


def weights_of(process: BarcodeCounts, seed: int, n_members: int = 1) -> Weights:
    rng = np.random.default_rng(seed)
    start = process.initial(rng)
    moved = {name: rng.normal(0.0, 0.2, (n_members, *values.shape)) + values for name, values in start.items()}
    return {name: torch.from_numpy(values) for name, values in moved.items()}


def phi_of(seed: int, n_members: int = 1) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0.0, 1.0, (n_members, N_VARIANTS)))


def test_the_likelihood_of_a_variant_is_the_product_over_its_barcodes_and_replicates() -> None:
    process, data, z = process_of(background=True), data_of(1), phi_of(2)
    weights = weights_of(process, 3)
    found = process.log_likelihoods(z, weights, data)[0]
    expected = np.zeros(N_VARIANTS)
    number = {name: values[0].numpy() for name, values in weights.items()}
    for variant, replicate, dna, rna in zip(data.variant, data.replicate, data.dna[0], data.rna[0], strict=True):
        activity = np.log(np.exp(z[0, variant].item()) + np.exp(number["log_background"]))
        size = (0.2, -0.3)[replicate] + number["offset"][replicate]
        p, n = 1 / (1 + np.exp(-activity - size)), (dna + rna).item()
        kappa = np.exp(number["log_kappa"] + number["kappa_slope"] * np.log(n / 100))
        expected[variant] += scipy.stats.betabinom.logpmf(rna.item(), n, kappa * p, kappa * (1 - p))
    assert np.allclose(found.numpy(), expected, rtol=1e-10)
    assert process.negative_log_likelihood(z, weights, data).item() == pytest.approx(-expected.sum(), rel=1e-10)


@pytest.mark.parametrize(("noise", "effect", "background"), KINDS)
def test_scores_of_variants_are_the_gradients_of_their_own_likelihoods(
    noise: Noise, effect: bool, background: bool
) -> None:
    process, data, z = process_of(noise, effect, background), data_of(4), phi_of(5)
    weights = {name: values.requires_grad_() for name, values in weights_of(process, 6).items()}
    slopes = process.slopes(z, weights, data)
    leaf = z.clone().requires_grad_()
    for variant in range(N_VARIANTS):
        loss = -process.log_likelihoods(leaf, weights, data)[0, variant]
        by_z, *own = torch.autograd.grad(loss, [leaf, *weights.values()])
        assert slopes.by_z[variant].item() == pytest.approx(by_z[0, variant].item(), abs=1e-8)
        assert torch.allclose(slopes.by_weights[variant], torch.cat([one.flatten() for one in own]), atol=1e-8)
    whole = process.negative_log_likelihood(z, weights, data).sum()
    gradient = torch.cat([one.flatten() for one in torch.autograd.grad(whole, list(weights.values()))])
    assert torch.allclose(slopes.by_weights.sum(0), gradient, atol=1e-8)


@pytest.mark.parametrize(("noise", "effect", "background"), KINDS)
def test_the_gradient_is_that_of_finite_differences(noise: Noise, effect: bool, background: bool) -> None:
    process, data = process_of(noise, effect, background), data_of(7).take(torch.arange(3))
    weights = weights_of(process, 8, 2)

    def loss(z: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        return process.negative_log_likelihood(z, dict(zip(weights, values, strict=True)), data)

    leaves = [phi_of(9, 2)[:, :3].clone(), *weights.values()]
    assert torch.autograd.gradcheck(loss, [leaf.requires_grad_() for leaf in leaves], fast_mode=True)


@pytest.mark.parametrize(("noise", "effect", "background"), KINDS)
def test_variants_that_are_taken_keep_their_barcodes(noise: Noise, effect: bool, background: bool) -> None:
    process, data, z = process_of(noise, effect, background), data_of(10), phi_of(11)
    rows, weights = torch.tensor([7, 2, 9]), weights_of(process, 12)
    whole = process.log_likelihoods(z, weights, data)
    assert torch.allclose(process.log_likelihoods(z[:, rows], weights, data.take(rows)), whole[:, rows], rtol=1e-12)
    assert torch.equal(data.take(rows).n_observations, data.n_observations[rows])


def test_a_variant_without_barcodes_says_nothing() -> None:
    data = data_of(13)
    kept = data.variant != 4
    less = BarcodeData(
        data.variant[kept], data.replicate[kept], data.barcode[kept], data.dna[:, kept], data.rna[:, kept], data.weight
    )
    process = process_of()
    weights = weights_of(process, 14)
    assert process.log_likelihoods(phi_of(15), weights, less)[0, 4] == 0
    assert process.slopes(phi_of(15), weights, less).by_weights[4].abs().sum() == 0
    assert less.n_observations[4] == 0


def test_a_variant_that_counts_twice_has_twice_the_likelihood_and_each_member_its_own_counts() -> None:
    process, data = process_of(), data_of(16)
    times = torch.from_numpy(np.random.default_rng(17).integers(0, 3, (2, N_VARIANTS)).astype(float))
    weights, z = weights_of(process, 18, 2), phi_of(19, 2)
    once, weighted = (process.log_likelihoods(z, weights, own) for own in (data, data.reweighted(times)))
    assert torch.allclose(weighted, once * times, rtol=1e-12)
    second = data.reweighted(times).of_members(torch.tensor([1]))
    own = {name: values[1:] for name, values in weights.items()}
    assert torch.allclose(process.log_likelihoods(z[1:], own, second), weighted[1:], rtol=1e-12)
    assert torch.equal(second.n_observations, data.n_observations * times[1])


def test_a_large_kappa_is_the_binomial_and_a_background_of_nothing_is_none() -> None:
    data, z = data_of(20), phi_of(21)
    weights = {"offset": torch.zeros(1, 2, dtype=torch.float64)}
    binomial = process_of("binomial").log_likelihoods(z, weights, data)
    wide = {"log_kappa": torch.tensor([30.0]).double(), "kappa_slope": torch.zeros(1).double()}
    assert torch.allclose(process_of().log_likelihoods(z, weights | wide, data), binomial, rtol=1e-9)
    nothing = {"log_background": torch.tensor([-100.0]).double()}
    with_it = process_of("binomial", background=True)
    assert torch.allclose(with_it.log_likelihoods(z, weights | nothing, data), binomial, rtol=1e-12)


@pytest.mark.parametrize("noise", ["beta_binomial", "negative_binomial"])
def test_drawn_counts_look_like_what_they_were_drawn_from(noise: Noise) -> None:
    process, data, z = process_of(noise), data_of(22, 4000.0), phi_of(23, 2)
    weights = {
        "offset": torch.tensor([[0.3, -0.1], [0.3, -0.1]]).double(),
        "log_kappa": torch.full((2,), 8.0).double(),
        "kappa_slope": torch.zeros(2).double(),
        "log_alpha_dna": torch.full((2,), -8.0).double(),
        "log_alpha_rna": torch.full((2,), -8.0).double(),
    }
    drawn = process.simulate(z, weights, data, np.random.default_rng(24))
    assert drawn.dna.shape == (2, len(data.variant))
    if noise == "beta_binomial":
        assert torch.equal(drawn.dna + drawn.rna, (data.dna + data.rna).expand(2, -1))
    size = process.log_size_ratio + weights["offset"][0]
    for member in range(2):
        own = replace(drawn, dna=drawn.dna[member : member + 1], rna=drawn.rna[member : member + 1])
        residual = own.log_ratios(size) - z[member, data.variant]
        assert residual.abs().max() < 0.3 and residual.mean().abs() < 0.03
    # Members with data of their own are judged by their own.
    log_p = process.log_likelihoods(z, weights, drawn)
    alone = {name: values[1:] for name, values in weights.items()}
    second = drawn.of_members(torch.tensor([1]))
    assert torch.allclose(process.log_likelihoods(z[1:], alone, second), log_p[1:], rtol=1e-10)


def test_what_is_expected_is_log2_of_rna_per_dna_at_equal_depth() -> None:
    process = process_of(background=True)
    weights = {"offset": torch.tensor([[0.5, -0.1]]).double(), "log_background": torch.zeros(1).double()}
    found = process.readout(torch.zeros(1, 1).double(), weights)["log2_activity"]
    assert found.item() == pytest.approx(1.0 + 0.2 / np.log(2.0))
