"""Correlation of replicates against the least number of barcodes of a variant."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.style import SERIES, new_figure, no_data_figure, plain, say_no_data, styled

QUANTITIES = {"dna": "DNA counts", "rna": "RNA counts", "ratio": "RNA per DNA"}
MOST_PAIRS = 12
_LINES = {"pearson": "-", "spearman": ":"}


@styled
def draw(replicate_correlations: pd.DataFrame) -> Figure:
    """Draw the correlations of log values of each two replicates of a condition, a panel for DNA, RNA and their ratio.

    Args:
        replicate_correlations: table of that name, of one library; the first twelve pairs are drawn.
    """
    if replicate_correlations.empty:
        return no_data_figure("no condition has two replicates, so nothing tells how well replicates agree")
    own = replicate_correlations[replicate_correlations["scale"] == "log"]
    pairs = own[["condition", "replicate", "other_replicate"]].drop_duplicates().head(MOST_PAIRS)
    figure = new_figure(2.9)
    panels = figure.subplots(1, len(QUANTITIES), sharey=True)
    for axes, (quantity, words) in zip(panels, QUANTITIES.items(), strict=True):
        axes.set_title(words)
        _draw_quantity(axes, own[(own["quantity"] == quantity) & own["value"].notna()], pairs)
    panels[0].set_ylabel("correlation of log values")
    handles, labels = next((axes.get_legend_handles_labels() for axes in panels if axes.has_data()), ([], []))
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _draw_quantity(axes: Axes, own: pd.DataFrame, pairs: pd.DataFrame) -> None:
    if own.empty:
        say_no_data(axes, "no two replicates\nshare three variants")
        return
    for place, (condition, one, other) in enumerate(pairs.itertuples(index=False)):
        name = f"{plain(str(condition), 20)}: {plain(str(one), 10)} and {plain(str(other), 10)}"
        here = own[(own["condition"] == condition) & (own["replicate"] == one) & (own["other_replicate"] == other)]
        for method, line in _LINES.items():
            points = here[here["method"] == method].sort_values("min_barcodes")
            axes.plot(
                points["min_barcodes"].to_numpy(float),
                points["value"].to_numpy(float),
                linestyle=line,
                marker="o",
                markersize=3,
                color=SERIES[place % len(SERIES)],
                label=f"{name}, {method.capitalize()}",
            )
    if (own["min_barcodes"] > 0).all():
        axes.set_xscale("log")
        ticks = sorted(own["min_barcodes"].unique())
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("least barcodes in both replicates")
    else:
        axes.set_xticks([0], ["all variants"])
