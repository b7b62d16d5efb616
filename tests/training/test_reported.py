"""Parameters that are reported: every number of the model once, with its name, place and unit."""

from pathlib import Path

import numpy as np
import pytest
from binned import network_of_bins

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.parameter_tables import profiles_table
from kcalseq.training.profile import Profile, ProfilePoint
from kcalseq.training.reported import reported_parameters, unit_of_energies

TWO_KINDS = """\
description: A scanned activator and a polymerase with energies of pairs
kind: thermodynamic
sequence: {length: 16}
sites:
  A: {start: [2, 5], length: 3}
  P: {start: 8, length: 4, energies: neighbour}
interactions:
  a_p: {between: [A, P]}
states: auto
transcribing: {P: t_sat}
measurement: {hidden_units: 2}
"""
ADDITIVE = """\
description: Every base adds
kind: additive
sequence: {length: 4}
sites:
  all: {start: 0, length: 4}
"""


def read(text: str, folder: Path) -> ModelSpec:
    path = folder / "model.yaml"
    path.write_text(text, encoding="utf-8")
    return read_model(path)


def test_every_energy_is_reported_once_under_a_name_of_its_own(tmp_path: Path) -> None:
    spec = read(TWO_KINDS, tmp_path)
    network = network_of_bins(spec, 3)
    found = reported_parameters(spec, network)
    places = [place for _, place, _ in found]
    assert len({name for name, _, _ in found}) == len(found) == len(set(places))
    blocks = network.layout.blocks
    of_energies = [name for name in blocks if name.split(".")[-1] in ("theta", "pairs", "mu") or name == "a_p"]
    assert {"A.theta", "P.theta", "P.pairs", "a_p"} <= set(of_energies)
    energies = np.concatenate([np.arange(network.layout.size)[blocks[name].slice] for name in of_energies])
    assert set(energies.tolist()) == set(places)


def test_bases_are_counted_along_the_variant_and_of_a_scanned_site_along_itself(tmp_path: Path) -> None:
    spec = read(TWO_KINDS, tmp_path)
    network = network_of_bins(spec, 3)
    found = {name: (place, fields) for name, place, fields in reported_parameters(spec, network)}
    first = {name: network.layout.blocks[name].start for name in ("A.theta", "P.theta", "P.pairs")}
    assert found["A.theta[0,A]"][0] == first["A.theta"] and found["A.theta[2,T]"][0] == first["A.theta"] + 11
    assert found["P.theta[8,C]"][0] == first["P.theta"] + 1
    place, fields = found["P.pairs[9,C,10,G]"]
    assert place == first["P.pairs"] + 16 + 4 + 2
    assert [fields[name] for name in ("position", "base", "second_position", "second_base")] == [9, "C", 10, "G"]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (TWO_KINDS, "kcal/mol"),
        (ADDITIVE, "sd of phi"),
        (ADDITIVE + "measurement: {kind: barcode_counts}\n", "nats"),
    ],
)
def test_units_of_energies(text: str, unit: str, tmp_path: Path) -> None:
    assert unit_of_energies(read(text, tmp_path)) == unit


def test_a_profile_is_told_by_its_rise_above_the_lowest_point() -> None:
    points = [ProfilePoint(-1.0, 9.5, True), ProfilePoint(0.0, 7.0, True), ProfilePoint(1.0, 8.0, False)]
    table = profiles_table({"stack": Profile(0.0, points)})
    assert np.array_equal(table["objective_difference"], [2.5, 0.0, 1.0])
    assert table["converged"].tolist() == [True, True, False]
