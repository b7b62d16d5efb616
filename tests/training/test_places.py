"""Fits of sites with copies and of interactions by distance: scores, tables, folders, and numbers that come back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from binned import network_of_bins
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.design import build_design
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import Energies, log_activities
from kcalseq.tablefile import conform
from kcalseq.training.card import fit_card
from kcalseq.training.fisher import scores
from kcalseq.training.fit_tables import starts_table
from kcalseq.training.fitting import fit_problem, prepare
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.library_warnings import library_warnings
from kcalseq.training.parameter_tables import parameters_table
from kcalseq.training.problem import Problem
from kcalseq.training.profile import profile_scalars
from kcalseq.training.values import build_value_problem
from kcalseq.training.weights import load_weights

from .invented import invented_model

COPIES = """\
description: An activator with a second place on the other strand, behind the polymerase
kind: thermodynamic
sequence: {length: 16}
sites:
  A: {start: 0, length: 4}
  P: {start: 5, length: 5}
  A_far: {copy_of: A, start: 11, strand: reverse}
interactions:
  a_p: {between: [A, P]}
  far_p: {between: [A_far, P]}
states: auto
transcribing: {P: t_sat}
measurement: {kind: continuous, curve: linear}
"""

BY_DISTANCE = """\
description: An activator that may sit anywhere, and touches the polymerase from nearby
kind: thermodynamic
sequence: {length: 20}
sites:
  A: {start: [0, 17], length: 3}
  P: {start: 12, length: 5}
interactions:
  a_p: {between: [A, P], by_distance: [0, 3, 6]}
states: auto
transcribing: {P: t_sat}
measurement: {kind: continuous, curve: linear}
"""
MODELS = {"copies": COPIES, "by_distance": BY_DISTANCE}
NOISE = 0.1
CPU = torch.device("cpu")

Read = Callable[[str], ModelSpec]


@pytest.fixture
def model(tmp_path: Path) -> Read:
    def read(name: str) -> ModelSpec:
        (tmp_path / "model.yaml").write_text(MODELS[name], encoding="utf-8")
        return read_model(tmp_path / "model.yaml")

    return read


def truth(spec: ModelSpec) -> Energies:
    """Matrices with zero mean at each position; a potential for which a site is bound in part of the variants."""
    rng, theta = np.random.default_rng(8), {}
    for site in spec.originals:
        rows = rng.normal(0.0, 1.2, (site.length, 4))
        theta[site.name] = rows - rows.mean(1, keepdims=True)
    energies = dict(zip(spec.interaction_energies, (-2.5, -1.2), strict=True))
    return Energies(theta, {"A": 1.0, "P": 0.5}, energies)


def values_of(spec: ModelSpec, codes: NDArray[np.uint8]) -> Problem:
    """Log odds of transcription, by the simulator's own sums, with a little noise."""
    rng = np.random.default_rng(9)
    log_p = log_activities(spec, truth(spec), codes)
    names = ["".join("ACGT"[code] for code in row) for row in codes]
    sets = rng.choice(["training", "validation", "test"], len(names), p=[0.8, 0.1, 0.1])
    variants = pd.DataFrame({"library": "made", "variant": names, "variant_sequence": names, "set": sets})
    value = log_p - np.log(-np.expm1(log_p)) + rng.normal(0.0, NOISE, len(names))
    columns = {"condition": "all", "value": value, "value_se": NOISE, "n_replicates": 1}
    return build_value_problem(spec, variants, variants[["library", "variant"]].assign(**columns))


def library(spec: ModelSpec, n_variants: int) -> NDArray[np.uint8]:
    return np.unique(np.random.default_rng(10).integers(0, 4, (n_variants, spec.length), dtype=np.uint8), axis=0)


@pytest.mark.parametrize("name", MODELS)
def test_the_simulator_and_the_network_sum_the_same_states(name: str, model: Read) -> None:
    """Two ways of summing: log occupancies from numpy, log odds from the network."""
    spec = model(name)
    codes, energies = library(spec, 40), truth(spec)
    network = prepare(spec, values_of(spec, library(spec, 200))).posterior.network
    flat = torch.zeros(1, network.layout.size, dtype=torch.float64)
    for site in spec.originals:
        flat[0, network.layout.blocks[f"{site.name}.theta"].slice] = torch.from_numpy(energies.theta[site.name].ravel())
        flat[0, network.layout.blocks[f"{site.name}.mu"].slice] = energies.mu[site.name]
    for key, value in energies.interactions.items():
        flat[0, network.layout.blocks[key].slice] = value
    phi = network.phenotype(flat, build_design(spec, codes, CPU), 0)[0].numpy()
    log_p = log_activities(spec, energies, codes)
    np.testing.assert_allclose(phi, log_p - np.log(-np.expm1(log_p)), rtol=0, atol=1e-9)


@pytest.mark.parametrize("extra", ["", "energies: neighbour, ", "chemical_potential: by_condition, "])
@pytest.mark.parametrize("name", MODELS)
def test_scores_and_prior_add_up_to_the_gradient_of_the_fit(name: str, extra: str, tmp_path: Path) -> None:
    text = MODELS[name].replace("length: 5}", f"{extra}length: 5}}")
    text = text.replace("length: 4}", f"{extra}length: 4}}")
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    spec = read_model(tmp_path / "model.yaml")
    posterior = prepare(spec, values_of(spec, library(spec, 120))).posterior
    flat = torch.from_numpy(np.random.default_rng(1).normal(size=posterior.network.layout.size))
    flat[posterior.network.layout.blocks["ge.log_s"].slice] = 0.0
    _, gradient = posterior.value_and_gradient(flat[None], torch.zeros(1, dtype=torch.long))
    # By its own gradient: the unit of the prior of pair energies moves with the energies of their site.
    prior = torch.autograd.functional.jacobian(lambda x: posterior.parts(x[None])[1][0], flat)
    assert torch.allclose(scores(posterior, flat).sum(0) + prior, gradient[0], rtol=1e-9, atol=1e-8)


