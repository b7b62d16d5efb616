"""Correlation of replicates, and the variants that are left, against the least number of barcodes of a variant."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.style import SERIES, new_figure, no_data_figure, plain, say_no_data, styled

QUANTITIES = {"dna": "DNA counts", "rna": "RNA counts", "ratio": "RNA per DNA"}
MOST_PAIRS = 12
FEW = 100
"""Variants below which the figure has their number in digits, that of the pair with the fewest."""
_LINES = {"pearson": "-", "spearman": ":"}


@styled
def draw(replicate_correlations: pd.DataFrame) -> Figure:
    """Draw the correlations of log values of each two replicates of a condition, a panel for DNA, RNA and their ratio.

    Below each stands of how many variants they are: at high thresholds of few, and so by chance high or low.

    Args:
        replicate_correlations: table of that name, of one library; the first twelve pairs are drawn.
    """
    if replicate_correlations.empty:
        return no_data_figure("no condition has two replicates, so nothing tells how well replicates agree")
    own = replicate_correlations[replicate_correlations["scale"] == "log"]
    pairs = own[["condition", "replicate", "other_replicate"]].drop_duplicates().head(MOST_PAIRS)
    figure = new_figure(4.1)
    above, below = figure.subplots(2, len(QUANTITIES), sharex="col", sharey="row", height_ratios=[2, 1])
    for axes, numbers, (quantity, words) in zip(above, below, QUANTITIES.items(), strict=True):
        axes.set_title(words)
        _draw_quantity(axes, numbers, own[(own["quantity"] == quantity) & own["value"].notna()], pairs)
    above[0].set_ylabel("correlation of log values")
    below[0].set_ylabel("variants left")
    handles, labels = next((axes.get_legend_handles_labels() for axes in above if axes.has_data()), ([], []))
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _draw_quantity(axes: Axes, numbers: Axes, own: pd.DataFrame, pairs: pd.DataFrame) -> None:
    if own.empty:
        say_no_data(axes, "no two replicates\nshare three variants")
        numbers.set_axis_off()
        return
    for place, (condition, one, other) in enumerate(pairs.itertuples(index=False)):
        name = f"{plain(str(condition), 20)}: {plain(str(one), 10)} and {plain(str(other), 10)}"
        here = own[(own["condition"] == condition) & (own["replicate"] == one) & (own["other_replicate"] == other)]
        here, colour = here.sort_values("min_barcodes"), SERIES[place % len(SERIES)]
        for method, line in _LINES.items():
            points = here[here["method"] == method]
            _draw_line(axes, points, "value", colour, linestyle=line, label=f"{name}, {method.capitalize()}")
        _draw_line(numbers, here.drop_duplicates("min_barcodes"), "n_variants", colour, label=name)
    fewest = own.groupby("min_barcodes")["n_variants"].min()
    for least, n in fewest[fewest < FEW].items():
        at = (float(str(least)), float(n))
        numbers.annotate(str(n), at, (0, -4), textcoords="offset points", ha="center", va="top", fontsize=6)
    # From 1, so that the axis has marks however few numbers there are.
    numbers.set_yscale("log")
    numbers.set_ylim(1, 2.0 * max(10, own["n_variants"].max(), numbers.get_ylim()[1] / 2.0))
    numbers.yaxis.set_major_formatter("{x:,.0f}")
    numbers.minorticks_off()
    if (own["min_barcodes"] > 0).all():
        numbers.set_xscale("log")
        ticks = sorted(own["min_barcodes"].unique())
        numbers.set_xticks(ticks, [str(tick) for tick in ticks])
        numbers.minorticks_off()
        numbers.set_xlabel("least barcodes in both replicates")
    else:
        numbers.set_xticks([0], ["all variants"])


def _draw_line(axes: Axes, points: pd.DataFrame, column: str, colour: str, **style: Any) -> None:
    x, y = (points[name].to_numpy(float) for name in ("min_barcodes", column))
    axes.plot(x, y, marker="o", markersize=3, color=colour, **style)
