"""Libraries and models side by side: each number stands in the column of its model."""

import dataclasses
from typing import Any

import pandas as pd
import pytest

from kcalseq.report.overview import comparisons, library_rows
from kcalseq.report.pointsview import points_view
from kcalseq.report.views import LibraryView, library_views

from .reading import Page


@pytest.fixture
def libraries(run: Any) -> list[LibraryView]:
    return library_views(run.tables(), run.fits, run.figures, run.libraries, run.page_models)


def test_a_library_is_told_in_a_line_with_its_best_model(run: Any, libraries: list[LibraryView]) -> None:
    lac, spare = library_rows(libraries, run.model_comparison)
    assert (lac.measured, lac.worst) == ("sort bins", "bad")
    assert lac.best is not None and lac.best.fit["model"] == "lac_thermodynamic"
    (metric, judged), (parameter, energy) = lac.best_numbers
    assert (metric, round(judged.value, 3)) == ("I_var, test set", 0.721)
    assert (parameter, energy.value, energy.lower) == ("interaction", -3.1, -4.2)
    assert (spare.best, spare.best_numbers) == (None, [])
    text = Page(run.page()).text
    assert "interaction: −3.10 kcal/mol (95 % interval −4.20 to −2.00)".replace(" %", "\u00a0%") in text.replace(
        " %", "\u00a0%"
    )
    assert "none fitted" in text


def test_models_stand_side_by_side_and_a_dash_where_one_has_no_such_number(
    run: Any, libraries: list[LibraryView]
) -> None:
    (compared,) = comparisons(libraries)
    names = [model.fit["model"] for model in compared.models]
    lines = dict(compared.lines)
    assert names == ["lac_thermodynamic", "additive"]
    assert [None if one is None else one.value for one in lines["interaction"]] == [-3.1, None]
    assert all(one is not None for one in lines["I_var, test set"])
    swapped = dataclasses.replace(run, fits=run.fits[::-1])
    assert Page(swapped.page()).text == Page(run.page()).text


def test_a_run_without_models_has_libraries_alone(run: Any) -> None:
    text = Page(run.emptied().page()).text
    assert "Libraries and models side by side" in text and "none fitted" in text


def test_of_too_many_points_those_shown_are_spread_evenly_and_keep_the_ends() -> None:
    words = {"panel": 1, "mark": "point", "title": "a", "x_axis": "x", "y_axis": "y", "series": None}
    many = pd.DataFrame({"item": [f"v{n}" for n in range(1000)], "x": range(1000), "y": 0.0}).assign(**words)
    view = points_view(many, 11)
    assert view is not None and (view.n_shown, view.n_total) == (11, 1000)
    assert points_view(many.assign(item=None)) is None
