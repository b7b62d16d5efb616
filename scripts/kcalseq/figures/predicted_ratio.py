"""Predicted against measured log2 of RNA per DNA, on the test set alone."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import BLACK, BLUE, new_figure, no_data_figure, plain, styled


@styled
def draw(predictions: pd.DataFrame) -> Figure:
    """Draw each test variant, one panel for each condition.

    Args:
        predictions: table ``predictions`` of one library and a model of barcode counts.
    """
    test = predictions[predictions["set"] == "test"].dropna(subset=["log2_activity", "log2_ratio"])
    if test.empty:
        return no_data_figure("no test variant was measured")
    conditions = list(test.groupby("condition"))
    figure = new_figure(0.3 + 4.0 * len(conditions))
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for panel, (condition, rows) in zip(panels, conditions, strict=True):
        panel.set_title(f"Test set, condition {plain(str(condition))}")
        _draw_points(panel, rows)
    return figure


def correlation(rows: pd.DataFrame) -> float | None:
    """Pearson correlation of predicted and measured log2 ratios; None where one of them does not vary."""
    predicted, measured = rows["log2_activity"].to_numpy(), rows["log2_ratio"].to_numpy()
    if len(rows) < 3 or np.ptp(predicted) == 0 or np.ptp(measured) == 0:
        return None
    return float(np.corrcoef(predicted, measured)[0, 1])


def _draw_points(axes: Axes, rows: pd.DataFrame) -> None:
    points = axes.scatter(
        rows["log2_activity"],
        rows["log2_ratio"],
        s=8,
        color=BLUE,
        alpha=0.5,
        linewidths=0,
        rasterized=len(rows) > 2000,
        label="one variant",
    )
    name_items(points, rows["variant"])
    ends = [rows["log2_activity"].min(), rows["log2_activity"].max()]
    axes.plot(ends, ends, color=BLACK, linewidth=0.8, linestyle="--", label="perfect agreement")
    axes.set_xlabel("predicted log2 RNA per DNA")
    axes.set_ylabel("measured log2 RNA per DNA")
    axes.legend(loc="lower left", bbox_to_anchor=(1.01, 0.0))
    pearson = correlation(rows)
    stated = "not defined" if pearson is None else f"{pearson:.3f}"
    words = (
        f"Pearson r = {stated} over {len(rows):,} variants\n"
        f"median of {rows['n_observations'].median():.0f} observations each\n"
        "(a barcode in a replicate)"
    )
    axes.text(1.02, 0.98, words, transform=axes.transAxes, va="top", fontsize=7.5)
