"""A promoter out of equilibrium: a cycle's energies and predictions come back from sorted cells."""

from typing import Any

import numpy as np
import pytest
from binned import counts_of

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import Energies, SortedLibrary, SortingExperiment, invent_matrix, simulate_sorting
from kcalseq.training.problem import build_problem

CYCLE = """\
description: The cycle of three states of Tareen and Kinney (2019), Fig. 3
kind: kinetic
sequence: {length: 40, wildtype: ACGTTGACATTAGCATCGATCCGTATAATGACGTTAGCAA}
sites:
  A: {start: 1, length: 14}
  P: {start: 18, length: 18}
transitions:
  binding: {from: unbound, to: closed}
  leaving: {from: closed, to: unbound, energies: {P: -1}}
  opening: {from: closed, to: open, energies: {A: 1}}
  closing: {from: open, to: closed}
  escape: {from: open, to: unbound, makes_transcript: true}
"""


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> ModelSpec:
    path = tmp_path_factory.mktemp("cycle") / "cycle.yaml"
    path.write_text(CYCLE, encoding="utf-8")
    return read_model(path)


@pytest.fixture(scope="module")
def truth(cycle: ModelSpec) -> Energies:
    rng, wildtype = np.random.default_rng(12), cycle.wildtype or ""
    boxes = {"A": ((4.0, 2.0), (10.0, 2.0)), "P": ((3.0, 2.0), (13.0, 2.5))}
    theta = {s.name: invent_matrix(wildtype[s.start : s.stop], boxes[s.name], 1.0, rng) for s in cycle.sites}
    rates = {"binding": 0.0, "leaving": 1.0, "opening": 0.5, "closing": 0.0, "escape": 0.5}
    return Energies(theta, {"A": 0.0, "P": 0.0}, {}, rates)


@pytest.fixture(scope="module")
def library(cycle: ModelSpec, truth: Energies) -> SortedLibrary:
    experiment = SortingExperiment(16_000, noise_sd=0.4, mutation_rate=0.1, shares=(0.8, 0.1, 0.1))
    return simulate_sorting("simulated", cycle, truth, experiment, seed=9)


@pytest.mark.slow
def test_a_cycle_is_recovered(cycle: ModelSpec, truth: Energies, library: SortedLibrary, fit: Any) -> None:
    fitted = fit.of(cycle, build_problem(cycle, library.variants, library.counts, "presence"))
    assert fitted.model.converged
    # Rank correlation with the true activity, up to the bins' resolution.
    rows = fitted.problem.rows("test")
    true, found = (np.argsort(np.argsort(x[rows])) for x in (library.log_activity, fitted.phi))
    assert np.corrcoef(true, found)[0, 1] > 0.97
    # What it loses against the true p(bin) in held-out observations, nats each.
    counts = counts_of(fitted.problem)[:, rows]
    loss = ((library.log_p[:, rows] - fitted.log_p[:, rows]) * counts).sum() / counts.sum()
    assert loss < 0.06
    for site in cycle.sites:
        mine = truth.theta[site.name] - truth.theta[site.name].mean(1, keepdims=True)
        assert np.corrcoef(mine.ravel(), fitted.matrix(site.name).ravel())[0, 1] > 0.9, site.name
        errors = fitted.fixed.errors[fitted.setup.posterior.network.layout.blocks[f"{site.name}.theta"].slice]
        # 95 % intervals; twenty experiments are counted in benchmarks/coverage_cycle.tsv.
        assert np.mean(np.abs(fitted.matrix(site.name) - mine).ravel() < 1.96 * errors) > 0.9, site.name
