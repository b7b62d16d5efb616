"""What the figures of activities show equals their tables, to the last point."""

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PathCollection

from kcalseq.figures import (
    ranked_activity,
    ranked_fluorescence,
    replicate_activity,
    replicate_correlations,
    replicate_fluorescence,
)
from kcalseq.figures.sourcetable import source_table

from .drawing import words


def log_ratios(n: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    names = [f"v{number:02d}" for number in range(n)]
    frames = [
        pd.DataFrame({"condition": "M9", "replicate": replicate, "variant": names, "log2_ratio": rng.normal(size=n)})
        for replicate in ("1", "2")
    ]
    table = pd.concat(frames, ignore_index=True)
    table.loc[3, "log2_ratio"] = np.nan
    return table


def agreement(n_shared: int = 29) -> pd.DataFrame:
    row = ("M9", "1", "2", n_shared, 0.875, np.nan)
    return pd.DataFrame([row], columns=["condition", "replicate", "other_replicate", "n_shared", "pearson", "spearman"])


def combined() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "condition": "M9",
            "variant": list("abcd"),
            "log2_ratio": [2.0, -1.0, np.nan, 0.5],
            "log2_ratio_se": [0.5, 0.25, np.nan, np.nan],
            "is_control": [False, True, True, False],
        }
    )


def test_each_point_is_a_variant_measured_in_both_replicates() -> None:
    table = log_ratios()
    figure = replicate_activity.draw(table, agreement())
    (points,) = (one for one in figure.axes[0].collections if isinstance(one, PathCollection))
    both = table.pivot(index="variant", columns="replicate", values="log2_ratio").dropna()
    assert np.array_equal(np.asarray(points.get_offsets()), both.to_numpy()) and len(both) == 29
    shown = words(figure)
    assert "29 variants\nPearson 0.875\nSpearman not determined" in shown


def test_one_replicate_and_no_overlap_are_said_in_words() -> None:
    assert "each condition has one replicate" in words(replicate_activity.draw(log_ratios(), agreement().iloc[:0]))
    apart = log_ratios().assign(log2_ratio=np.nan)
    assert "no variant was measured in both" in words(replicate_activity.draw(apart, agreement(0)))


def test_variants_stand_in_the_order_of_their_activity_with_controls_marked() -> None:
    figure = ranked_activity.draw(combined(), 0.95)
    axes = figure.axes[0]
    variants, controls = (one for one in axes.collections if isinstance(one, PathCollection))
    assert np.asarray(variants.get_offsets()).tolist() == [[2.0, 0.5], [3.0, 2.0]]
    assert np.asarray(controls.get_offsets()).tolist() == [[1.0, -1.0]]
    (bars,) = (one for one in axes.collections if isinstance(one, LineCollection))
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    assert np.allclose(ends, [[-1.49, -0.51], [1.02, 2.98]], atol=0.001)
    assert "negative controls: 1" in words(figure) and "M9: 3 variants" in words(figure)
    assert "no variant was measured; table activity_drops" in words(ranked_activity.draw(combined().iloc[2:3], 0.95))


def test_a_condition_without_measured_variants_has_a_panel_that_says_so() -> None:
    nothing = combined().assign(condition="other", log2_ratio=np.nan)
    figure = ranked_activity.draw(pd.concat([combined(), nothing]), 0.95)
    first, second = figure.axes
    assert "other: 0 variants" in words(figure) and "table activity_drops counts why" in words(figure)
    assert not second.axison and first.get_xlabel() == "rank of the variant by activity"


def correlations(values: dict[int, float]) -> pd.DataFrame:
    rows = [
        ("M9", quantity, "1", "2", least, scale, method, 9, value)
        for quantity in ("dna", "ratio")
        for least, value in values.items()
        for scale in ("log", "linear")
        for method in ("pearson", "spearman")
    ]
    names = ["quantity", "replicate", "other_replicate", "min_barcodes", "scale", "method", "n_variants", "value"]
    return pd.DataFrame(rows, columns=["condition", *names])


def test_correlations_are_drawn_against_the_least_barcodes() -> None:
    figure = replicate_correlations.draw(correlations({1: 0.5, 10: 0.75, 20: np.nan}))
    lines = figure.axes[0].get_lines()
    assert [line.get_xydata().tolist() for line in lines] == [[[1.0, 0.5], [10.0, 0.75]]] * 2
    shown = words(figure)
    assert "M9: 1 and 2, Pearson" in shown and "no two replicates\nshare three variants" in shown
    assert "no condition has two replicates" in words(replicate_correlations.draw(correlations({})))
    assert "no data" in words(replicate_correlations.draw(correlations({0: np.nan})))


def test_below_each_correlation_stands_how_many_variants_it_is_of() -> None:
    left = {1: 2000, 10: 30, 20: 4}
    table = correlations(dict.fromkeys(left, 0.5))
    table["n_variants"] = table["min_barcodes"].map(left)
    fewer = table.assign(replicate="3", n_variants=table["n_variants"] - 1)
    figure = replicate_correlations.draw(pd.concat([table, fewer]))
    below = next(axes for axes in figure.axes if axes.get_ylabel() == "variants left")
    assert [line.get_ydata().tolist() for line in below.get_lines()] == [[2000, 30, 4], [1999, 29, 3]]
    assert [told.get_text() for told in below.texts] == ["29", "3"], "of the pair with the fewest"
    assert below.get_yscale() == "log" and below.get_ylim()[0] == 1
    source = source_table(figure)
    assert source.loc[source["y_axis"] == "variants left", "y"].tolist() == [2000, 30, 4, 1999, 29, 3]


def fluorescence() -> pd.DataFrame:
    """One variant below the gates, one above, two measured, one of which nothing is known."""
    rows = [
        ("a", 3.0, 2.9, 3.1),
        ("b", np.nan, np.nan, 2.05),
        ("c", np.nan, 3.95, np.nan),
        ("d", 2.5, 2.2, 2.8),
        ("e", np.nan, np.nan, np.nan),
    ]
    frame = pd.DataFrame(rows, columns=["variant", "mean_log10", "lower", "upper"])
    return frame.assign(condition="M9", confidence=0.95)


def test_fluorescence_is_drawn_by_rank_with_bounds_in_their_places_and_gates_as_lines() -> None:
    figure = ranked_fluorescence.draw(fluorescence(), [("M9", 2.0), ("M9", 4.0), ("other", 3.0), ("M9", 2.0)])
    axes = figure.axes[0]
    assert ranked_fluorescence.ranked(fluorescence())["variant"].tolist() == ["b", "d", "a", "c"]
    means, below, above = (one for one in axes.collections if isinstance(one, PathCollection))
    assert np.asarray(means.get_offsets()).tolist() == [[2, 2.5], [3, 3.0]]
    assert np.asarray(below.get_offsets()).tolist() == [[1, 2.05]]
    assert np.asarray(above.get_offsets()).tolist() == [[4, 3.95]]
    assert [line.get_ydata()[0] for line in axes.lines] == [2.0, 4.0]
    assert "below this: 1" in words(figure) and "above this: 1" in words(figure)


def test_fluorescence_of_replicates_has_its_own_unit() -> None:
    table = log_ratios().rename(columns={"log2_ratio": "mean_log10"})
    figure = replicate_fluorescence.draw(table, agreement())
    assert "mean log10 fluorescence, replicate 1" in words(figure) and "RNA" not in words(figure)


def test_without_any_mean_or_bound_the_figure_says_so() -> None:
    told = "of no variant a mean or a bound is known; table fluorescence_drops counts why"
    assert told in words(ranked_fluorescence.draw(fluorescence().iloc[4:], []))
