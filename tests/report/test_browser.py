"""The page in a real browser: it computes what Python computes, works by keyboard, and asks nobody for anything."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from kcalseq.report.embedding import ReportFigure
from kcalseq.report.pointsview import points_view
from kcalseq.tablefile import conform
from kcalseq.tables import TABLES

from .finished import ONE_PIXEL
from .modelled import MODELS, WILDTYPE, Modelled, modelled, random_sequences

HOSTILE = "</script><script>window.broken=1</script><!--<img src=x onerror=window.broken=2>\"' & {{7*7}} ünï\u2028"


@pytest.fixture(scope="module")
def browser(missing_tool: Callable[[str], NoReturn]) -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        missing_tool("chromium was not found (apt-get install chromium)")
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


class Opened:
    """A page that is open, and all that it asked for or complained about."""

    def __init__(self, browser: Browser, path: Path, width: int = 1200, scheme: Any = "light") -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_function("!document.querySelector('[data-waiting]')")

    def part(self, model: str, name: str) -> Any:
        """A part of what belongs to a model."""
        box = self.page.locator(f"h3:has-text('Model {model} of') ~ [data-model]").first
        return box.locator(f"[data-part='{name}']")

    def value(self, model: str, name: str) -> float:
        """The number behind an output."""
        return float(self.part(model, name).get_attribute("data-value"))

    def slide(self, model: str, factor: str, log10: float) -> None:
        """Set the concentration of a factor."""
        box = self.page.locator(f"h3:has-text('Model {model} of') ~ [data-model]").first
        box.get_by_label(factor, exact=True).fill(str(log10))


@pytest.fixture
def models(run: Any, tmp_path: Path) -> dict[str, Modelled]:
    """All invented models."""
    return {name: modelled(tmp_path / "models" / name, name, run.fits[1]) for name in MODELS}


@pytest.fixture
def written(run: Any, models: dict[str, Modelled], tmp_path: Path) -> Path:
    """The page of a library with all of these models."""
    shown = dataclasses.replace(
        run, fits=[one.fit for one in models.values()], page_models=[one.page for one in models.values()]
    )
    path = tmp_path / "report.html"
    path.write_text(shown.page(), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, written: Path) -> Iterator[Opened]:
    """That page, open."""
    found = Opened(browser, written)
    yield found
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith("data:")] == [written.as_uri()]
    found.page.close()


def test_the_sequence_box_predicts_what_python_predicts(opened: Opened, models: dict[str, Modelled]) -> None:
    for name, (fitted, _, _) in models.items():
        for number, condition in enumerate(fitted.conditions):
            if len(fitted.conditions) > 1:
                opened.part(name, "condition").select_option(str(number))
            sequences = random_sequences(10, number)
            predicted = fitted.predict(sequences, condition)
            energies = fitted.energies(sequences)
            for row, sequence in enumerate(sequences):
                opened.part(name, "sequence").fill(f" {sequence[:7].lower()}\n{sequence[7:]} ")
                assert opened.value(name, "phi") == pytest.approx(predicted["phi"][row], abs=1e-6)
                assert opened.value(name, "expected") == pytest.approx(predicted.iloc[row, 2], abs=1e-6)
                for place, site in enumerate(fitted.spec.sites):
                    assert opened.value(name, f"shift-{place}") == pytest.approx(energies[site.name][row], abs=1e-6)


def test_states_start_as_the_table_told_them(opened: Opened, models: dict[str, Modelled]) -> None:
    for name, (_, _, page) in models.items():
        for told in page["wildtype_states"][:1]:
            numbers = range(len(told["energies"]))
            assert [opened.value(name, f"state-energy-{n}") for n in numbers] == pytest.approx(told["energies"])
            assert [opened.value(name, f"occupancy-{n}") for n in numbers] == pytest.approx(told["occupancies"])


def test_what_cannot_be_read_is_told_and_leaves_no_number(opened: Opened) -> None:
    box, told = opened.part("one_rate", "sequence"), opened.part("one_rate", "told")
    for typed, words in (
        (WILDTYPE[:-1], "19 of 20 bases."),
        (WILDTYPE[:-1] + "N", "The letter “N” is none of A, C, G, T."),
    ):
        box.fill(typed)
        assert told.inner_text() == words
        assert box.get_attribute("aria-invalid") == "true"
        assert opened.part("one_rate", "expected").inner_text() == "–"
        assert opened.part("one_rate", "expected").get_attribute("data-value") is None
    box.fill("A" + WILDTYPE[1:-1] + "A")
    assert told.inner_text() == "1 of 20 bases differ from the wild type."
    opened.part("one_rate", "wildtype").click()
    assert (told.inner_text(), box.get_attribute("aria-invalid")) == ("This is the wild type.", "false")


def test_more_activator_means_more_expression_and_once_means_the_wild_type(
    opened: Opened, models: dict[str, Modelled]
) -> None:
    name = "counts"
    fitted = models[name].fitted
    wildtype = fitted.predict([WILDTYPE])["log2_activity"][0]
    assert opened.value(name, "expected") == pytest.approx(wildtype, abs=1e-9)
    seen = []
    for log10 in (-3, -1, 0, 1, 3):
        opened.slide(name, "RNAP", log10)
        seen.append(opened.value(name, "expected"))
    assert seen == sorted(seen) and seen[0] < seen[2] - 1e-3 < seen[-1]
    assert seen[2] == pytest.approx(wildtype, abs=1e-9)
    opened.slide(name, "CRP", 1)
    opened.part(name, "reset").click()
    assert opened.value(name, "expected") == pytest.approx(wildtype, abs=1e-9)
    assert opened.part(name, "factor-0").inner_text() == "1\u00a0×"


def test_a_factor_at_ten_times_its_concentration_gains_kt_ln_ten(opened: Opened, models: dict[str, Modelled]) -> None:
    before = [opened.value("one_rate", f"energy-{place}") for place in range(3)]
    opened.slide("one_rate", "CRP", 1)
    after = [opened.value("one_rate", f"energy-{place}") for place in range(3)]
    gained = models["one_rate"].page["kt"] * 2.302585092994046
    # The copy at the second place is the same protein.
    assert [a - b for a, b in zip(after, before, strict=True)] == pytest.approx([-gained, -gained, 0.0], abs=1e-9)


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


def scatter_source(names: list[str]) -> pd.DataFrame:
    """Table ``figure_source`` of a figure with a point for each name, on a line of slope two."""
    rows = {"mark": "point", "series": "variants", "item": names, "x": np.arange(len(names)) / 2.0}
    points = pd.DataFrame(rows).assign(y=lambda of: 2 * of["x"])
    words = {"panel": 1, "title": "Test set", "x_axis": "predicted (log2)", "y_axis": "measured (log2)"}
    line = pd.DataFrame({"mark": "line", "x": [0.0, 2.0], "y": [0.0, 4.0]})
    both = pd.concat([points, line], ignore_index=True).assign(**words)
    return conform(
        "figure_source",
        both.reindex(columns=TABLES["figure_source"].column_names).assign(number=range(len(both))),
        "test",
    )


@pytest.fixture
def pointed(browser: Browser, run: Any, tmp_path: Path) -> Iterator[Opened]:
    """A page whose figure has points with hostile names, open."""
    names = [f"{HOSTILE}{n}" for n in range(9)]
    points = points_view(scatter_source(names))
    figure = ReportFigure(
        "lac", "additive", "predicted_activity", "image/png", ONE_PIXEL, "libraries/a b/#1.tsv", points
    )
    path = tmp_path / "pointed.html"
    path.write_text(dataclasses.replace(run, figures=[figure]).page(), encoding="utf-8")
    found = Opened(browser, path)
    yield found
    assert found.complaints == [] and found.page.evaluate("window.broken") is None
    found.page.close()


def test_a_figure_opens_large_by_keyboard_and_closes_by_escape(pointed: Opened) -> None:
    button, viewer = pointed.page.locator("[data-enlarge]").first, pointed.page.locator("#viewer")
    button.focus()
    pointed.page.keyboard.press("Enter")
    assert viewer.is_visible() and "predicted activity" in viewer.locator("h2").inner_text()
    assert viewer.locator("img").get_attribute("alt").startswith("Model additive of library lac.")
    before = viewer.locator("img").bounding_box()["width"]
    viewer.get_by_label("Zoom").fill("2")
    assert viewer.locator("img").bounding_box()["width"] == pytest.approx(2 * before, rel=0.01)
    assert Axe().run(pointed.page).violations_count == 0
    pointed.page.keyboard.press("Escape")
    assert not viewer.is_visible() and button.evaluate("one => one === document.activeElement")
    assert pointed.page.locator("figcaption a").get_attribute("href") == "libraries/a%20b/%231.tsv"


def test_single_points_tell_whose_they_are_by_mouse_search_and_keyboard(pointed: Opened) -> None:
    pointed.page.locator("[data-look]").click()
    viewer = pointed.page.locator("#viewer")
    viewer.locator("svg.scatter").wait_for()
    told = lambda: viewer.locator("output").inner_text()  # noqa: E731
    assert "All 9 points." in viewer.inner_text()
    viewer.get_by_label("Find a name").fill("ünï\u20285")
    assert viewer.locator("output").text_content() == (f"{HOSTILE}5: predicted (log2) 2.5; measured (log2) 5")
    viewer.get_by_label("Point", exact=True).focus()
    pointed.page.keyboard.press("ArrowRight")
    assert told().endswith("predicted (log2) 3; measured (log2) 6")
    box = viewer.locator("svg.scatter").bounding_box()
    place = viewer.locator("circle.place").bounding_box()
    pointed.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    pointed.page.mouse.move(place["x"] + place["width"] / 2 + 2, place["y"] + place["height"] / 2)
    assert told().endswith("predicted (log2) 3; measured (log2) 6")
    viewer.get_by_label("Find a name").fill("nobody")
    assert told() == "No such point is shown here."
    assert Axe().run(pointed.page).violations_count == 0


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
