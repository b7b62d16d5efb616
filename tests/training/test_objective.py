"""The objective is a negative log posterior, its gradient that of finite differences, its scores those of variants."""

import dataclasses
from typing import Literal

import numpy as np
import pytest
import torch
from binned import counts_of, data_of, log_probabilities

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.design import build_design
from kcalseq.models.registers import Scan
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Published
from kcalseq.training.fisher import information, scores
from kcalseq.training.fitting import Setup, fit_problem, prepare
from kcalseq.training.objective import LogPosterior, Observations
from kcalseq.training.problem import Problem
from kcalseq.training.rounds import FitSettings, whitened_round

CPU = torch.device("cpu")


def test_the_objective_is_likelihood_and_prior(setup: Setup, beginnings: torch.Tensor) -> None:
    network, (training,) = setup.posterior.network, setup.posterior.training
    phi = network.phenotype(beginnings, training.design, 0)
    log_p = log_probabilities(network, beginnings, phi)
    prior = 0.5 * (beginnings**2 * torch.from_numpy(network.layout.prior_precision())).sum(1)
    expected = prior - (log_p * training.data.counts).sum((1, 2))
    assert torch.allclose(setup.posterior.value(beginnings), expected, rtol=1e-12)


def test_its_gradient_is_that_of_finite_differences(setup: Setup, beginnings: torch.Tensor) -> None:
    flat, members = beginnings[:1], torch.zeros(1, dtype=torch.long)
    _, gradient = setup.posterior.value_and_gradient(flat, members)
    for number in range(0, flat.shape[1], 3):
        step = torch.zeros_like(flat)
        step[0, number] = 1e-5
        slope = (setup.posterior.value(flat + step) - setup.posterior.value(flat - step)) / 2e-5
        assert float(gradient[0, number]) == pytest.approx(float(slope), rel=1e-5, abs=1e-4)


def held_posterior(setup: Setup, name: str, values: list[float]) -> LogPosterior:
    layout = setup.posterior.network.layout
    held = torch.full((len(values), layout.size), torch.nan, dtype=torch.float64)
    held[:, layout.blocks[name].start] = torch.tensor(values, dtype=torch.float64)
    return LogPosterior(setup.posterior.network, setup.posterior.training, held)


def test_held_numbers_have_no_gradient(setup: Setup, beginnings: torch.Tensor) -> None:
    posterior = held_posterior(setup, "stack", [-1.0, 0.0, 2.0])
    index = posterior.network.layout.blocks["stack"].start
    flat = posterior.hold(beginnings)
    assert flat[:, index].tolist() == [-1.0, 0.0, 2.0]
    _, gradient = posterior.value_and_gradient(flat, torch.arange(3))
    _, whole = setup.posterior.value_and_gradient(flat, torch.arange(3))
    assert (gradient[:, index] == 0).all() and (whole[:, index] != 0).all()
    free = torch.arange(flat.shape[1]) != index
    assert torch.equal(gradient[:, free], whole[:, free])


def test_a_whitened_round_descends_and_leaves_held_numbers(setup: Setup, beginnings: torch.Tensor) -> None:
    posterior = held_posterior(setup, "stack", [-1.0, 0.0, 2.0])
    flat, index = posterior.hold(beginnings), posterior.network.layout.blocks["stack"].start
    rows = torch.tensor([2, 0])
    found = whitened_round(posterior, flat, rows, FitSettings(round_iterations=30))
    assert found.flat[:, index].tolist() == [2.0, -1.0]
    assert (found.value < posterior.value(flat)[rows] - 1.0).all()
    assert torch.allclose(found.value, posterior.value(found.flat), rtol=1e-12)
    assert (found.n_evaluations > 1).all()


def test_scores_and_prior_add_up_to_the_gradient_of_the_fit(setup: Setup, beginnings: torch.Tensor) -> None:
    """Also through the standardisation, to which every variant contributes."""
    for flat in beginnings:
        _, gradient = setup.posterior.value_and_gradient(flat[None], torch.zeros(1, dtype=torch.long))
        found = scores(setup.posterior, flat).sum(0) + flat * setup.posterior.precision_at(flat)
        assert torch.allclose(found, gradient[0], rtol=1e-9, atol=1e-8)


def test_information_is_the_sum_of_outer_products(setup: Setup, beginnings: torch.Tensor) -> None:
    rows = scores(setup.posterior, beginnings[0]).numpy()
    brute = sum(np.outer(row, row) for row in rows)
    assert np.allclose(information(setup.posterior, beginnings[0]).numpy(), brute, rtol=1e-10, atol=1e-9)


def test_a_stride_is_made_up_for(spec: ModelSpec, problem: Problem, setup: Setup, beginnings: torch.Tensor) -> None:
    """With every variant three times in a row, every third variant carries a third of the information."""
    codes = np.repeat(problem.codes, 3, axis=0)
    data = data_of(np.repeat(counts_of(problem), 3, axis=1))
    training = Observations(build_design(spec, codes, CPU), data, torch.from_numpy(codes))
    posterior = LogPosterior(setup.posterior.network, (training,))
    whole = information(posterior, beginnings[0])
    strided = information(posterior, beginnings[0], stride=3)
    # Up to the n - 1 in the standard deviation of phi.
    assert (strided - whole).abs().max() < whole.abs().max() * 3 / counts_of(problem).shape[1]