# Of 900 variants: interactions to within 0.15 kcal/mol, matrix entries to within 0.2, errors that say so.
@pytest.mark.parametrize("name", MODELS)
def test_numbers_come_back(name: str, model: Read) -> None:
    spec = model(name)
    problem, energies = values_of(spec, library(spec, 900)), truth(spec)
    setup = prepare(spec, problem)
    fitted = fit_problem(spec, problem, seed=1, n_starts=2, n_threads=1, progress=lambda _: None)
    fixed, network = gauge_fixed_errors(spec, setup, problem, fitted.flat), setup.posterior.network
    assert fitted.converged and fixed.learned[[network.layout.blocks[key].start for key in energies.interactions]].all()
    for site in spec.originals:
        block = network.layout.blocks[f"{site.name}.theta"].slice
        off = fixed.values[block] - energies.theta[site.name].ravel()
        assert np.abs(off).max() < 0.2 and 0.5 < (off / fixed.errors[block]).std() < 1.5
    profiles = profile_scalars(spec, setup, fitted.flat, fixed, 0.95, 1, lambda _: None)
    assert list(profiles) == list(energies.interactions)
    for key, value in energies.interactions.items():
        lower, upper = profiles[key].interval(0.95)
        assert abs(profiles[key].estimate - value) < 0.15 and lower is not None and upper is not None
        assert 0.02 < upper - lower < 0.6
    parameters = parameters_table(spec, network, fixed, profiles, 0.95).assign(library="made", model="model")
    parameters = conform("parameters", parameters, "parameters").set_index("parameter")
    told = parameters[parameters["kind"] == "interaction"]
    assert list(told.index) == list(energies.interactions) and set(told["method"]) == {"profile"}
    assert set(parameters["site"].dropna()) == {"A", "P"} and not parameters.index.str.startswith("A_far").any()
    assert set(energies.interactions) < set(starts_table(spec, network, fitted)["quantity"])
    card = fit_card("made", spec, problem, fitted, setup, "value", 1, [])
    assert [one["name"] for one in card["interactions"]] == list(energies.interactions)
    if name == "copies":
        assert card["sites"][2] == {"name": "A_far", "start": 11, "length": 4, "copy_of": "A", "strand": "reverse"}
    else:
        assert card["interactions"][1] == {"name": "a_p[3-5]", "between": ["A", "P"], "distance": [3, 5]}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_taken_from_its_folder_is_the_same(name: str, tmp_path: Path) -> None:
    text = MODELS[name].replace("{kind: continuous, curve: linear}", "{hidden_units: 2}")
    found = invented_model(tmp_path / "fit", text)
    network = network_of_bins(found.spec, 4)
    flat = initial_parameters(network, 32, 0)
    assert np.array_equal(load_weights(network.layout, tmp_path / "fit" / "weights.safetensors"), flat)
    codes = library(found.spec, 20)
    sequences = ["".join("ACGT"[code] for code in row) for row in codes]
    energies = found.energies(sequences, reference=sequences[0])
    assert list(energies.columns[1:]) == [site.name for site in found.spec.sites]
    g = network.term_energies(torch.from_numpy(flat)[None], build_design(found.spec, codes, CPU), 0)[0]
    for number, site in enumerate(found.spec.sites):
        np.testing.assert_allclose(energies[site.name], (g[number] - g[number, 0]).numpy(), rtol=0, atol=1e-12)


def test_what_is_tied_at_one_place_may_be_told_at_the_other(model: Read) -> None:
    spec, codes = model("copies"), library(model("copies"), 300)
    codes[:, 2] = 3 - codes[:, 1]
    problem = values_of(spec, codes)
    assert not any("do not vary independently" in line for line in library_warnings(spec, problem))
    # The other place is read from behind: its bases 1 and 2 stand at positions 13 and 12.
    codes[:, 12] = 3 - codes[:, 13]
    tied = [line for line in library_warnings(spec, values_of(spec, codes)) if "do not vary independently" in line]
    assert len(tied) == 1 and tied[0].startswith("Positions 1 and 2 of site A ")
    # Base 2 is the complement of base 1 here and one base further there: no energies but equal ones fit both.
    codes[:, 12] = 3 - (1 + codes[:, 13]) % 4
    assert not any("do not vary" in line for line in library_warnings(spec, values_of(spec, codes)))


def test_a_base_is_only_missing_where_no_place_shows_it(model: Read) -> None:
    spec, codes = model("copies"), library(model("copies"), 300)
    codes[:, 0] = 0
    assert not any("of site A never" in line for line in library_warnings(spec, values_of(spec, codes)))
    codes[:, 14] = 3
    told = library_warnings(spec, values_of(spec, codes))
    assert any(line.startswith("Position 0 of site A never varies") for line in told)


def test_a_place_without_mutations_is_refused(model: Read) -> None:
    spec, codes = model("copies"), library(model("copies"), 300)
    codes[:, 11:15] = 0
    with pytest.raises(KcalseqError, match="no variant differs from the others within site 'A_far'"):
        values_of(spec, np.unique(codes, axis=0))
