"""How many reads of each run were kept, and why the others were dropped."""

from collections.abc import Iterable
from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from kcalseq.figures.sourcetable import name_items
from kcalseq.figures.style import GREEN, SERIES, new_figure, no_data_figure, plain_ends, say_no_data, styled
from kcalseq.tables import READ_FATES

_LINE = 110  # characters of small print across the figure


@styled
def draw(read_fates: pd.DataFrame) -> Figure:
    """Draw one bar a run for the kept reads and, on an axis of their own, one bar a run and reason for the dropped.

    Dropped reads have their own axis because beside 97 % kept they would be invisible. A reason tells the part of the
    layout at fault, where one is; reasons that apply to no read are named below.

    Args:
        read_fates: table ``read_fates``, any number of runs.
    """
    totals = read_fates.groupby("run")["n_reads"].sum()
    if totals.sum() == 0:
        return no_data_figure("no reads")
    counts, unused = count_reasons(read_fates)
    n_bars = len(totals) * max(1, len(counts) - 1)
    kept_inches, dropped_inches = 0.6 + 0.24 * len(totals), 1.1 + 0.05 * len(counts) + 0.17 * n_bars
    figure = new_figure(kept_inches + dropped_inches)
    grid = figure.add_gridspec(2, 1, height_ratios=[kept_inches, dropped_inches])
    _draw_kept(figure.add_subplot(grid[0]), counts, totals)
    axes = figure.add_subplot(grid[1])
    _draw_dropped(axes, counts.drop(index="kept", errors="ignore"), totals)
    words = fill(f"Dropped no read: {', '.join(unused)}", _LINE) if unused else ""
    if axes.get_legend_handles_labels()[0] and 1 < len(totals) <= len(SERIES):
        shown = figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        shown.set_title(words, prop=FontProperties(size=7))
    else:
        figure.supxlabel(words, fontsize=7)
    return figure


def count_reasons(read_fates: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Reads by reason and run, and the reasons that apply to no read.

    Args:
        read_fates: table ``read_fates``, any number of runs.

    Returns:
        Numbers of reads, rows by reason with the part at fault (``part not found: left_flank``) in the order in which
        a read is tried, ``kept`` first; and the reasons left out.
    """
    parts = read_fates["part"].astype(object)
    names = read_fates["reason"].str.replace("_", " ").where(parts.isna(), lambda of: of + ": " + parts.fillna(""))
    rows = read_fates.assign(name=[plain_ends(name, 34) for name in names])
    rows["place"] = rows["reason"].map({reason: place for place, reason in enumerate(READ_FATES)})
    counts = rows.pivot_table(index=["place", "name"], columns="run", values="n_reads", aggfunc="sum", fill_value=0)
    is_used = (counts.sum(axis="columns") > 0) | (counts.index.get_level_values("place") == 0)
    used = counts[is_used].index.get_level_values("place")
    unused = [reason.replace("_", " ") for place, reason in enumerate(READ_FATES) if place and place not in used]
    return counts[is_used].droplevel("place"), unused


def _draw_kept(axes: Axes, counts: pd.DataFrame, totals: pd.Series) -> None:
    kept: pd.Series = counts.T["kept"] if "kept" in counts.index else totals * 0
    bars = axes.barh(range(len(kept)), kept.to_numpy(), color=GREEN, height=0.7)
    name_items(bars, kept.index)
    axes.set_yticks(range(len(kept)), [plain_ends(str(run), 30) for run in kept.index])
    axes.bar_label(bars, _count_texts(kept, totals), padding=3, fontsize=7)
    axes.invert_yaxis()
    axes.set(title="Kept", xlabel="reads", xlim=(0, 1.3 * max(1, int(totals.max()))))
    axes.xaxis.set_major_formatter("{x:,.0f}")


def _draw_dropped(axes: Axes, counts: pd.DataFrame, totals: pd.Series) -> None:
    if counts.to_numpy().sum() == 0:
        say_no_data(axes, "no read was dropped")
        return
    height = 0.84 / len(totals)
    told_by_colour = 1 < len(totals) <= len(SERIES)
    for place, run in enumerate(totals.index):
        rows = [row - 0.42 + (place + 0.5) * height for row in range(len(counts))]
        colour, name = SERIES[place] if told_by_colour else SERIES[0], plain_ends(str(run), 24)
        bars = axes.barh(rows, counts[run].to_numpy(), height=height * 0.9, color=colour, label=name)
        name_items(bars, counts.index)
        texts = _count_texts(counts[run], [totals[run]] * len(counts))
        if len(totals) > len(SERIES):  # more runs than colours: each bar says whose it is
            texts = [f"{name}: {text}" for text in texts]
        axes.bar_label(bars, texts, padding=3, fontsize=6.5)
    axes.set_yticks(range(len(counts)), list(counts.index))
    axes.set_ylim(len(counts) - 0.45, -0.55)
    axes.set(title="Dropped, by reason", xlabel="reads (per cent of the run's reads)")
    axes.set_xlim(0, (1.6 if len(totals) > len(SERIES) else 1.3) * counts.to_numpy().max())
    axes.xaxis.set_major_formatter("{x:,.0f}")


def _count_texts(counts: Iterable[int], totals: Iterable[int]) -> list[str]:
    return [
        f"{n:,} ({n / total:.2%})".replace("%", " %") if total else "no reads"
        for n, total in zip(counts, totals, strict=True)
    ]
