"""Standard errors: what they claim holds over simulations, and what was never seen is never claimed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import Energies, SortedLibrary
from kcalseq.tablefile import conform
from kcalseq.training.fitting import Setup, fit_problem, prepare
from kcalseq.training.laplace import GaugeFixed, gauge_fixed_errors
from kcalseq.training.parameter_tables import parameters_table
from kcalseq.training.problem import Problem, build_problem
from kcalseq.training.profile import Profile, ProfilePoint
from kcalseq.units import thermal_energy


def fitted(spec: ModelSpec, problem: Problem) -> tuple[Setup, NDArray[np.float64], GaugeFixed]:
    setup = prepare(spec, problem)
    flat = fit_problem(spec, problem, seed=1, n_starts=2, n_threads=2, progress=lambda _: None).flat
    return setup, flat, gauge_fixed_errors(spec, setup, problem, flat)


def shape_scores(spec: ModelSpec, setup: Setup, fixed: GaugeFixed, energies: Energies) -> NDArray[np.float64]:
    """(fit - truth) / error of each energy of every matrix, the truth in the scale that fits best.

    One experiment leaves the energy scale almost open, and a curvature cannot tell how far: see the profile.
    """
    found = []
    for site in spec.sites:
        block = setup.posterior.network.layout.blocks[f"{site.name}.theta"].slice
        truth = (energies.theta[site.name] - energies.theta[site.name].mean(1, keepdims=True)).ravel()
        scaled = truth * (truth @ fixed.values[block]) / (truth @ truth)
        found.append((fixed.values[block] - scaled) / fixed.errors[block])
    return np.concatenate(found)


@pytest.mark.slow
def test_intervals_cover_the_shapes_of_the_matrices(
    spec: ModelSpec, energies: Energies, simulate: Callable[[int, int], SortedLibrary]
) -> None:
    z = []
    for seed in range(8):
        made = simulate(4000, 100 + seed)
        problem = build_problem(spec, made.variants, made.counts, "raw")
        setup, _, fixed = fitted(spec, problem)
        z.append(shape_scores(spec, setup, fixed, energies))
    assert abs(np.mean(z)) < 0.3
    assert 0.4 < np.std(z) < 1.2
    assert (np.abs(z) < 1.96).mean() > 0.93


def test_a_base_never_seen_has_no_value(spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary]) -> None:
    """Position 2 without T, position 8 with one base only: nothing is said of them, and their rows stay."""
    made = simulate(4000, 80)
    sequence = made.variants["variant_sequence"]
    variants = made.variants[(sequence.str[2] != "T") & (sequence.str[8] == "A")].reset_index(drop=True)
    counts = made.counts[made.counts["variant"].isin(variants["variant"])]
    problem = build_problem(spec, variants, counts, "raw")
    setup, flat, fixed = fitted(spec, problem)
    network = setup.posterior.network
    table = parameters_table(spec, network, fixed, {}, 0.95).assign(library="tiny", model="tiny")
    table = conform("parameters", table, "parameters").set_index("parameter")
    silent = ["CRP.theta[2,T]", *(f"RNAP.theta[8,{base}]" for base in "ACGT"), "RNAP.mu"]
    assert set(table.index[~table["identifiable"]]) == set(silent)
    assert table.loc[silent, ["value", "lower", "upper", "confidence", "method"]].isna().all(axis=None)
    seen = table[table["identifiable"]]
    assert ((seen["lower"] < seen["value"]) & (seen["value"] < seen["upper"])).all()
    assert np.array_equal(
        fixed.values[network.layout.blocks["stack"].slice], flat[network.layout.blocks["stack"].slice]
    )


def test_an_energy_is_reported_as_it_is_stored(spec: ModelSpec, setup: Setup) -> None:
    """Stored once, in kcal/mol: no kT on the way to the table."""
    network = setup.posterior.network
    flat = np.random.default_rng(81).normal(size=network.layout.size)
    flat[network.layout.blocks["stack"].start] = -3.26
    size = network.layout.size
    fixed = GaugeFixed(flat, np.full(size, 0.1), np.ones(size, dtype=bool), {})
    points = [ProfilePoint(-3.26 + step, 50 * step**2, True) for step in (-0.3, -0.1, 0.0, 0.1, 0.3)]
    table = parameters_table(spec, network, fixed, {"stack": Profile(-3.26, points)}, 0.95)
    table = table.set_index("parameter")
    assert table.loc["stack", "value"] == -3.26
    assert table.loc["stack", ["unit", "method", "gauge"]].tolist() == ["kcal/mol", "profile", "none"]
    assert table.loc["stack", "upper"] == pytest.approx(-3.26 + 0.196, abs=1e-4)
    assert table.loc["CRP.theta[3,G]", "value"] == flat[network.layout.blocks["CRP.theta"].start + 14]
    assert table.loc["RNAP.theta[7,C]", "value"] == flat[network.layout.blocks["RNAP.theta"].start + 5]
    assert table.loc["CRP.mu", ["value", "unit"]].tolist() == [flat[network.layout.blocks["CRP.mu"].start], "kcal/mol"]


@pytest.mark.parametrize(("sides", "identifiable"), [((-1, 1), True), ((-1,), True), ((1,), True), ((), False)])
def test_a_parameter_is_identified_where_its_profile_rises_on_either_side(
    spec: ModelSpec, setup: Setup, sides: tuple[int, ...], identifiable: bool
) -> None:
    size, network = setup.posterior.network.layout.size, setup.posterior.network
    fixed = GaugeFixed(np.zeros(size), np.full(size, 0.1), np.ones(size, dtype=bool), {})
    steps = (-0.3, -0.1, 0.0, 0.1, 0.3)
    points = [ProfilePoint(step, 50 * step**2 if np.sign(step) in sides else 0.0, True) for step in steps]
    table = parameters_table(spec, network, fixed, {"stack": Profile(0.0, points)}, 0.95).set_index("parameter")
    assert table.loc["stack", "identifiable"] == identifiable
    ends = table.loc["stack", ["lower", "upper"]].astype(float).notna().tolist()
    assert ends == [-1 in sides, 1 in sides]


DRIVEN = """\
description: A triangle of reversible transitions
kind: kinetic
sequence: {length: 12, wildtype: ACGTACGTACGT}
sites:
  P: {start: 2, length: 5}
