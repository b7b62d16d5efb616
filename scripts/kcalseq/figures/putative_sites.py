"""Where the base at a position tells about activity beyond chance, with the binding sites that were called."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.style import (
    BLUE,
    LIGHT_GREY,
    information_axis,
    mark_sites,
    new_figure,
    no_data_figure,
    plain,
    position_axis,
    styled,
)
from kcalseq.tables import FOOTPRINT_CALLS

SIGNIFICANT = 0.05


def sites_to_mark(sites: pd.DataFrame, condition: str) -> list[dict[str, Any]]:
    """The sites called in a condition as ``style.mark_sites`` takes them, 5' to 3'.

    Args:
        sites: table ``putative_sites`` of one library.
        condition: its name.
    """
    own = sites[sites["condition"] == condition].sort_values("start")
    return [{"name": row.site, "start": row.start, "length": row.length} for row in own.itertuples()]


def why_no_footprint(check: pd.DataFrame) -> str:
    """Why a library shows no footprint, in words.

    Args:
        check: table ``footprint_check`` of the library.
    """
    reasons = [FOOTPRINT_CALLS[call] for call in check["call"] if call != "random"]
    return "; ".join(reasons) or "no condition has two variants in bins, or in DNA and RNA"


@styled
def draw(footprint: pd.DataFrame, sites: pd.DataFrame, check: pd.DataFrame, first_position: int | None) -> Figure:
    """Draw information by position, significant positions in colour, one panel a condition.

    Args:
        footprint: table ``promoter_footprint`` of one library.
        sites: its table ``putative_sites``.
        check: its table ``footprint_check``, which says why there is no footprint.
        first_position: number of the variant's first base relative to the transcription start, if known.
    """
    if footprint.empty:
        return no_data_figure(why_no_footprint(check))
    groups = list(footprint.groupby("condition"))
    figure = new_figure(0.4 + 1.9 * len(groups))
    panels = figure.subplots(len(groups), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    for panel, (condition, rows) in zip(panels, groups, strict=True):
        _draw_panel(panel, rows, sites_to_mark(sites, str(condition)), str(condition), first_position)
    return figure


def _draw_panel(
    axes: Axes, rows: pd.DataFrame, sites: Sequence[Mapping[str, Any]], condition: str, first_position: int | None
) -> None:
    offset = position_axis(axes, first_position)
    positions = rows["position"].to_numpy() + offset
    significant = (rows["information_q_value"] <= SIGNIFICANT).to_numpy()
    colours = [BLUE if one else LIGHT_GREY for one in significant]
    axes.bar(positions, rows["information"].to_numpy(), width=0.85, color=colours)
    mark_sites(axes, sites, offset)
    words = f"condition {plain(condition)}; blue: q at most {SIGNIFICANT:g} by permutation"
    information_axis(axes, positions, words)
