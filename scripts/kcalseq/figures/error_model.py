"""How far replicates differ, beside what the error model predicts, and what the predicted variance is made of."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.style import (
    BLACK,
    GREY,
    LIGHT_GREY,
    SERIES,
    SKY,
    new_figure,
    no_data_figure,
    plain,
    say_no_data,
    styled,
)

_SHARES = (("counting_share", GREY), ("multiplicative_share", SKY), ("additive_share", SERIES[1]))
# More pairs of replicates would hide each other; the table has all.
_MOST_PAIRS = 6
_REASONS = {
    "one_replicate": "one replicate does not tell what differs between replicates",
    "few_variants": "fewer than ten variants were measured in two replicates",
    "nothing_shared": "no variant was measured in two replicates",
}


@styled
def draw(terms: pd.DataFrame, bins: pd.DataFrame) -> Figure:
    """Draw one row of two panels for each condition.

    Args:
        terms: table ``error_model`` of one library.
        bins: table ``error_model_bins`` of the library.
    """
    if bins.empty:
        return no_data_figure(_why_nothing(terms))
    conditions = list(terms.groupby("condition"))
    figure = new_figure(0.3 + 2.6 * len(conditions))
    rows = figure.subplots(len(conditions), 2, squeeze=False, width_ratios=[3, 2])
    for (left, right), (condition, own) in zip(rows, conditions, strict=True):
        left.set_title(plain(str(condition)))
        compared = bins[bins["condition"] == condition]
        if compared.empty:
            say_no_data(left, _why_nothing(own))
            right.set_axis_off()
            continue
        _draw_scatter(left, compared)
        _draw_shares(right, own)
    return figure


def _why_nothing(terms: pd.DataFrame) -> str:
    """In the words of the terms' fates; of several reasons each once."""
    reasons = sorted({_REASONS[fate] for fate in terms["fate"] if fate in _REASONS})
    return ";\n".join(reasons) or "no two replicates were compared"


def _draw_scatter(axes: Axes, bins: pd.DataFrame) -> None:
    most = 1.05 * float(np.nanmax(bins[["predicted_sd", "observed_sd"]].to_numpy()))
    axes.plot([0, most], [0, most], color=BLACK, linewidth=0.8, linestyle="--", label="as predicted")
    pairs = list(bins.groupby(["replicate", "other_replicate"]))
    for ((one, other), own), colour in zip(pairs[:_MOST_PAIRS], SERIES, strict=False):
        name = f"{plain(str(one), 12)} and {plain(str(other), 12)}"
        axes.plot(own["predicted_sd"], own["observed_sd"], "o-", color=colour, markersize=3, linewidth=0.8, label=name)
    own = pairs[0][1]
    axes.plot(
        own["predicted_sd"], own["counting_sd"], color=LIGHT_GREY, linewidth=1.5, label="counting alone, first pair"
    )
    axes.set_xlim(0, most)
    axes.set_ylim(0, most)
    axes.set_xlabel("predicted difference of two replicates (log2)")
    axes.set_ylabel("observed difference (log2)")
    axes.legend(fontsize=7, loc="upper left")


def _draw_shares(axes: Axes, terms: pd.DataFrame) -> None:
    wide = terms.pivot(index="replicate", columns="term", values="value")
    place, start = np.arange(len(wide)), np.zeros(len(wide))
    for name, colour in _SHARES:
        share = wide[name].to_numpy(dtype=float)
        axes.barh(place, share, left=start, height=0.6, color=colour, label=name.removesuffix("_share"))
        start = start + share
    axes.set_yticks(place, [plain(str(name), 12) for name in wide.index])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the predicted variance")
    axes.set_ylabel("replicate")
    axes.legend(fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=0.8, handlelength=1)
