"""What was made of the barcodes of the association runs: how many were assigned, and why the others were not."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kcalseq.figures.style import BLUE, GREEN, new_figure, no_data_figure, styled
from kcalseq.tables import BARCODE_CALLS
from kcalseq.wording import count, share


@styled
def draw(association_summary: pd.DataFrame) -> Figure:
    """Draw one bar a call, for barcodes on the left and for the reads that they hold on the right.

    Args:
        association_summary: table ``association_summary`` of one library.
    """
    numbers = association_summary.set_index("quantity")["value"]
    barcodes, reads = (
        [float(numbers.get(f"n_{things}_{call}", 0)) for call in BARCODE_CALLS] for things in ("barcodes", "reads")
    )
    if not sum(barcodes):
        return no_data_figure("no barcodes")
    figure = new_figure(0.8 + 0.26 * len(BARCODE_CALLS))
    left, right = figure.subplots(1, 2, sharey=True)
    _draw_calls(left, barcodes, "barcodes")
    _draw_calls(right, reads, "reads")
    left.set_yticks(range(len(BARCODE_CALLS)), [call.replace("_", " ") for call in BARCODE_CALLS])
    left.invert_yaxis()
    return figure


def _draw_calls(axes: Axes, numbers: list[float], unit: str) -> None:
    colours = [GREEN if call == "assigned" else BLUE for call in BARCODE_CALLS]
    bars = axes.barh(range(len(numbers)), numbers, color=colours, height=0.7)
    texts = [f"{count(number)} ({share(number, sum(numbers))})" for number in numbers]
    axes.bar_label(bars, texts, padding=3, fontsize=7)
    axes.set(title=unit.capitalize(), xlabel=f"{unit} (per cent of all {unit})", xlim=(0, 1.6 * max(1, *numbers)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
