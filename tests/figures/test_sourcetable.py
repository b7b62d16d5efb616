"""The table beside a figure holds what is drawn, in numbers that can be checked by eye."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kcalseq.figures import energy_logos, predicted_activity, ranked_activity, replicate_activity
from kcalseq.figures.sourcetable import name_items, source_table, tell_rows
from kcalseq.figures.style import no_data_figure, save
from kcalseq.tablefile import conform, read_table

from .test_activity_figures import agreement, combined, log_ratios


def rows_of(figure: Figure) -> pd.DataFrame:
    return conform("figure_source", source_table(figure), "figure")


def test_every_kind_of_mark_is_read_off_the_figure() -> None:
    figure = Figure()
    axes = figure.add_subplot(title="Panel", xlabel="dose ($\\mu$M)\nor none", ylabel="cost \\$")
    axes.plot([0, 1, 2], [3.0, 4.0, np.nan], label="curve")
    axes.plot([5], [6], "o")
    axes.errorbar([1], [2], yerr=[0.5], label="mean")
    axes.bar([7], [8], bottom=1)
    axes.axhline(9)
    axes.axvline(10)
    name_items(axes.axvspan(2, 4), ["site"])
    axes.fill_between([0, 1], [0, 0], [1, 1])
    tell_rows(axes, pd.DataFrame({"mark": ["letter"], "item": ["A"], "x": [3.0], "y": [0.0], "y_end": [1.0]}))
    found = rows_of(figure)
    assert set(found["title"]) == {"Panel"} and set(found["x_axis"]) == {"dose ($\\mu$M) or none"}
    assert set(found["y_axis"]) == {"cost $"}

    def of(mark: str, *columns: str) -> list[list[Any]]:
        return found.loc[found["mark"] == mark, list(columns)].to_numpy().tolist()

    assert of("bar", "x", "y", "y_end") == [[7.0, 1.0, 9.0]]
    assert of("interval", "series", "x", "y", "x_end", "y_end") == [["mean", 1.0, 1.5, 1.0, 2.5]]
    assert found.loc[found["series"] == "curve", "y"].tolist()[:2] == [3.0, 4.0]
    assert found.loc[found["series"] == "curve", "y"].isna().sum() == 1
    assert of("point", "x", "y") == [[5.0, 6.0]]
    assert of("span", "item", "x", "x_end") == [["site", 2.0, 4.0]]
    assert next(pair[1] for pair in of("rule", "x", "y")) == 9.0 and of("rule", "x")[1] == [10.0]
    assert of("letter", "item", "x", "y", "y_end") == [["A", 3.0, 0.0, 1.0]]
    assert [0.0, 1.0] in of("area", "x", "y")
    assert found["number"].tolist() == list(range(len(found)))


def test_cells_of_a_map_keep_value_and_place_and_what_was_not_seen_stays_missing() -> None:
    figure = Figure()
    axes = figure.add_subplot()
    image = axes.imshow(np.array([[1.0, 2.0], [np.nan, 4.0]]), extent=(9.5, 11.5, 1.5, -0.5))
    axes.set_yticks([0, 1], ["A", "C"])
    figure.colorbar(image, label="shift (log2)")
    found = rows_of(figure)
    assert found["panel"].unique().tolist() == [1] and set(found["value_axis"]) == {"shift (log2)"}
    cells = found[["item", "x", "value"]].astype(object).where(found[["item", "x", "value"]].notna(), None)
    assert cells.to_numpy().tolist() == [["A", 10.0, 1.0], ["A", 11.0, 2.0], ["C", 10.0, None], ["C", 11.0, 4.0]]


def test_points_carry_the_names_of_their_variants() -> None:
    found = rows_of(replicate_activity.draw(log_ratios(), agreement()))
    points = found[found["mark"] == "point"].set_index("item")
    wide = log_ratios().pivot(index="variant", columns="replicate", values="log2_ratio").dropna()
    assert len(points) == len(wide) == 29
    assert np.array_equal(points.loc[wide.index, ["x", "y"]].to_numpy(dtype=float), wide.to_numpy())
    ranks = rows_of(ranked_activity.draw(combined(), 0.95))
    points = ranks[ranks["mark"] == "point"]
    assert dict(zip(points["item"], points["y"], strict=True)) == {"d": 0.5, "a": 2.0, "b": -1.0}
    assert ranks.loc[ranks["mark"] == "interval", "item"].tolist() == ["b", "a"]


def test_points_spread_to_be_seen_stand_at_what_was_measured(
    predictions: pd.DataFrame, variant_activity: pd.DataFrame
) -> None:
    found = rows_of(predicted_activity.draw(predictions, variant_activity))
    points = found[(found["mark"] == "point") & found["item"].notna()]
    measured = variant_activity.set_index("variant").loc[points["item"], "mean_bin"]
    assert len(points) == 100 and points["y"].tolist() == measured.tolist()


def test_letters_of_a_logo_stand_on_each_other_and_add_up_to_the_energies(
    parameters: pd.DataFrame, fit: dict[str, Any]
) -> None:
    found = rows_of(energy_logos.draw(parameters, fit))
    letters = found[found["mark"] == "letter"]
    first = letters[letters["panel"] == 1]
    heights = energy_logos.letter_heights(parameters, "P").fillna(0.0)
    told = (first["y_end"] - first["y"]).groupby([first["x"], first["item"]]).sum().unstack()
    assert np.allclose(told.to_numpy(), heights.to_numpy())
    for _, at in first.groupby("x"):
        assert np.isclose(at["y_end"].max(), at.loc[at["y_end"] > at["y"], "y_end"].sub(at["y"]).sum())


def test_a_figure_without_data_has_a_table_without_rows(tmp_path: Path) -> None:
    save(no_data_figure("nothing"), tmp_path / "empty")
    assert read_table("figure_source", tmp_path / "empty.tsv").empty


def test_drawing_the_table_anew_gives_the_same_table(tmp_path: Path) -> None:
    """Bars, strokes and points of a written table, drawn once more, are read off as they were written."""
    save(ranked_activity.draw(combined(), 0.95), tmp_path / "ranked")
    written = read_table("figure_source", tmp_path / "ranked.tsv")
    axes = (again := Figure()).add_subplot()
    strokes, points = (written[written["mark"] == mark] for mark in ("interval", "point"))
    axes.vlines(strokes["x"].to_numpy(), strokes["y"].to_numpy(), strokes["y_end"].to_numpy())
    axes.scatter(points["x"].to_numpy(), points["y"].to_numpy())
    places = ["mark", "x", "y", "x_end", "y_end"]
    pd.testing.assert_frame_equal(rows_of(again)[places], written[places])