transitions:
  bind: {from: free, to: closed}
  leave: {from: closed, to: free, energies: {P: -1}}
  open: {from: closed, to: open}
  close: {from: open, to: closed}
  escape: {from: open, to: free, makes_transcript: true}
  invade: {from: free, to: open}
measurement: {hidden_units: 3}
"""


def test_the_affinity_of_a_cycle_is_that_of_its_rates(tmp_path: Path, problem: Problem) -> None:
    """Forward over back around the triangle, by hand: bind open escape / leave close invade."""
    path = tmp_path / "driven.yaml"
    path.write_text(DRIVEN, encoding="utf-8")
    spec = read_model(path)
    setup = prepare(spec, problem)
    layout = setup.posterior.network.layout
    flat = np.random.default_rng(9).normal(size=layout.size)
    ((name, (value, error)),) = gauge_fixed_errors(spec, setup, problem, flat).affinities.items()
    rate = {"bind": 0.0} | {one: flat[layout.blocks[f"{one}.log_rate"].start] for one in spec.free_rates}
    own = [int(code) for code in encode_sequences(["ACGTACGTACGT"], 12)[0][2:7]]
    theta = flat[layout.blocks["P.theta"].slice].reshape(5, 4)
    energy = sum(theta[place, base] for place, base in enumerate(own)) + flat[layout.blocks["P.mu"].start]
    leave = rate["leave"] + energy / thermal_energy(37.0)
    expected = rate["bind"] + rate["open"] + rate["escape"] - leave - rate["close"] - rate["invade"]
    around = name.removeprefix("affinity[").removesuffix("]").split(" > ")
    sign = 1 if set(around) == {"bind", "open", "escape"} else -1
    assert set(around) in ({"bind", "open", "escape"}, {"leave", "close", "invade"})
    assert value == pytest.approx(sign * expected, abs=1e-9) and error > 0
