"""What error correction made of the reads of each sample: counted on the left, not counted on the right."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import (
    GREEN,
    ORANGE,
    SKY,
    VERMILION,
    new_figure,
    no_data_figure,
    plain_ends,
    say_no_data,
    styled,
)
from kcalseq.wording import count, share

_COUNTED = (("exact", GREEN), ("corrected", SKY))
_NOT_COUNTED = (("ambiguous", ORANGE), ("unknown", VERMILION))


@styled
def draw(count_fates: pd.DataFrame) -> Figure:
    """Draw a stacked bar a sample for the reads counted and one, on an axis of its own, for the others.

    Args:
        count_fates: table ``count_fates`` of one library.
    """
    if count_fates["n_reads"].sum() == 0:
        return no_data_figure("no kept reads")
    counts = count_fates.pivot_table(index="sample", columns="fate", values="n_reads", aggfunc="sum", fill_value=0)
    counts = counts.reindex(columns=[fate for fate, _ in (*_COUNTED, *_NOT_COUNTED)], fill_value=0)
    figure = new_figure(1.4 + 0.3 * len(counts))
    left, right = figure.subplots(1, 2, sharey=True)
    _draw_stack(left, counts, _COUNTED, "Counted")
    _draw_stack(right, counts, _NOT_COUNTED, "Not counted")
    left.set_yticks(range(len(counts)), [plain_ends(str(sample), 26) for sample in counts.index])
    left.set_ylim(len(counts) - 0.5, -0.5)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def _draw_stack(axes: Axes, counts: pd.DataFrame, fates: Sequence[tuple[str, str]], title: str) -> None:
    together = counts[[fate for fate, _ in fates]].sum(axis="columns")
    axes.set_title(title)
    if not together.sum():
        say_no_data(axes, "every read was counted" if title == "Not counted" else "no read was counted")
        return
    so_far = together * 0
    for fate, colour in fates:
        bars = axes.barh(range(len(counts)), counts[fate], left=so_far, color=colour, height=0.7, label=fate)
        name_items(bars, counts.index)
        so_far = so_far + counts[fate]
    texts = [f"{count(n)} ({share(n, all_)})" for n, all_ in zip(together, counts.sum(axis="columns"), strict=True)]
    axes.bar_label(bars, texts, padding=3, fontsize=7)
    axes.set(xlabel="reads (per cent of the sample's kept reads)", xlim=(0, 1.65 * together.max()))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")
