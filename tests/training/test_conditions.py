"""Several conditions of a library in one fit: energies shared, chemical potentials and measurement their own."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from kcalseq.models.gauge import observed_bases, zero_mean_map
from kcalseq.models.spec import ModelSpec
from kcalseq.simulate.sorting import Energies, SortingExperiment, simulate_sorting
from kcalseq.training.bootstrap import Bootstraps
from kcalseq.training.fisher import scores
from kcalseq.training.fit import Fit
from kcalseq.training.fitting import Setup, fit_problem, phenotypes, prepare
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.parameter_tables import bootstraps_table
from kcalseq.training.problem import Problem, build_problem

POTENTIALS = {"high": -2.5, "low": 0.5}


@pytest.fixture
def by_condition(spec: ModelSpec) -> ModelSpec:
    sites = tuple(dataclasses.replace(site, by_condition=site.name == "CRP") for site in spec.sites)
    return dataclasses.replace(spec, sites=sites)


@pytest.fixture
def joint(by_condition: ModelSpec, energies: Energies) -> Problem:
    """The same promoter at two concentrations of CRP, sorted into different numbers of bins."""
    made = [
        simulate_sorting(
            "tiny",
            by_condition,
            energies._replace(mu={**energies.mu, "CRP": mu}),
            SortingExperiment(6000, noise_sd=0.4, mutation_rate=0.35, n_gates=3 + number),
            31 + number,
        )
        for number, mu in enumerate(POTENTIALS.values())
    ]
    counts = [one.counts.assign(condition=name) for name, one in zip(POTENTIALS, made, strict=True)]
    variants = pd.concat([one.variants for one in made]).drop_duplicates("variant").reset_index(drop=True)
    return build_problem(by_condition, variants, pd.concat(counts), "raw")


@pytest.fixture
def setup(by_condition: ModelSpec, joint: Problem) -> Setup:
    return prepare(by_condition, joint)


@pytest.fixture
def member(setup: Setup) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(3).normal(size=setup.posterior.network.layout.size))


def test_the_objective_adds_up_over_experiments(
    spec: ModelSpec, joint: Problem, setup: Setup, member: torch.Tensor
) -> None:
    """Each experiment alone, as a model of one condition with that condition's chemical potential."""
    network = setup.posterior.network
    total = 0.5 * float((member.square() * torch.from_numpy(network.layout.prior_precision())).sum())
    for number, experiment in enumerate(joint.experiments):
        alone = prepare(spec, joint._replace(experiments=(experiment,))).posterior
        flat = torch.zeros(alone.network.layout.size, dtype=torch.float64)
        for name, block in alone.network.layout.blocks.items():
            process, _, letter = name.partition(".")
            source = f"{process}[{experiment.condition}].{letter}" if process == "mpa" else name
            values = member[network.layout.blocks[source].slice]
            flat[block.slice] = values[number] if name == "CRP.mu" else values
        prior = 0.5 * float((flat.square() * torch.from_numpy(alone.network.layout.prior_precision())).sum())
        # Alone an experiment is fitted to all training variants, of which others hold no observation of it.
        trained = setup.training[number]
        alone = prepare(spec, _only(joint, number, trained)).posterior
        total += float(alone.value(flat[None])) - prior
    assert float(setup.posterior.value(member[None])) == pytest.approx(total, rel=1e-12)


def _only(problem: Problem, number: int, rows: np.ndarray) -> Problem:
    experiment = problem.experiments[number]
    data = experiment.data.take(torch.from_numpy(rows))
    own = experiment._replace(data=data)
    return Problem(problem.variants[rows], problem.sets[rows], problem.codes[rows], (own,))


def test_scores_and_prior_add_up_to_the_gradient(setup: Setup, member: torch.Tensor) -> None:
    _, gradient = setup.posterior.value_and_gradient(member[None], torch.zeros(1, dtype=torch.long))
    found = scores(setup.posterior, member).sum(0) + member * setup.posterior.precision_at(member)
    assert torch.allclose(found, gradient[0], rtol=1e-9, atol=1e-8)


def test_the_gauge_moves_each_conditions_potential(by_condition: ModelSpec, joint: Problem, setup: Setup) -> None:
    network = setup.posterior.network
    flat = np.random.default_rng(4).normal(size=network.layout.size)
    fixed = zero_mean_map(by_condition, network.layout, observed_bases(joint.codes)) @ flat
    assert not np.allclose(fixed, flat)
    for one, other in zip(
        phenotypes(by_condition, setup, joint, flat), phenotypes(by_condition, setup, joint, fixed), strict=True
    ):
        assert np.allclose(one, other, atol=1e-9)


def test_the_difference_of_potentials_is_found(by_condition: ModelSpec, joint: Problem, setup: Setup) -> None:
    fitted = fit_problem(by_condition, joint, seed=1, n_starts=2, n_threads=2, progress=lambda _: None)
    layout = setup.posterior.network.layout
    fixed = gauge_fixed_errors(by_condition, setup, joint, fitted.flat)
    places = layout.mu_names(by_condition.sites[0])
    assert list(places) == ["CRP.mu[high]", "CRP.mu[low]"]
    high, low = (fixed.values[place] for place in places.values())
    ((name, (value, error)),) = fixed.differences.items()
    assert name == "CRP.mu[low] - CRP.mu[high]" and value == pytest.approx(low - high, abs=1e-9)
    assert abs(value - (POTENTIALS["low"] - POTENTIALS["high"])) < 2 * error < value


def test_bootstraps_of_a_difference_are_those_of_its_two_potentials(by_condition: ModelSpec, setup: Setup) -> None:
    network = setup.posterior.network
    size, rng = network.layout.size, np.random.default_rng(5)
    estimate, values = rng.normal(size=size), rng.normal(size=(7, size))
    zeros, converged = torch.zeros(7), torch.ones(7, dtype=torch.bool)
    fit = Fit(torch.from_numpy(values), zeros, zeros, converged, [], zeros)
    found = Bootstraps(estimate, values, values, fit)
    table = bootstraps_table(by_condition, network, np.ones(size, dtype=bool), found, "parametric", 0.95)
    told = table.set_index("parameter")
    differences = [name.split(" - ") for name in told.index if " - " in name]
    assert len(differences) == len(POTENTIALS) - 1
    for other, first in differences:
        for column in ("estimate", "mean", "bias"):
            expected = told.loc[other, column] - told.loc[first, column]
            assert told.loc[f"{other} - {first}", column] == pytest.approx(expected, abs=1e-12)
