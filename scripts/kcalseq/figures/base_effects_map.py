"""Effects of single changes along the sequence: a letter for each base, in rows as text is broken into lines."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.absence import left_out, told_fates
from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import (
    BASE_COLOURS,
    BLACK,
    GREY,
    LIGHT_GREY,
    PURPLE,
    new_figure,
    no_data_figure,
    plain,
    position_axis,
    styled,
)

# Letters of more positions would run into each other.
_MOST_IN_ROW = 100
# More rows would be too low to read; the table has all.
_MOST_ROWS = 12
_SURE = 0.05
_DELETED = "-"
# The mark of a base, its colour, and how far beside its position it stands, so that intervals stay apart.
_MARKS = {base: (f"${base}$", colour) for base, colour in BASE_COLOURS.items()} | {_DELETED: ("x", PURPLE)}
_STEP = 0.17
_ROW_INCHES = 1.75


@styled
def draw(effects: pd.DataFrame, first_position: int | None) -> Figure:
    """Draw effects by position, in as many rows as the sequence needs, for each condition and reference.

    Args:
        effects: table ``base_effects`` of one library; rows without effect are not drawn.
        first_position: number of the variant's first base relative to the transcription start, if known.
    """
    if not effects["effect"].notna().any():
        fates = told_fates(effects["fate"])
        return no_data_figure(f"no effect of a single base ({fates or 'no variant has a change'})")
    rows = [
        (name, part)
        for name, own in effects.groupby(["condition", "reference"])
        if own["effect"].notna().any()
        for part in _lines(own)
    ]
    shown = rows[:_MOST_ROWS]
    figure = new_figure(0.6 + _ROW_INCHES * len(shown))
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    width = max(int(np.ptp(part["position"])) for _, part in shown) + 2
    before = None
    for panel, (name, part) in zip(panels, shown, strict=True):
        offset = position_axis(panel, first_position)
        # What is no end of its sequence needs no name of the axis.
        own = effects[(effects["condition"] == name[0]) & (effects["reference"] == name[1])]
        if part["position"].max() < own.loc[own["effect"].notna(), "position"].max():
            panel.set_xlabel("")
        _draw_row(panel, part, own, offset, width)
        if name != before:
            condition, reference = map(str, name)
            panel.set_title(f"{plain(reference)}, condition {plain(condition)}")
            _tell(panel, own)
        before = name
    cut = [f"the first {len(shown)} of {len(rows)} rows; the table has all"]
    untold = [*(cut if len(rows) > len(shown) else []), *left_out(effects, ["reference", "condition"])]
    if untold:
        figure.suptitle("\n".join(untold), fontsize=7)
    return figure


def _lines(effects: pd.DataFrame) -> list[pd.DataFrame]:
    """Parts of nearly the same number of positions, from the first to the last that has an effect."""
    told = effects.loc[effects["effect"].notna(), "position"]
    first, last = int(told.min()), int(told.max())
    n_lines = -(-(last - first + 1) // _MOST_IN_ROW)
    edges = np.linspace(first, last + 1, n_lines + 1).round().astype(int)
    parts = [effects[effects["position"].between(low, high - 1)] for low, high in pairwise(edges)]
    return [part for part in parts if len(part)]


def _draw_row(axes: Axes, rows: pd.DataFrame, whole: pd.DataFrame, offset: int, width: int) -> None:
    lowest, highest = _range(whole)
    axes.axhline(0, color=BLACK, linewidth=0.6)
    for number, (base, (mark, colour)) in enumerate(_MARKS.items()):
        own = rows[(rows["base"] == base) & rows["effect"].notna()]
        told = own["position"].to_numpy(dtype=float) + offset
        place, effect = told + (number - 2) * _STEP, own["effect"].to_numpy()
        names = np.array([f"{old} to {base}" for old in own["reference_base"]], dtype=object)
        reach = np.nan_to_num(np.stack([effect - own["lower"].to_numpy(), own["upper"].to_numpy() - effect]))
        bars = axes.errorbar(place, effect, yerr=reach, fmt="none", ecolor=LIGHT_GREY, elinewidth=0.7, zorder=1)
        name_items(bars, names, x=told, x_end=told)
        sure = (own["q"] < _SURE).to_numpy()
        style = {"linewidth": 0.8, "s": 8} if base == _DELETED else {"linewidth": 0, "s": 15}
        for chosen, alpha in ((~sure, 0.35), (sure, 1.0)):
            letters = axes.scatter(
                place[chosen], effect[chosen], marker=mark, color=colour, alpha=alpha, zorder=2, **style
            )
            letters.set_label("base missing" if base == _DELETED else base)
            name_items(letters, names[chosen], x=told[chosen])
    span = highest - lowest
    known = rows.drop_duplicates("position").dropna(subset="reference_base")
    for position, letter in zip(known["position"], known["reference_base"], strict=True):
        colour = BASE_COLOURS[letter]
        axes.text(position + offset, lowest, letter, ha="center", va="bottom", fontsize=5, color=colour)
    axes.set_ylim(lowest - 0.02 * span, highest + 0.12 * span)
    start = int(rows["position"].min()) + offset
    axes.set_xlim(start - 1, start - 1 + width)
    axes.set_ylabel("effect (log2)")


def _range(effects: pd.DataFrame) -> tuple[float, float]:
    """Ends of the axis of effects, the same in all rows; wide intervals of a few bases do not set it."""
    shown = effects[effects["effect"].notna()]
    low = min(0.0, float(shown["effect"].min()), float(shown["lower"].quantile(0.02)))
    high = max(0.0, float(shown["effect"].max()), float(shown["upper"].quantile(0.98)))
    span = max(high - low, 1e-9)
    return low - 0.14 * span, high + 0.04 * span


def _tell(axes: Axes, rows: pd.DataFrame) -> None:
    deleted = "; x: base missing" if (rows["effect"].notna() & (rows["base"] == _DELETED)).any() else ""
    level = f"{100 * rows['confidence'].iloc[0]:g} % intervals; pale: q of {_SURE:g} or more{deleted}"
    words = f"{level}; below: the reference"
    axes.text(0.995, 0.98, words, transform=axes.transAxes, ha="right", va="top", fontsize=7, color=GREY)
