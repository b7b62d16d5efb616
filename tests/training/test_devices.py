"""A GPU gives what the CPU gives, for every kind of measurement; the CPU against itself tries the comparison out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from counted import counted_library

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.design import build_design
from kcalseq.models.network import Network
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.fisher import information
from kcalseq.training.fit import fit_batch
from kcalseq.training.objective import LogPosterior, Observations
from kcalseq.training.problem import Problem, build_problem
from kcalseq.training.rounds import FitSettings
from kcalseq.training.values import build_value_problem

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here"))]
CPU = torch.device("cpu")
COUNTED = """\
description: Every base adds to log activity
kind: additive
sequence: {length: 6, wildtype: ACGTAC}
sites:
  motif: {start: 0, length: 6}
"""


def on(device: torch.device, spec: ModelSpec, problem: Problem) -> LogPosterior:
    """The objective of all variants on a device."""
    processes = [experiment.process for experiment in problem.experiments]
    network = Network(spec, processes, [experiment.condition for experiment in problem.experiments], device)
    training = tuple(
        Observations(
            build_design(spec, problem.codes, device),
            experiment.data.to(device),
            torch.from_numpy(problem.codes).to(device),
        )
        for experiment in problem.experiments
    )
    return LogPosterior(network, training)


@pytest.fixture(params=["bins", "barcode_counts", "values"])
def case(
    request: pytest.FixtureRequest, spec: ModelSpec, problem: Problem, tmp_path: Path
) -> tuple[ModelSpec, Problem]:
    """A model and its data, of each kind of measurement."""
    if request.param == "bins":
        return spec, problem
    kind = "barcode_counts" if request.param == "barcode_counts" else "continuous, noise: skew_t"
    (tmp_path / "model.yaml").write_text(f"{COUNTED}measurement: {{kind: {kind}}}\n", encoding="utf-8")
    model = read_model(tmp_path / "model.yaml")
    made = counted_library(model, np.random.default_rng(1).normal(0.0, 0.5, 25), 120, 2)
    if request.param == "barcode_counts":
        return model, build_problem(model, made.variants, made.counts, "raw")
    values = {"variant": made.variants["variant"], "value": made.log_activity, "condition": "cells"}
    frame = pd.DataFrame(values).assign(library="made", value_se=0.1, n_replicates=1)
    return model, build_value_problem(model, made.variants, frame)


@pytest.mark.parametrize("device", DEVICES)
def test_value_gradient_and_information_are_those_of_the_cpu(case: tuple[ModelSpec, Problem], device: str) -> None:
    here, there = on(CPU, *case), on(torch.device(device), *case)
    flat = torch.from_numpy(np.stack([initial_parameters(here.network, 3, start) for start in range(3)]))
    members = torch.arange(3)
    value, gradient = here.value_and_gradient(flat, members)
    other_value, other_gradient = there.value_and_gradient(flat.to(device), members.to(device))
    assert torch.allclose(other_value.cpu(), value, rtol=1e-10)
    assert torch.allclose(other_gradient.cpu(), gradient, rtol=1e-8, atol=1e-8)
    known = information(here.only(members[:1]), flat[0])
    assert torch.allclose(information(there.only(members[:1].to(device)), flat[0].to(device)).cpu(), known, rtol=1e-7)


@pytest.mark.parametrize("device", DEVICES)
def test_a_few_steps_lead_to_the_same_place(case: tuple[ModelSpec, Problem], device: str) -> None:
    """Few, since in many steps rounding alone may lead to another optimum."""
    here, there = on(CPU, *case), on(torch.device(device), *case)
    flat = torch.from_numpy(np.stack([initial_parameters(here.network, 3, start) for start in range(2)]))
    settings = FitSettings(first_iterations=8, round_iterations=4, max_rounds=1)
    known = fit_batch(here, flat, settings, lambda _: None)
    found = fit_batch(there, flat.to(device), settings, lambda _: None)
    assert torch.allclose(found.value.cpu(), known.value, rtol=1e-6)
