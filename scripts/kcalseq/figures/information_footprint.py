"""Where along the variant a base says something about the sort bin."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.style import (
    BLACK,
    GREY,
    information_axis,
    mark_sites,
    new_figure,
    no_data_figure,
    plain,
    position_axis,
    styled,
)


@styled
def draw(footprint: pd.DataFrame, first_position: int | None, sites: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw information by position, one panel for each condition and replicate.

    Args:
        footprint: table ``information_footprint`` of one library.
        first_position: number of the variant's first base relative to the transcription start, if known.
        sites: ``name``, 0-based ``start`` and ``length`` of each known site; may be empty.
    """
    if footprint.empty:
        return no_data_figure("no positions in the information footprint")
    groups = list(footprint.groupby(["condition", "replicate"]))
    figure = new_figure(0.4 + 1.9 * len(groups))
    panels = figure.subplots(len(groups), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    for panel, ((condition, replicate), rows) in zip(panels, groups, strict=True):
        name = f"condition {plain(str(condition))}, replicate {plain(str(replicate))}"
        _draw_panel(panel, rows, name, first_position, sites)
    return figure


def _draw_panel(
    axes: Axes, rows: pd.DataFrame, name: str, first_position: int | None, sites: Sequence[Mapping[str, Any]]
) -> None:
    offset = position_axis(axes, first_position)
    positions = rows["position"].to_numpy() + offset
    axes.bar(positions, rows["information"].to_numpy(), width=0.85, color=GREY)
    axes.errorbar(
        positions,
        rows["information"].to_numpy(),
        yerr=rows["information_se"].to_numpy(),
        fmt="none",
        ecolor=BLACK,
        elinewidth=0.7,
    )
    mark_sites(axes, sites, offset)
    information_axis(axes, positions, f"{name}; bars: 1 standard error")
