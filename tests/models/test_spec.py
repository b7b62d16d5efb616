"""Models as data: what a YAML file becomes, and what each default is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from binned import network_of_bins

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.models.specparts import Interaction, Site, State
from kcalseq.yamlfile import load_schema

CONFIG = Path(__file__).parents[2] / "config" / "models"


def test_the_lac_model_says_what_the_file_says(lac: ModelSpec) -> None:
    assert (lac.name, lac.kind, lac.temperature_celsius, lac.length) == ("lac_thermodynamic", "thermodynamic", 37.0, 75)
    assert lac.sites == (Site("CRP", 1, 26), Site("RNAP", 34, 41))
    assert [site.stop for site in lac.sites] == [27, 75]
    assert lac.interactions == (Interaction("interaction", ("CRP", "RNAP"), -2.0),)
    assert lac.states == (
        State((), None),
        State(("CRP",), None),
        State(("RNAP",), "t_sat"),
        State(("CRP", "RNAP"), "t_sat"),
    )
    assert lac.wildtype is not None and len(lac.wildtype) == 75


def test_the_additive_model_covers_the_promoter(lac: ModelSpec) -> None:
    additive = read_model(CONFIG / "additive.yaml")
    assert (additive.kind, additive.sites, additive.states) == ("additive", (Site("promoter", 0, 75),), ())
    assert additive.wildtype == lac.wildtype


def test_defaults_are_those_of_the_schema(small: Callable[[str], ModelSpec]) -> None:
    known = load_schema("model")["properties"]
    measurement, prior = known["measurement"]["properties"], known["prior"]["properties"]
    interaction = known["interactions"]["additionalProperties"]["properties"]
    spec = small("two_sites")
    assert spec.temperature_celsius == known["temperature_celsius"]["default"] == 37
    assert spec.measurement.weight_sd == measurement["weight_sd"]["default"]
    assert spec.energy_sd == prior["energy_sd_kcal_per_mol"]["default"]
    assert spec.interactions[0].initial == interaction["initial"]["default"]
    assert read_model(CONFIG / "additive.yaml").measurement.hidden_units == measurement["hidden_units"]["default"]
    assert (small("repressor").wildtype, small("repressor").first_position) == (None, None)
    assert (spec.measurement.hidden_units, small("repressor").temperature_celsius) == (3, 25.0)


def test_terms_of_states(small: Callable[[str], ModelSpec]) -> None:
    spec = small("three_sites")
    assert spec.terms == ("A", "B", "P", "a_p", "b_p", "a_b")
    terms = {state.bound: spec.terms_of(state) for state in spec.states}
    assert terms[()] == ()
    assert terms[("A", "B")] == ("A", "B", "a_b")
    assert terms[("B", "P")] == ("B", "P", "b_p")
    assert terms[("A", "B", "P")] == spec.terms


@pytest.mark.parametrize(
    ("name", "sites"),
    [("two_sites", ("RNAP",)), ("repressor", ("P",)), ("three_sites", ("P",)), ("additive", ("promoter",))],
)
def test_whose_potential_only_shifts_phi(name: str, sites: tuple[str, ...], small: Callable[[str], ModelSpec]) -> None:
    assert small(name).shift_only_sites == sites


def test_blocks_tile_the_flat_vector(lac: ModelSpec) -> None:
    layout = network_of_bins(lac, 10).layout
    stop = 0
    for block in layout.blocks.values():
        assert block.slice.start == stop
        stop = block.slice.stop
    units = lac.measurement.hidden_units
    assert stop == layout.size == 4 * (26 + 41) + 2 + 1 + 10 + 10 * units + 2 * units
    precision = layout.prior_precision()
    assert precision[layout.blocks["CRP.theta"].start] == pytest.approx(lac.energy_sd**-2)
