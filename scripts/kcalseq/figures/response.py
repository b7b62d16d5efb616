"""The fitted curve of continuous values: measured values of the test set against the latent phenotype."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import BLUE, GREY, VERMILION, new_figure, no_data_figure, plain, styled


@styled
def draw(response: pd.DataFrame, predictions: pd.DataFrame, variant_values: pd.DataFrame) -> Figure:
    """Draw each test variant, the curve, and the interval of single values, a panel for each condition.

    Args:
        response: table ``response`` of one library and model.
        predictions: table ``predictions`` of the same.
        variant_values: table ``variant_values`` of the same library.
    """
    if response.empty:
        return no_data_figure("no response curve")
    joined = measured_test_values(predictions, variant_values)
    conditions = list(response.groupby("condition"))
    figure = new_figure(0.3 + 4.0 * len(conditions))
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for panel, (condition, curve) in zip(panels, conditions, strict=True):
        _draw_panel(panel, curve.sort_values("phi"), joined[joined["condition"] == condition])
        if len(conditions) > 1:
            panel.set_title(f"condition {plain(str(condition))}")
    return figure


def measured_test_values(predictions: pd.DataFrame, variant_values: pd.DataFrame) -> pd.DataFrame:
    """Condition, phi, expected value and measured value of each test variant, in ``value_expected`` and ``value``."""
    test = predictions.loc[predictions["set"] == "test", ["condition", "variant", "phi", "value"]]
    measured = variant_values[["condition", "variant", "value"]]
    return test.merge(measured, on=["condition", "variant"], suffixes=("_expected", ""))


def _draw_panel(axes: Axes, curve: pd.DataFrame, rows: pd.DataFrame) -> None:
    phi, share = curve["phi"].to_numpy(), float(curve["confidence"].iloc[0])
    points = axes.scatter(
        rows["phi"], rows["value"], s=3, color=GREY, alpha=0.3, linewidths=0, rasterized=True, label="one test variant"
    )
    name_items(points, rows["variant"])
    label = f"interval of {100 * share:g} % of values"
    axes.fill_between(phi, curve["lower"], curve["upper"], color=BLUE, alpha=0.15, linewidth=0, label=label)
    axes.plot(phi, curve["expected"], color=VERMILION, label="expected")
    axes.set_xlabel("latent phenotype φ (standard deviations over the training variants)")
    axes.set_ylabel("value (as measured)")
    _set_height(axes, curve, rows)
    axes.legend(loc="lower left", bbox_to_anchor=(1.01, 0.0), markerscale=2)
    words = f"{len(rows):,} test variants"
    if len(rows) > 2 and np.ptp(rows["value_expected"]) > 0 and np.ptp(rows["value"]) > 0:
        r = float(np.corrcoef(rows["value_expected"], rows["value"])[0, 1])
        inside = np.mean(
            (rows["value"] >= np.interp(rows["phi"], phi, curve["lower"]))
            & (rows["value"] <= np.interp(rows["phi"], phi, curve["upper"]))
        )
        words += f"\nsquared Pearson r = {r * r:.3f}\n{100 * inside:.1f} % within the interval"
    axes.text(1.02, 0.98, words, transform=axes.transAxes, va="top", fontsize=7.5)


def _set_height(axes: Axes, curve: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Show all values and the curve; heavy tails may reach far beyond both."""
    shown = np.concatenate([rows["value"].to_numpy(), curve["expected"].to_numpy()])
    margin = 0.05 * max(float(np.ptp(shown)), 1e-12)
    axes.set_ylim(shown.min() - margin, shown.max() + margin)
