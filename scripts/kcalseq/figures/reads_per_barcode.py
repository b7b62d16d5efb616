"""Reads per barcode from the best read barcode to the least: the knee plot, with the thresholds."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from kcalseq.figures.style import BLUE, GREY, VERMILION, new_figure, no_data_figure, styled
from kcalseq.wording import count

# Quantity of association_summary, what the reader calls it, its colour and line.
_THRESHOLDS = (("min_reads", "used", VERMILION, "-"), ("recommended_min_reads", "recommended", GREY, "--"))


@styled
def draw(reads_per_barcode: pd.DataFrame, association_summary: pd.DataFrame) -> Figure:
    """Draw the reads of each barcode by its rank, both logarithmic, with the least number of reads as lines.

    Args:
        reads_per_barcode: table ``reads_per_barcode`` of one library.
        association_summary: table ``association_summary`` of the same.
    """
    if reads_per_barcode.empty:
        return no_data_figure("no barcodes")
    figure = new_figure(3.2)
    axes = figure.add_subplot()
    ordered = reads_per_barcode.sort_values("n_reads", ascending=False)
    last_ranks = ordered["n_barcodes"].cumsum().to_numpy()
    axes.plot([1, *last_ranks], [ordered["n_reads"].max(), *ordered["n_reads"]], color=BLUE, drawstyle="steps-pre")
    axes.plot(last_ranks, ordered["n_reads"], ".", color=BLUE, markersize=3)
    _draw_thresholds(axes, ordered, association_summary)
    axes.set(xscale="log", yscale="log", xlabel="barcodes, the one with most reads first", ylabel="reads")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:,.0f}")
        axis.set_minor_formatter("")
    axes.set_title(f"{count(ordered['n_barcodes'].sum())} barcodes")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left")
    return figure


def _draw_thresholds(axes: Axes, reads_per_barcode: pd.DataFrame, association_summary: pd.DataFrame) -> None:
    numbers = association_summary.set_index("quantity")["value"].dropna()
    for quantity, name, colour, line in _THRESHOLDS:
        if quantity in numbers:
            least = float(numbers[quantity])
            enough = reads_per_barcode.loc[reads_per_barcode["n_reads"] >= least, "n_barcodes"].sum()
            words = f"least reads {name}: {count(least)} ({count(enough)} barcodes have them)"
            axes.axhline(least, color=colour, linestyle=line, linewidth=1, label=words)
