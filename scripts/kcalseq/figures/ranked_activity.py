"""Activity of every variant by its rank, negative controls marked."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.confidence import level_words, normal_reach
from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import BLUE, LIGHT_GREY, VERMILION, new_figure, no_data_figure, plain, say_no_data, styled
from kcalseq.wording import count

_NOTHING = "no variant was measured; table activity_drops counts why"


@styled
def draw(combined_activity: pd.DataFrame, confidence: float) -> Figure:
    """Draw the variants of each condition from the least active to the most, with intervals.

    Args:
        combined_activity: table of that name, of one library.
        confidence: level of the intervals.
    """
    if not combined_activity["log2_ratio"].notna().any():
        return no_data_figure(_NOTHING)
    conditions = list(combined_activity.groupby("condition"))
    figure = new_figure(0.2 + 2.4 * len(conditions))
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for panel, (condition, rows) in zip(panels, conditions, strict=True):
        measured = rows.dropna(subset=["log2_ratio"])
        panel.set_title(f"{plain(str(condition))}: {count(len(measured))} variants")
        if len(measured):
            _draw_ranks(panel, measured, confidence)
        else:
            say_no_data(panel, _NOTHING)
    [panel for panel in panels if panel.axison][-1].set_xlabel("rank of the variant by activity")
    return figure


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Variants of one condition from the least active to the most, with their rank from 1."""
    ordered = rows.sort_values(["log2_ratio", "variant"], ignore_index=True)
    return ordered.assign(rank=range(1, len(ordered) + 1))


def _draw_ranks(axes: Axes, rows: pd.DataFrame, confidence: float) -> None:
    shown, width = ranked(rows), normal_reach(confidence)
    known = shown.dropna(subset=["log2_ratio_se"])
    if len(known):
        half = width * known["log2_ratio_se"]
        strokes = axes.vlines(
            known["rank"],
            known["log2_ratio"] - half,
            known["log2_ratio"] + half,
            color=LIGHT_GREY,
            linewidth=0.8,
            rasterized=len(known) > 2000,
            label=f"{level_words(confidence)} interval",
        )
        name_items(strokes, known["variant"])
    controls = shown["is_control"].astype(bool)
    for which, colour, size, name in ((~controls, BLUE, 4, "variants"), (controls, VERMILION, 9, "negative controls")):
        if which.any():
            own = shown[which]
            points = axes.scatter(
                own["rank"],
                own["log2_ratio"],
                s=size,
                color=colour,
                linewidths=0,
                zorder=3,
                rasterized=len(own) > 2000,
                label=f"{name}: {count(len(own))}",
            )
            name_items(points, own["variant"])
    axes.set_ylabel("log2 RNA per DNA")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
