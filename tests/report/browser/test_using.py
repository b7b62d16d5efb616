"""The page works by keyboard, on small screens, on paper and without scripts, and no name breaks it."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from ..modelled import modelled
from .opening import HOSTILE, Opened


def test_sliders_and_curve_are_told_to_those_who_cannot_see(opened: Opened) -> None:
    slider = opened.page.locator("input[id$='factor-0']").first
    slider.focus()
    opened.page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "1.26\u00a0× the experiment\u2019s concentration"
    curve = opened.page.locator("svg.response").first
    assert "against the concentration of CRP" in curve.get_attribute("aria-label")
    assert curve.locator("polyline").get_attribute("points").count(",") == 61


def test_promoter_tells_positions_by_keyboard_and_mouse(opened: Opened) -> None:
    figure = opened.page.locator("figure[data-positions]").first
    figure.get_by_label("Position", exact=True).focus()
    opened.page.keyboard.press("ArrowRight")
    assert figure.locator("output").inner_text().startswith("Position −14, wild type C; ")
    figure.locator("svg text.letter").nth(12).hover()
    assert figure.locator("output").inner_text() == "Position −3, wild type C; in no site"
    before = figure.locator("svg.promoter").bounding_box()["width"]
    figure.get_by_label("Zoom").fill("2")
    assert figure.locator("svg.promoter").bounding_box()["width"] == pytest.approx(2 * before, rel=0.01)


def test_search_narrows_the_variants_and_columns_sort_by_keyboard(opened: Opened) -> None:
    box = opened.page.locator("[data-variants]").first
    rows, told = box.locator("tbody tr"), box.locator("[role=status]")
    assert rows.count() == 7 and told.inner_text() == "7 of 7 variants, page 1 of 1"
    box.get_by_label("Search names and sequences").fill("tcgtac")
    assert rows.count() == 1 and "v3" in rows.first.inner_text()
    box.get_by_label("Search names and sequences").fill("nowhere")
    assert rows.count() == 0 and told.inner_text() == "None of 7 variants"
    box.get_by_label("Search names and sequences").fill("")
    head = box.locator("th", has_text="Measured mean bin")
    head.locator("button").focus()
    shown = lambda: [rows.nth(i).locator("td").nth(4).inner_text() for i in range(7)]  # noqa: E731
    opened.page.keyboard.press("Enter")
    assert shown() == ["2.25", "2.00", "1.75", "1.50", "1.25", "1.00", "–"]
    assert head.get_attribute("aria-sort") == "descending"
    opened.page.keyboard.press("Space")
    # What was not measured stays last.
    assert shown() == ["1.00", "1.25", "1.50", "1.75", "2.00", "2.25", "–"]
    assert head.get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_nothing_stands_in_the_way_of_anybody(browser: Browser, written: Path, scheme: str, width: int) -> None:
    opened = Opened(browser, written, width, scheme)
    found = Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    opened.page.close()


def test_names_neither_run_nor_break_anything(browser: Browser, run: Any, tmp_path: Path) -> None:
    named = f"{HOSTILE}{'W' * 200}"
    model = modelled(tmp_path / "model", "one_rate", {**run.fits[1], "library": named})
    renamed = {"library": named, "model": named}
    places = {"CRP": named}
    numbers = model.page["numbers"]
    page = {
        **model.page,
        **renamed,
        "numbers": {**numbers, "factors": [places.get(name, name) for name in numbers["factors"]]},
    }
    variants = run.variants.assign(library=named, variant=[f"{named}{i}" for i in range(7)])
    hostile = dataclasses.replace(
        run,
        fits=[{**model.fit, **renamed}],
        page_models=[page],
        libraries={named: {**run.libraries["lac"], "description": named}},
        quality=run.quality.assign(library=named, subject=[f"{named}{i}" for i in range(len(run.quality))]),
        variants=variants,
    )
    path = tmp_path / "hostile.html"
    path.write_text(hostile.page(), encoding="utf-8")
    opened = Opened(browser, path)
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [path.as_uri()]
    assert opened.page.evaluate("window.broken") is None
    assert named in opened.page.locator("[data-variants] tbody").text_content()
    assert opened.page.locator(".slider label").first.text_content() == named
    assert opened.page.locator("[data-part=told]").first.inner_text() == "This is the wild type."
    overview = opened.page.get_by_role("region", name="Every library in a line")
    assert overview.text_content().count(HOSTILE) == 3  # library, its description, its model
    for width in (1200, 390):
        opened.page.set_viewport_size({"width": width, "height": 900})
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    opened.page.close()


def test_without_scripts_the_page_tells_its_numbers(browser: Browser, written: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(written.as_uri())
    assert page.locator("[data-variants] tbody tr").count() == 7
    assert page.locator("ol.states output").first.inner_text() == "0.00"
    assert not page.locator("textarea").first.is_visible()
    page.close()


def test_paper_shows_the_states_and_no_controls(browser: Browser, written: Path) -> None:
    opened = Opened(browser, written)
    opened.page.emulate_media(media="print")
    assert opened.page.locator("ol.states").first.is_visible()
    assert not opened.page.locator("textarea").first.is_visible()
    assert not opened.page.locator("input[type=search]").first.is_visible()
    opened.page.close()
