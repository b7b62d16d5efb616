"""Bars of the fates of reads add up to the reads, whatever the runs are called."""

from typing import Any

import pandas as pd
from matplotlib.patches import Rectangle

from kcalseq.figures import read_fates as read_fates_figure
from kcalseq.figures.read_fates import draw as draw_read_fates
from kcalseq.figures.style import plain, save

from .drawing import words


def test_bars_of_fates_add_up_to_the_reads(read_fates: pd.DataFrame) -> None:
    figure = draw_read_fates(read_fates)
    bars = [patch for axes in figure.axes for patch in axes.patches if isinstance(patch, Rectangle)]
    assert sum(bar.get_width() for bar in bars) == read_fates["n_reads"].sum() == 3000
    assert "970 (97.00 %)" in words(figure)


def test_fates_tell_the_part_at_fault_and_the_reasons_that_never_applied(read_fates: pd.DataFrame) -> None:
    shown = words(draw_read_fates(read_fates))
    for name in ("part not found: left_flank", "part not found: right_flank", "low quality: variant"):
        assert name in shown
    assert (
        "Dropped no read: mates disagree, not in name, unknown sample code, wrong length, not in pattern, has n"
        in shown
    )
    counts, _ = read_fates_figure.count_reasons(read_fates)
    assert counts.index[0] == "kept"
    assert counts.to_numpy().sum() == read_fates["n_reads"].sum()


def test_hostile_names_are_drawn_as_they_are(read_fates: pd.DataFrame, tmp_path: Any) -> None:
    hostile = "<script>alert('$x^{$')</script>" + "y" * 200
    figure = draw_read_fates(read_fates.assign(run=hostile).drop_duplicates(["run", "reason"]))
    save(figure, tmp_path / "fates")
    assert "<script>" not in (tmp_path / "fates.svg").read_text(encoding="utf-8")
    assert plain(hostile, 30).replace(r"\$", "$").startswith("<script>alert('$x^{$')")


def test_runs_with_names_alike_keep_bars_of_their_own(read_fates: pd.DataFrame) -> None:
    alike = read_fates.assign(run="a_run_with_a_very_long_name_of_its_own_" + read_fates["run"])
    kept = draw_read_fates(alike).axes[0]
    rows = [patch.get_y() for patch in kept.patches if isinstance(patch, Rectangle)]
    assert len(set(rows)) == len({tick.get_text() for tick in kept.get_yticklabels()}) == 2


def test_more_runs_than_colours_are_told_by_name(read_fates: pd.DataFrame) -> None:
    one = read_fates[read_fates["run"] == "run_1"]
    shown = words(draw_read_fates(pd.concat([one.assign(run=f"lane_{lane}") for lane in range(9)])))
    assert "lane_8: 5 (0.50 %)" in shown