def test_a_flat_phenotype_is_no_catastrophe(spec: ModelSpec, setup: Setup, beginnings: torch.Tensor) -> None:
    flat = beginnings.clone()
    for site in spec.sites:
        flat[:, setup.posterior.network.layout.blocks[f"{site.name}.theta"].slice] = 0.0
    assert torch.isfinite(setup.posterior.value(flat)).all()


@pytest.mark.parametrize("kind", ["neighbour", "pairwise"])
def test_no_scale_of_all_energies_escapes_the_prior_of_pairs(
    spec: ModelSpec, problem: Problem, kind: Literal["neighbour", "pairwise"]
) -> None:
    """An additive model a hundred times as large predicts the same, and its pairs cost the same."""
    site = dataclasses.replace(spec.sites[0], energies=kind)
    additive = dataclasses.replace(spec, kind="additive", sites=(site,), interactions=(), states=())
    posterior = prepare(additive, problem).posterior
    layout = posterior.network.layout
    flat = torch.from_numpy(initial_parameters(posterior.network, 1, 0))
    flat[layout.blocks[f"{site.name}.pairs"].slice] = 0.1 * torch.randn(
        layout.blocks[f"{site.name}.pairs"].shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64
    )
    larger = flat.clone()
    larger[: layout.blocks["mpa.a"].start] *= 100.0
    assert float(posterior.value(larger[None])) == pytest.approx(float(posterior.value(flat[None])), abs=0.1)
    network, (training,) = posterior.network, posterior.training
    phi = network.phenotype(flat[None], training.design, 0)
    log_p = log_probabilities(network, flat[None], phi)
    pairs = flat[layout.blocks[f"{site.name}.pairs"].slice] / (phi.std() * spec.pair_sd)
    others = torch.from_numpy(layout.prior_precision()) * flat**2
    others[layout.blocks[f"{site.name}.pairs"].slice] = 0.0
    expected = 0.5 * (pairs**2).sum() + 0.5 * others.sum() - (log_p * training.data.counts).sum()
    assert float(posterior.value(flat[None])) == pytest.approx(float(expected), rel=1e-12)


def test_scores_of_scanned_sites_add_up_to_the_gradient(spec: ModelSpec, problem: Problem) -> None:
    sites = (
        dataclasses.replace(spec.sites[0], scan=Scan((5,), (0, 1), both_strands=True)),
        dataclasses.replace(spec.sites[1], scan=Scan((2, 2), (5, 6), (1, 2), 2), length=4),
    )
    posterior = prepare(dataclasses.replace(spec, sites=sites), problem).posterior
    flat = torch.from_numpy(initial_parameters(posterior.network, 5, 0)) * 3
    _, gradient = posterior.value_and_gradient(flat[None], torch.zeros(1, dtype=torch.long))
    found = scores(posterior, flat).sum(0) + flat * posterior.precision_at(flat)
    assert torch.allclose(found, gradient[0], rtol=1e-9, atol=1e-8)


def test_published_energies_are_a_prior(spec: ModelSpec, problem: Problem, beginnings: torch.Tensor) -> None:
    rows = tuple(tuple(row) for row in np.random.default_rng(6).normal(size=(5, 4)).tolist())
    site = dataclasses.replace(spec.sites[0], published=Published(rows, 0.5))
    informed = prepare(dataclasses.replace(spec, sites=(site, spec.sites[1])), problem).posterior
    plain = prepare(spec, problem).posterior
    theta = beginnings[:, plain.network.layout.blocks["CRP.theta"].slice]
    mean = torch.tensor(rows, dtype=torch.float64).flatten()
    expected = ((theta - mean) ** 2 / (2 * 0.5**2) - theta**2 / (2 * spec.energy_sd**2)).sum(1)
    assert torch.allclose(informed.value(beginnings) - plain.value(beginnings), expected, rtol=1e-9, atol=1e-9)
    begun = initial_parameters(informed.network, 1, 0)[plain.network.layout.blocks["CRP.theta"].slice]
    assert np.corrcoef(begun, np.ravel(rows))[0, 1] > 0.9


def test_a_narrow_prior_holds_the_energies(spec: ModelSpec, problem: Problem) -> None:
    rows = tuple(tuple(row) for row in np.random.default_rng(6).normal(size=(5, 4)).tolist())
    site = dataclasses.replace(spec.sites[0], published=Published(rows, 1e-4))
    informed = dataclasses.replace(spec, sites=(site, spec.sites[1]))
    fitted = fit_problem(informed, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
    block = prepare(informed, problem).posterior.network.layout.blocks["CRP.theta"].slice
    assert np.allclose(fitted.flat[block], np.ravel(rows), atol=1e-2)


@pytest.mark.parametrize("kind", ["neighbour", "pairwise"])
def test_every_number_of_a_model_with_pairs_has_a_finite_slope(
    spec: ModelSpec, problem: Problem, kind: Literal["neighbour", "pairwise"]
) -> None:
    sites = tuple(dataclasses.replace(site, energies=kind) for site in spec.sites)
    posterior = prepare(dataclasses.replace(spec, sites=sites), problem).posterior
    flat = torch.from_numpy(initial_parameters(posterior.network, 1, 0))[None]
    value, gradient = posterior.value_and_gradient(flat, torch.zeros(1, dtype=torch.long))
    assert value.isfinite().all() and gradient.isfinite().all()
    place = torch.zeros_like(flat)
    place[0, posterior.network.layout.blocks["stack"].start] = 1e-5
    slope = (posterior.value(flat + place) - posterior.value(flat - place)) / 2e-5
    assert float(gradient[place > 0]) == pytest.approx(float(slope), rel=1e-5)
