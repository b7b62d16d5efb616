"""Activity of variants in two replicates, one panel for each pair."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import BLACK, BLUE, new_figure, no_data_figure, plain, say_no_data, styled
from kcalseq.wording import count, number

MOST_PAIRS = 12
_COLUMNS = 3


@styled
def draw(
    variant_log_ratio: pd.DataFrame,
    replicate_agreement: pd.DataFrame,
    value: str = "log2_ratio",
    words: str = "log2 RNA per DNA",
) -> Figure:
    """Draw the log ratios of each two replicates of a condition against each other.

    Args:
        variant_log_ratio: table of that name, of one library, or another one of variants in replicates.
        replicate_agreement: likewise; the first twelve pairs are drawn.
        value: column to draw.
        words: what it is, with its unit.
    """
    if replicate_agreement.empty:
        return no_data_figure("each condition has one replicate, so nothing tells how well replicates agree")
    pairs = replicate_agreement.head(MOST_PAIRS).to_dict("records")
    n_columns = min(_COLUMNS, len(pairs))
    n_rows = -(-len(pairs) // n_columns)
    figure = new_figure(2.7 * n_rows)
    panels = figure.subplots(n_rows, max(2, n_columns), squeeze=False).ravel()
    ratios = variant_log_ratio.pivot(index="variant", columns=["condition", "replicate"], values=value)
    for panel in panels[len(pairs) :]:
        panel.set_axis_off()
    for panel, pair in zip(panels, pairs, strict=False):
        names = [(pair["condition"], pair[which]) for which in ("replicate", "other_replicate")]
        panel.set_title(plain(str(pair["condition"]), 24))
        _draw_pair(panel, ratios[names].dropna(), pair, words)
    return figure


def _draw_pair(axes: Axes, both: pd.DataFrame, pair: Mapping[Any, Any], words: str) -> None:
    if both.empty:
        say_no_data(axes, "no variant was measured in both")
        return
    x, y = both.to_numpy().T
    points = axes.scatter(x, y, s=6, color=BLUE, alpha=0.4, linewidths=0, rasterized=len(both) > 2000)
    name_items(points, both.index)
    ends = np.array([both.to_numpy().min(), both.to_numpy().max()])
    axes.plot(ends, ends, color=BLACK, linewidth=0.8, linestyle="--")
    axes.set_xlabel(f"{words}, replicate {plain(str(pair['replicate']), 12)}")
    axes.set_ylabel(f"replicate {plain(str(pair['other_replicate']), 12)}")
    told = f"{count(len(both))} variants\nPearson {_shown(pair['pearson'])}\nSpearman {_shown(pair['spearman'])}"
    axes.text(0.03, 0.97, told, transform=axes.transAxes, va="top", fontsize=7)


def _shown(value: float) -> str:
    return number(value, 3)
