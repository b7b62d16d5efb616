"""How much activity changes where the promoter is mutated, and into which base."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from kcalseq.dna import ALPHABET
from kcalseq.figures.putative_sites import SIGNIFICANT, sites_to_mark, why_no_footprint
from kcalseq.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    VERMILION,
    mark_sites,
    new_figure,
    no_data_figure,
    plain,
    position_axis,
    styled,
)

_UNITS = {"bin": "sort bins", "log2": "log2 RNA/DNA"}


@styled
def draw(
    footprint: pd.DataFrame, shifts: pd.DataFrame, sites: pd.DataFrame, check: pd.DataFrame, first_position: int | None
) -> Figure:
    """Draw the shift of each position as bars, and of each base as a heat map below, for each condition.

    Args:
        footprint: table ``promoter_footprint`` of one library.
        shifts: its table ``base_shift``.
        sites: its table ``putative_sites``.
        check: its table ``footprint_check``, which says why there is no footprint.
        first_position: number of the variant's first base relative to the transcription start, if known.
    """
    if footprint.empty:
        return no_data_figure(why_no_footprint(check))
    groups = list(footprint.groupby("condition"))
    figure = new_figure(0.4 + 2.9 * len(groups))
    panels = figure.subplots(2 * len(groups), 1, squeeze=False, sharex=True, height_ratios=[2, 1] * len(groups))[:, 0]
    for number, (condition, rows) in enumerate(groups):
        bars, heat = panels[2 * number], panels[2 * number + 1]
        own = shifts[shifts["condition"] == condition]
        offset = position_axis(heat, first_position)
        _draw_bars(bars, rows, str(condition), offset)
        mark_sites(bars, sites_to_mark(sites, str(condition)), offset)
        image = _draw_bases(heat, rows, own, offset)
        unit = _UNITS[str(rows["unit"].iloc[0])]
        bars.set_ylabel(f"expression shift\n({unit})")
        figure.colorbar(image, ax=[bars, heat], label=f"shift of a base ({unit})", shrink=0.7, pad=0.01)
    return figure


def _draw_bars(axes: Axes, rows: pd.DataFrame, condition: str, offset: int) -> None:
    positions, shift = rows["position"].to_numpy() + offset, rows["shift"].fillna(0.0).to_numpy()
    significant = (rows["q_value"] <= SIGNIFICANT).to_numpy()
    direction = np.where(shift < 0, BLUE, VERMILION)
    axes.bar(positions, shift, width=0.85, color=list(np.where(significant, direction, LIGHT_GREY)))
    error = rows["shift_se"].fillna(0.0).to_numpy()
    axes.errorbar(positions, shift, yerr=error, fmt="none", ecolor=BLACK, elinewidth=0.5)
    axes.axhline(0, color=BLACK, linewidth=0.7)
    axes.set_xlim(positions.min() - 1, positions.max() + 1)
    lowest, highest = axes.get_ylim()
    axes.set_ylim(lowest - 0.15 * (highest - lowest), highest)  # room for the words
    words = f"condition {plain(condition)}; coloured: q at most {SIGNIFICANT:g}; bars: 1 standard error"
    axes.text(0.995, 0.03, words, transform=axes.transAxes, ha="right", va="bottom", fontsize=7, color=GREY)


def _draw_bases(axes: Axes, rows: pd.DataFrame, shifts: pd.DataFrame, offset: int) -> AxesImage:
    """A heat map, blue where a base lowers activity; a dot marks the most common base, white what was not seen."""
    length = len(rows)
    grid = np.full((len(ALPHABET), length), np.nan)
    grid[[ALPHABET.index(base) for base in shifts["base"]], shifts["position"].to_numpy()] = shifts["shift"].to_numpy()
    # A few bases seen in one variant alone must not set the scale.
    largest = float(np.nanquantile(np.abs(grid), 0.98)) if np.isfinite(grid).any() else 1.0
    edges = (offset - 0.5, offset + length - 0.5, len(ALPHABET) - 0.5, -0.5)
    image = axes.imshow(grid, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto", extent=edges)
    common = [ALPHABET.index(base) for base in rows["common_base"]]
    axes.scatter(rows["position"].to_numpy() + offset, common, s=2, color=GREY)
    axes.set_yticks(range(len(ALPHABET)), list(ALPHABET))
    return image
