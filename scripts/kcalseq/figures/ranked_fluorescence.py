"""Mean log fluorescence of every variant by its rank, with the gates that the cells were sorted by."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.confidence import level_words
from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import (
    BLUE,
    GREY,
    LIGHT_GREY,
    VERMILION,
    new_figure,
    no_data_figure,
    plain,
    say_no_data,
    styled,
)
from kcalseq.wording import count

_MANY = 2000
_NOTHING = "of no variant a mean or a bound is known; table fluorescence_drops counts why"


@styled
def draw(combined_fluorescence: pd.DataFrame, gates: Sequence[tuple[str, float]]) -> Figure:
    """Draw the variants of each condition from the dimmest to the brightest, with intervals and bounds.

    Args:
        combined_fluorescence: table of that name, of one library.
        gates: condition and log10 fluorescence of each gate.
    """
    if combined_fluorescence.empty:
        return no_data_figure(_NOTHING)
    conditions = list(combined_fluorescence.groupby("condition"))
    figure = new_figure(0.2 + 2.6 * len(conditions))
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for panel, (condition, rows) in zip(panels, conditions, strict=True):
        panel.set_title(plain(str(condition)))
        _draw_ranks(panel, rows, sorted({gate for name, gate in gates if name == condition}))
    [panel for panel in panels if panel.axison or panel is panels[-1]][-1].set_xlabel(
        "rank of the variant by mean fluorescence"
    )
    return figure


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Variants of one condition of which a mean or a bound is known, by rank from 1: means and bounds in one order."""
    told = rows.assign(place=rows["mean_log10"].fillna(rows["lower"]).fillna(rows["upper"])).dropna(subset=["place"])
    ordered = told.sort_values(["place", "variant"], ignore_index=True)
    return ordered.assign(rank=range(1, len(ordered) + 1))


def _draw_ranks(axes: Axes, rows: pd.DataFrame, gates: Sequence[float]) -> None:
    shown = ranked(rows)
    if shown.empty:
        say_no_data(axes, _NOTHING)
        return
    many = len(shown) > _MANY
    measured = shown[shown["mean_log10"].notna()]
    known = measured.dropna(subset=["lower"])
    if len(known):
        level = level_words(float(known["confidence"].iloc[0]))
        strokes = axes.vlines(
            known["rank"],
            known["lower"],
            known["upper"],
            color=LIGHT_GREY,
            linewidth=0.8,
            rasterized=many,
            label=f"{level} interval",
        )
        name_items(strokes, known["variant"])
    points = axes.scatter(
        measured["rank"],
        measured["mean_log10"],
        s=4,
        color=BLUE,
        linewidths=0,
        zorder=3,
        rasterized=many,
        label=f"variants: {count(len(measured))}",
    )
    name_items(points, measured["variant"])
    bounded = shown[shown["mean_log10"].isna()]
    for end, marker, words in (("upper", "v", "below this"), ("lower", "^", "above this")):
        own = bounded.dropna(subset=[end])
        if len(own):
            label = f"{words}: {count(len(own))}"
            marks = axes.scatter(own["rank"], own[end], s=12, marker=marker, color=VERMILION, linewidths=0, label=label)
            name_items(marks, own["variant"])
    for gate in gates:
        axes.axhline(gate, color=GREY, linewidth=0.5, linestyle="--", zorder=0)
    means = measured["mean_log10"].to_numpy()
    ends = np.concatenate([means, np.asarray(gates, dtype=float), bounded["place"].to_numpy()])
    margin = 0.1 * float(np.ptp(ends)) + 0.1
    axes.set_ylim(float(ends.min()) - margin, float(ends.max()) + margin)
    axes.set_ylabel("mean log10 fluorescence")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
