"""What the page draws and computes with: places of the drawing, words for each position, data that nothing escapes."""

import json
from typing import Any

import pytest

from kcalseq.report.inlined import page_script, script_data
from kcalseq.report.playview import page_model_of, play_view
from kcalseq.report.promoterview import LEFT, UNIT, promoter_view

from .described import WILDTYPE, page_model


def test_positions_tell_what_every_other_base_costs(run: Any) -> None:
    view = promoter_view(run.fits[1], page_model()["mutants"])
    assert view.positions[0] == "Position −8, wild type A; CRP: C +1.00, G +1.00, T +1.00 kcal/mol"
    assert view.positions[3] == "Position −5, wild type T; in no site"
    assert [mark.text for mark in view.letters] == list(WILDTYPE)
    # Three bases at each of seven positions, each the largest change.
    assert [(cell.kind, cell.opacity) for cell in view.cells] == [("weaker", "1.00")] * 21
    assert view.largest == "1.00"


def test_sites_that_overlap_are_drawn_below_each_other(run: Any) -> None:
    sites = [{"name": name, "start": start, "length": 3} for name, start in (("A", 0), ("B", 2), ("C", 5))]
    boxes = {box.name: box for box in promoter_view({**run.fits[1], "sites": sites}, {}).sites}
    assert boxes["A"].y == boxes["C"].y < boxes["B"].y
    assert (boxes["B"].x, boxes["B"].width) == (LEFT + 2 * UNIT, 3 * UNIT)


def test_a_site_without_a_fixed_place_is_drawn_where_it_may_lie(run: Any) -> None:
    site = {"name": "A", "start": 1, "length": 3, "scanned": {"covered": 6, "registers": 4}}
    view = promoter_view({**run.fits[1], "sites": [site]}, {})
    assert view.sites[0].scanned and view.sites[0].width == 6 * UNIT
    assert view.positions[2] == "Position −6, wild type G; A may lie here"


def test_states_are_drawn_with_what_is_bound(run: Any) -> None:
    play = play_view(run.fits[1], page_model())
    assert [state.words for state in play.states] == [
        "Nothing bound",
        "CRP bound",
        "RNAP bound",
        "CRP and RNAP bound",
    ]
    assert [len(state.links) for state in play.states] == [0, 0, 0, 1]
    assert [state.transcribes for state in play.states] == [False, False, True, True]
    assert [state.energy for state in play.states] == ["0.00", "−1.00", "−2.00", "−6.10"]
    assert play.states[0].occupancy == "0.01 %" and play.states[3].occupancy.startswith("99.8")
    assert play.undetermined == "RNAP.mu"


def test_a_fit_without_a_description_is_drawn_without_numbers(run: Any) -> None:
    play = play_view(run.fits[1], None)
    assert (play.model, play.factors, play.promoter.cells) == (None, [], [])
    assert {state.energy for state in play.states} == {""}


def test_descriptions_are_found_by_library_and_model(run: Any) -> None:
    both = [page_model(model="other"), page_model(library="other"), page_model()]
    assert page_model_of(run.fits[1], both) is both[2]
    assert page_model_of(run.fits[0], both) is None


@pytest.mark.parametrize("text", ["</script>", "<!-- <script>", "]]>", "&lt;", "\u2028", "'\"\\", "ünï"])
def test_no_text_can_end_a_script_element(text: str) -> None:
    written = script_data({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not set(written) & set("<>&\u2028")


def test_the_script_asks_for_nothing() -> None:
    script = page_script()
    for word in ("fetch(", "XMLHttpRequest", "import(", "innerHTML", "eval(", "http:", "https:", "</script"):
        assert word not in script, word
