"""Predicted against observed mean bin, on the test set alone."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import BLACK, GREY, VERMILION, new_figure, no_data_figure, plain, styled

N_GROUPS = 20
# The golden ratio spreads points evenly without random numbers, so that the figure has one possible look.
_GOLDEN = 0.6180339887498949


@styled
def draw(predictions: pd.DataFrame, variant_activity: pd.DataFrame) -> Figure:
    """Draw each test variant and the means of equal groups, one panel for each condition and replicate.

    Args:
        predictions: table ``predictions`` of one library and model.
        variant_activity: table ``variant_activity`` of the same library.
    """
    test = predictions.loc[predictions["set"] == "test", ["library", "condition", "variant", "mean_bin"]]
    joined = test.merge(variant_activity, on=["library", "condition", "variant"], suffixes=("_predicted", "_observed"))
    joined = joined.dropna(subset=["mean_bin_predicted", "mean_bin_observed"])
    if joined.empty:
        return no_data_figure("no test variant was observed")
    groups = list(joined.groupby(["condition", "replicate"]))
    figure = new_figure(0.3 + 4.0 * len(groups))
    panels = figure.subplots(len(groups), 1, squeeze=False)[:, 0]
    for panel, ((condition, replicate), rows) in zip(panels, groups, strict=True):
        panel.set_title(f"Test set, condition {plain(str(condition))}, replicate {plain(str(replicate))}")
        _draw_points(panel, rows)
        _draw_group_means(panel, rows)
        _say_how_well(panel, rows)
    return figure


def group_means(rows: pd.DataFrame, n_groups: int) -> pd.DataFrame:
    """Mean of observed and predicted in groups of equal size along the prediction.

    Args:
        rows: columns ``mean_bin_predicted`` and ``mean_bin_observed``.
        n_groups: number of groups; fewer where there are fewer than five variants a group.

    Returns:
        One row a group: ``predicted``, ``observed`` and ``standard_error`` of observed (missing for one variant).
    """
    n_used = max(1, min(n_groups, len(rows) // 5))
    ranks = rows["mean_bin_predicted"].rank(method="first").to_numpy() - 1
    grouped = rows.groupby(np.floor(ranks * n_used / len(rows)).astype(int))
    return pd.DataFrame(
        {
            "predicted": grouped["mean_bin_predicted"].mean(),
            "observed": grouped["mean_bin_observed"].mean(),
            "standard_error": grouped["mean_bin_observed"].sem(),
        }
    )


def pearson(rows: pd.DataFrame) -> float | None:
    """Pearson correlation of predicted and observed mean bin; None where one of them does not vary."""
    predicted, observed = rows["mean_bin_predicted"].to_numpy(), rows["mean_bin_observed"].to_numpy()
    if len(rows) < 3 or np.ptp(predicted) == 0 or np.ptp(observed) == 0:
        return None
    return float(np.corrcoef(predicted, observed)[0, 1])


def _draw_points(axes: Axes, rows: pd.DataFrame) -> None:
    spread = 0.6 * ((np.arange(len(rows)) * _GOLDEN) % 1.0 - 0.5)
    points = axes.scatter(
        rows["mean_bin_predicted"],
        rows["mean_bin_observed"] + spread,
        s=3,
        color=GREY,
        alpha=0.25,
        linewidths=0,
        rasterized=True,
        label="one variant\n(spread vertically to be seen)",
    )
    name_items(points, rows["variant"], y=rows["mean_bin_observed"], series=["one variant"] * len(rows))
    axes.set_xlabel("predicted mean sort bin (bin number)")
    axes.set_ylabel("observed mean sort bin (bin number)")


def _draw_group_means(axes: Axes, rows: pd.DataFrame) -> None:
    means = group_means(rows, N_GROUPS)
    ends = [means["predicted"].min(), means["predicted"].max()]
    axes.plot(ends, ends, color=BLACK, linewidth=0.8, linestyle="--", label="perfect agreement")
    axes.errorbar(
        means["predicted"],
        means["observed"],
        yerr=1.96 * means["standard_error"].fillna(0.0),
        fmt="o",
        markersize=4,
        color=VERMILION,
        elinewidth=1,
        capsize=2,
        label=f"mean of about {round(len(rows) / len(means)):,} variants\n(bar: ± 1.96 standard errors)",
    )
    axes.legend(loc="lower left", bbox_to_anchor=(1.01, 0.0), markerscale=1.5)


def _say_how_well(axes: Axes, rows: pd.DataFrame) -> None:
    correlation = pearson(rows)
    stated = "not defined" if correlation is None else f"{correlation:.3f}"
    once = float((rows["n_observations"] == 1).mean())
    words = (
        f"Pearson r = {stated} over {len(rows):,} variants\n{once:.0%} of them were observed once:\n"
        "the scatter of single points is mostly the noise\nof sorting; judge the model by the group means"
    ).replace("%", " %")
    axes.text(1.02, 0.98, words, transform=axes.transAxes, va="top", fontsize=7.5)
