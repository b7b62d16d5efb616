"""How many distinct barcodes and molecules fewer reads would have shown, and more reads would bring."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.style import SERIES, new_figure, no_data_figure, plain_ends, say_no_data, styled

_MARKERS = "osD^vP"


@styled
def draw(saturation: pd.DataFrame) -> Figure:
    """Draw one curve a sample: solid up to the reads there are, marked there, and dashed beyond.

    Args:
        saturation: table ``saturation`` of one library.
    """
    if saturation.empty:
        return no_data_figure("no reads counted")
    figure = new_figure(2.9 + 0.16 * -(-saturation["sample"].nunique() // 3))
    left, right = figure.subplots(1, 2)
    _draw_curves(left, saturation, "n_barcodes", "distinct barcodes")
    _draw_curves(right, saturation, "n_molecules", "distinct molecules")
    handles, names = left.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure


def _draw_curves(axes: Axes, saturation: pd.DataFrame, column: str, what: str) -> None:
    axes.set_title(what.capitalize())
    known = saturation.dropna(subset=[column])
    if known.empty:
        say_no_data(axes, "no molecules were counted (no UMIs)")
        return
    for place, (sample, rows) in enumerate(saturation.groupby("sample")):
        ordered = rows.dropna(subset=[column]).sort_values("n_reads")
        measured = ordered[~ordered["projected"]]
        beyond = pd.concat([measured.tail(1), ordered[ordered["projected"]]])
        colour, marker = SERIES[place % len(SERIES)], _MARKERS[place // len(SERIES) % len(_MARKERS)]
        axes.plot(measured["n_reads"], measured[column], color=colour)
        axes.plot(beyond["n_reads"], beyond[column], color=colour, linestyle="--")
        end = measured.tail(1)
        axes.plot(end["n_reads"], end[column], marker, color=colour, markersize=5, label=plain_ends(str(sample), 26))
    axes.set(xscale="log", xlabel="reads counted (mark: as sequenced)", ylabel=what)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter("")
    axes.yaxis.set_major_formatter("{x:,.0f}")
