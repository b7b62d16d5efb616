"""How many barcodes stand for each variant, those without any included."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from kcalseq.figures.style import BLACK, BLUE, VERMILION, new_figure, no_data_figure, styled
from kcalseq.wording import count, number

_MOST_BARS = 60


@styled
def draw(barcode_map: pd.DataFrame, variants: pd.DataFrame) -> Figure:
    """Draw a histogram of barcodes per variant; variants without a barcode have a bar of their own.

    Args:
        barcode_map: column ``variant`` of table ``barcode_map`` of one library.
        variants: column ``variant`` of table ``variants`` of the same.
    """
    if variants.empty:
        return no_data_figure("no variants")
    numbers = barcodes_of_variants(barcode_map, variants)
    width = max(1, -(-int(numbers.max()) // _MOST_BARS))  # barcodes in one bar
    edges = np.arange(0.5, numbers.max() + width + 0.5, width)
    figure = new_figure(2.8)
    axes = figure.add_subplot()
    n_without = int((numbers == 0).sum())
    axes.bar([0], [n_without], width=0.9 * width, color=VERMILION, label=f"without a barcode: {count(n_without)}")
    heights, _ = np.histogram(numbers, edges)
    with_any = f"with barcodes: {count(len(numbers) - n_without)}"
    axes.bar(edges[:-1] + width / 2, heights, width=0.9 * width, color=BLUE, label=with_any)
    median = float(np.median(numbers))
    axes.axvline(median, color=BLACK, linestyle="--", linewidth=0.8, label=f"median of all: {number(median, 1)}")
    span = "" if width == 1 else f" ({width} in a bar)"
    axes.set(title=f"{count(len(numbers))} variants", xlabel=f"barcodes per variant{span}", ylabel="variants")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
        axis.set_major_formatter("{x:,.0f}")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure


def barcodes_of_variants(barcode_map: pd.DataFrame, variants: pd.DataFrame) -> NDArray[np.int64]:
    """Number of barcodes of each variant, in the order of table ``variants``, shape (n_variants,)."""
    found = barcode_map["variant"].value_counts()
    return np.asarray(found.reindex(variants["variant"], fill_value=0), dtype=np.int64)
