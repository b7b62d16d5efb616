"""A promoter of twelve bases, sorted into three bins, small enough to fit in a second."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import Energies, SortedLibrary, SortingExperiment, invent_matrix, simulate_sorting
from kcalseq.training.fitting import Setup, prepare
from kcalseq.training.problem import Problem, build_problem

MODEL = """\
description: Recruitment on a promoter of twelve bases
kind: thermodynamic
sequence: {length: 12, wildtype: ACGTACGTACGT}
sites:
  CRP: {start: 0, length: 5}
  RNAP: {start: 6, length: 5}
interactions:
  stack: {between: [CRP, RNAP]}
states:
  - {bound: [], rate: 0}
  - {bound: [CRP], rate: 0}
  - {bound: [RNAP], rate: t_sat}
  - {bound: [CRP, RNAP], rate: t_sat}
measurement: {hidden_units: 3}
"""


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    path = tmp_path / "tiny.yaml"
    path.write_text(MODEL, encoding="utf-8")
    return read_model(path)


@pytest.fixture
def energies(spec: ModelSpec) -> Energies:
    rng, wildtype = np.random.default_rng(30), spec.wildtype or ""
    theta = {site.name: invent_matrix(wildtype[site.start : site.stop], ((2.0, 2.0),), 1.0, rng) for site in spec.sites}
    return Energies(theta, {"CRP": -1.5, "RNAP": 1.0}, {"stack": -2.5})


@pytest.fixture
def simulate(spec: ModelSpec, energies: Energies) -> Callable[[int, int], SortedLibrary]:
    """Gives a sorted library of so many cells from a seed."""

    def make(n_cells: int, seed: int) -> SortedLibrary:
        experiment = SortingExperiment(n_cells, noise_sd=0.5, mutation_rate=0.35, n_gates=3)
        return simulate_sorting("tiny", spec, energies, experiment, seed)

    return make


@pytest.fixture
def problem(spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary]) -> Problem:
    made = simulate(700, 31)
    return build_problem(spec, made.variants, made.counts, "raw")


@pytest.fixture
def setup(spec: ModelSpec, problem: Problem) -> Setup:
    return prepare(spec, problem)


@pytest.fixture
def beginnings(setup: Setup) -> torch.Tensor:
    """Three random starts, shape (3, size)."""
    network = setup.posterior.network
    return torch.from_numpy(np.stack([initial_parameters(network, 32, start) for start in range(3)]))
