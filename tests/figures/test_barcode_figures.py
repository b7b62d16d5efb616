"""What the figures of barcoded libraries show equals their tables, to the last bar and point."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from kcalseq.figures import barcode_calls, barcodes_per_variant
from kcalseq.figures.count_fates import draw as draw_count_fates
from kcalseq.figures.reads_per_barcode import draw as draw_knee
from kcalseq.figures.saturation import draw as draw_saturation

from .conftest import CALLS
from .drawing import words


def widths(axes: Axes) -> list[float]:
    """Lengths of the horizontal bars of a panel."""
    return [patch.get_width() for patch in axes.patches if isinstance(patch, Rectangle)]


def test_bars_of_calls_are_the_numbers_of_barcodes_and_reads(association_summary: pd.DataFrame) -> None:
    figure = barcode_calls.draw(association_summary)
    left, right = figure.axes
    assert widths(left) == [n_barcodes for n_barcodes, _ in CALLS.values()]
    assert widths(right) == [n_reads for _, n_reads in CALLS.values()]
    shown = words(figure)
    assert "1,400 (86.42 %)" in shown and "0 (0.00 %)" in shown and "two molecules" in shown


def test_knee_holds_every_number_of_reads(reads_per_barcode: pd.DataFrame, association_summary: pd.DataFrame) -> None:
    figure = draw_knee(reads_per_barcode, association_summary)
    ranks, n_reads = figure.axes[0].lines[1].get_data()
    assert list(n_reads) == sorted(reads_per_barcode["n_reads"], reverse=True)
    assert list(np.diff([0, *ranks])) == list(reads_per_barcode["n_barcodes"][::-1])
    shown = words(figure)
    assert "1,620 barcodes" in shown
    assert "least reads used: 3 (1,560 barcodes have them)" in shown
    assert "least reads recommended: 4 (1,555 barcodes have them)" in shown


def test_knee_needs_no_threshold(reads_per_barcode: pd.DataFrame, association_summary: pd.DataFrame) -> None:
    summary = association_summary[~association_summary["quantity"].str.contains("min_reads")]
    assert "least reads" not in words(draw_knee(reads_per_barcode.head(1), summary))


def test_every_variant_is_in_the_histogram(barcode_map: pd.DataFrame, variants: pd.DataFrame) -> None:
    assert list(barcodes_per_variant.barcodes_of_variants(barcode_map, variants)) == list(range(10))
    figure = barcodes_per_variant.draw(barcode_map, variants)
    bars = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert sum(bar.get_height() for bar in bars) == len(variants)
    shown = words(figure)
    assert "without a barcode: 1" in shown and "with barcodes: 9" in shown and "median of all: 4.5" in shown


@pytest.mark.parametrize("most", [60, 61, 1000])
def test_many_barcodes_share_bars(most: int) -> None:
    mapped = pd.DataFrame({"variant": ["v1"] * most + ["v2"]})
    figure = barcodes_per_variant.draw(mapped, pd.DataFrame({"variant": ["v1", "v2", "v3"]}))
    bars = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert sum(bar.get_height() for bar in bars) == 3
    assert len(bars) <= 62
    assert ("in a bar" in words(figure)) == (most > 60)


def test_bars_of_count_fates_add_up_to_the_kept_reads(count_fates: pd.DataFrame) -> None:
    figure = draw_count_fates(count_fates)
    assert sum(widths(figure.axes[0])) == 9700 + 200 + 19000 + 500
    assert sum(widths(figure.axes[1])) == 10 + 90 + 500
    shown = words(figure)
    assert "9,900 (99.00 %)" in shown and "100 (1.00 %)" in shown and "rna_1" in shown


def test_count_fates_of_one_kind_only(count_fates: pd.DataFrame) -> None:
    exact = count_fates["fate"] == "exact"
    assert "every read was counted" in words(draw_count_fates(count_fates[exact & (count_fates["sample"] == "dna_1")]))
    assert "no read was counted" in words(draw_count_fates(count_fates[count_fates["fate"] == "unknown"]))


def test_every_depth_is_a_point_of_a_curve(saturation: pd.DataFrame) -> None:
    figure = draw_saturation(saturation)
    for axes, column in zip(figure.axes, ("n_barcodes", "n_molecules"), strict=True):
        for kind, projected in (("-", False), ("--", True)):
            drawn = {
                (x, y)
                for line in axes.lines
                if line.get_linestyle() == kind
                for x, y in zip(*line.get_data(), strict=True)
            }
            rows = saturation[saturation["projected"] == projected]
            assert set(zip(rows["n_reads"], rows[column], strict=True)) <= drawn


def test_reads_without_umis_have_no_molecules(saturation: pd.DataFrame) -> None:
    assert "no data: no molecules were counted" in words(draw_saturation(saturation.assign(n_molecules=np.nan)))


def test_many_samples_are_all_named(saturation: pd.DataFrame) -> None:
    one = saturation[saturation["sample"] == "dna_1"]
    shown = words(draw_saturation(pd.concat([one.assign(sample=f"sample_{n}") for n in range(13)])))
    assert [n for n in range(13) if f"sample_{n}" not in shown] == []
