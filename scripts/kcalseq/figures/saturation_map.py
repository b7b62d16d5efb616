"""Effects of single bases along the sequence, each drawn as the letter of the new base."""

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
    new_figure,
    no_data_figure,
    plain,
    position_axis,
    styled,
)
from kcalseq.wording import count

# More panels would be too low to read; the table has all.
_MOST_PANELS = 8
_SURE = 0.05
# Of more, each a mark of its own, a file of vectors would be megabytes.
_MOST_VECTORS = 500


@styled
def draw(effects: pd.DataFrame, first_position: int | None) -> Figure:
    """Draw effects by position, one panel for each condition and reference.

    Args:
        effects: table ``variant_effects`` of one library; rows without position or effect are not drawn.
        first_position: number of the variant's first base relative to the transcription start, if known.
    """
    single = effects[effects["position"].notna()]
    shown = single[single["effect"].notna()]
    if shown.empty:
        return no_data_figure(_why_nothing(effects, single))
    groups = list(shown.groupby(["condition", "reference"]))
    figure = new_figure(0.5 + 1.9 * min(len(groups), _MOST_PANELS))
    panels = figure.subplots(min(len(groups), _MOST_PANELS), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    for panel, ((condition, reference), rows) in zip(panels, groups, strict=False):
        _draw_panel(panel, rows, f"{plain(str(reference))}, condition {plain(str(condition))}", first_position)
    for panel in panels[:-1]:
        panel.set_xlabel("")
    cut = [f"the first {len(panels)} of {len(groups)} references; the table has all"]
    untold = [*(cut if len(groups) > len(panels) else []), *left_out(single, ["reference", "condition"])]
    if untold:
        figure.suptitle("\n".join(untold), fontsize=7)
    return figure


def _why_nothing(effects: pd.DataFrame, single: pd.DataFrame) -> str:
    if effects.empty:
        return "no variant is compared with another one"
    if single.empty:
        return f"of {count(len(effects))} comparisons none is of variants that differ in one base alone"
    return f"no measured effect of a single base ({told_fates(single['fate'])})"


def _draw_panel(axes: Axes, rows: pd.DataFrame, name: str, first_position: int | None) -> None:
    positions = rows["position"].to_numpy(dtype=float) + position_axis(axes, first_position)
    effect = rows["effect"].to_numpy()
    reach = np.stack([effect - rows["lower"].to_numpy(), rows["upper"].to_numpy() - effect])
    axes.axhline(0, color=BLACK, linewidth=0.7)
    many = len(rows) > _MOST_VECTORS
    axes.errorbar(
        positions, effect, yerr=reach, fmt="none", ecolor=LIGHT_GREY, elinewidth=0.8, zorder=1, rasterized=many
    )
    for base, colour in BASE_COLOURS.items():
        own = (rows["base"] == base).to_numpy()
        sure = own & (rows["q"] < _SURE).to_numpy()
        for chosen, alpha in ((own & ~sure, 0.35), (sure, 1.0)):
            letters = axes.scatter(
                positions[chosen],
                effect[chosen],
                marker=f"${base}$",
                s=26,
                color=colour,
                alpha=alpha,
                linewidth=0,
                rasterized=many,
            )
            letters.set_label(base)
            name_items(letters, rows["variant"][chosen])
    axes.set_ylabel("effect (log2)")
    axes.set_xlim(positions.min() - 1.5, positions.max() + 1.5)
    axes.set_title(name)
    level = f"{100 * rows['confidence'].iloc[0]:g} % intervals; pale letters: q of {_SURE:g} or more"
    axes.text(0.995, 0.97, level, transform=axes.transAxes, ha="right", va="top", fontsize=7, color=GREY)
