"""Figures of the page open large and tell single points, whatever the names are."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from kcalseq.report.embedding import ReportFigure
from kcalseq.report.pointsview import points_view
from kcalseq.tablefile import conform
from kcalseq.tables import TABLES

from ..finished import ONE_PIXEL
from .opening import HOSTILE, Opened


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
