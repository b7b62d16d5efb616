"""Drafts of models: what they say, and that every one is a model."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.errors import KcalseqError
from kcalseq.models.draft import MARGIN, DraftSite, chosen_sites, draft_model, no_draft
from kcalseq.models.spec import ModelSpec, read_model

WILDTYPE = "ACGTTGCATC" * 8
RNAP = DraftSite("RNAP", 34, 75, "polymerase", 0.001)
ACTIVATOR, REPRESSOR = DraftSite("site_1", 8, 21, "activator", 0.002), DraftSite("site_2", 66, 79, "repressor", 0.003)


def model(folder: Path, sites: list[DraftSite], counted: bool = False, several: bool = False) -> ModelSpec:
    path = folder / "draft_model.yaml"
    chosen = chosen_sites(sites, len(WILDTYPE))
    path.write_text(draft_model("lac", chosen, WILDTYPE, -75, counted, several), encoding="utf-8")
    return read_model(path)


def test_an_activator_attracts_the_polymerase(tmp_path: Path) -> None:
    spec = model(tmp_path, [ACTIVATOR, RNAP])
    assert [(site.name, site.start, site.stop) for site in spec.sites] == [("site_1", 2, 27), ("RNAP", 34, 75)]
    assert [(one.between, one.initial) for one in spec.interactions] == [(("site_1", "RNAP"), -2.0)]
    states = {state.bound: state.rate for state in spec.states}
    assert states == {(): None, ("site_1",): None, ("RNAP",): "t_sat", ("site_1", "RNAP"): "t_sat"}
    assert (spec.wildtype, spec.first_position, spec.measurement.kind) == (WILDTYPE, -75, "bins")


def test_a_repressor_that_overlaps_keeps_the_polymerase_off(tmp_path: Path) -> None:
    spec = model(tmp_path, [RNAP, REPRESSOR])
    assert {state.bound for state in spec.states} == {(), ("RNAP",), ("site_1",)}
    assert spec.interactions == ()


def test_a_repressor_elsewhere_keeps_the_polymerase_off_too(tmp_path: Path) -> None:
    far = DraftSite("site_1", 8, 21, "repressor", 0.002)
    spec = model(tmp_path, [RNAP, far, DraftSite("site_2", 25, 31, "activator", 0.002)])
    assert {state.bound for state in spec.states} == {
        (), ("site_1",), ("site_2",), ("RNAP",), ("site_1", "site_2"), ("site_2", "RNAP"),
    }  # fmt: skip


def test_without_a_polymerase_the_clearest_activator_stands_in(tmp_path: Path) -> None:
    spec = model(tmp_path, [ACTIVATOR, DraftSite("site_2", 40, 60, "activator", 0.001)])
    assert {state.bound for state in spec.states if state.rate} == {("site_2",), ("site_1", "site_2")}
    assert "CHECK: no -35 and -10 element" in (tmp_path / "draft_model.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("sites", [[], [REPRESSOR]])
def test_without_anything_that_could_transcribe_the_draft_is_additive(sites: list[DraftSite], tmp_path: Path) -> None:
    spec = model(tmp_path, sites)
    assert spec.kind == "additive" and (spec.sites[0].start, spec.sites[0].length) == (0, len(WILDTYPE))


def test_dna_and_rna_and_several_conditions(tmp_path: Path) -> None:
    spec = model(tmp_path, [ACTIVATOR, RNAP], counted=True, several=True)
    assert spec.measurement.kind == "barcode_counts"
    assert {site.name: site.by_condition for site in spec.sites} == {"site_1": True, "RNAP": False}


def test_a_site_called_in_two_conditions_is_drafted_once(tmp_path: Path) -> None:
    moved = ACTIVATOR._replace(start=10, stop=24, p=0.0001)
    spec = model(tmp_path, [ACTIVATOR, RNAP, moved, RNAP._replace(start=36, stop=77, p=0.01)])
    assert [(site.name, site.start, site.stop) for site in spec.sites] == [("site_1", 4, 30), ("RNAP", 34, 75)]


def test_neighbours_share_the_room_between_them() -> None:
    sites = [DraftSite("site_1", 10, 20, "activator", 0.01), DraftSite("site_2", 26, 32, "activator", 0.02), RNAP]
    chosen = {site.name: (site.start, site.stop) for site in chosen_sites(sites, len(WILDTYPE))}
    assert chosen == {"site_1": (10 - MARGIN, 23), "site_2": (23, 34), "RNAP": (34, 75)}


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 70), st.integers(5, 30), st.sampled_from(["activator", "repressor"]), st.floats(0, 1)),
        max_size=12,
    ),
    st.booleans(),
)
def test_every_draft_is_a_model(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int, str, float]], with_polymerase: bool
) -> None:
    sites = [DraftSite(f"site_{n}", a, min(a + b, 80), kind, p) for n, (a, b, kind, p) in enumerate(drawn, start=1)]
    spec = model(tmp_path_factory.mktemp("draft"), [*sites, RNAP] if with_polymerase else sites)
    kinds = {site.kind for site in sites}
    assert spec.kind == ("thermodynamic" if with_polymerase or "activator" in kinds else "additive")


def test_what_stands_in_the_place_of_a_draft_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "draft_model.yaml"
    path.write_text(no_draft("lac", "too few variants"), encoding="utf-8")
    with pytest.raises(KcalseqError, match="draft_model.yaml.*Remedy: "):
        read_model(path)
