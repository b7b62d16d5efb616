"""Fluorescence of sorted variants: fates by eye, errors that hold against the truth, and what plain means miss."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity import fluorescence_tables as tables
from kcalseq.activity.effectmethods import combined_effects
from kcalseq.activity.fluorescence import ABOVE, BELOW, FATES, MEASURED, ONE_BIN, Fluorescence, measure
from kcalseq.activity.fluorescences import fluorescences
from kcalseq.activity.gated_normal import Sorter
from kcalseq.activity.single_bins import bounds, posterior
from kcalseq.activity.sorting import sorting_of
from kcalseq.activity.width_prior import WidthPrior
from kcalseq.simulate.gated_sorting import GatedSorting, Sorted, gamma_of, sort_cells
from kcalseq.tablefile import conform

from .test_sorting import gated

ORDINARY = GatedSorting()
KINDS = {
    "ordinary": ORDINARY,
    "fifteen cells a variant": replace(ORDINARY, cells_per_variant=15.0),
    "four cells a variant": replace(ORDINARY, cells_per_variant=4.0),
    "one read for twenty cells": replace(ORDINARY, reads_per_cell=0.05),
    "thousands of cells": replace(ORDINARY, cells_per_variant=5000.0),
    "bins four times as wide as variants": replace(ORDINARY, sd=0.1),
    "bins narrower than variants": replace(ORDINARY, sd=0.5, gates=tuple(np.arange(2.0, 4.01, 0.2))),
    "four bins": replace(ORDINARY, gates=(2.5, 3.0, 3.5)),
    "amplified unevenly": replace(ORDINARY, amplification=2.0),
    "a fiftieth of the reads astray": replace(ORDINARY, background=0.02, cells_per_variant=1000.0),
    "reads astray and wide bins": replace(ORDINARY, background=0.01, sd=0.1),
    "bins filled in passages": replace(ORDINARY, passages=(1.0, 0.3, 0.1, 0.1, 0.2, 0.5, 1.0)),
}


def measured(how: GatedSorting, seed: int, mean: np.ndarray | None = None) -> tuple[Sorted, Fluorescence]:
    library = sort_cells(how, seed, mean)
    return library, measure(sorting_of(library.counts, library.bins), 0.95, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_standard_errors_are_calibrated(kind: str) -> None:
    library, found = measured(KINDS[kind], 1)
    own = found.fate == MEASURED
    z = (found.mean - library.mean)[own] / found.mean_se[own]
    assert own.sum() > 1000
    assert 0.85 < z.std() < 1.12 and abs(z.mean()) < 0.12
    assert 0.925 < (np.abs(z) < 1.96).mean() < 0.985
    width = (np.log(found.sd) - np.log(library.sd))[own] * found.sd[own] / found.sd_se[own]
    assert 0.9 < width.std() < 1.2 and abs(width.mean()) < 0.4


def test_plain_means_of_bins_are_drawn_inwards_at_the_ends_and_likeliest_means_are_not() -> None:
    for end, sign in ((1.9, 1.0), (4.1, -1.0)):
        library, found = measured(ORDINARY, 2, np.append(np.full(500, end), np.linspace(1.8, 4.2, 500)))
        own = (found.fate == MEASURED)[:500]
        plain, likeliest = ((values - library.mean)[:500][own] for values in (found.bin_mean, found.mean))
        assert sign * plain.mean() > 0.04
        assert abs(likeliest.mean()) < 0.01


def test_uneven_amplification_is_told_from_fluorescence_that_is_not_normal() -> None:
    assert measured(ORDINARY, 3)[1].dispersion < 1.1
    # Five reads a cell: variance 1 + 5 in reads, and 1 + 3 x 5 with a squared coefficient of variation of 2.
    assert measured(KINDS["amplified unevenly"], 3)[1].dispersion == pytest.approx(16 / 6, rel=0.2)
    library, found = measured(replace(ORDINARY, shape="gamma"), 3)
    deviation = (found.mean - library.mean)[found.fate == MEASURED]
    assert abs(deviation.mean()) < 0.01 and found.dispersion < 2.5


def test_what_is_worth_less_than_half_an_observation_tells_nothing_after_dispersion_too() -> None:
    _, found = measured(replace(ORDINARY, amplification=2.0, cells_per_variant=3.0), 3)
    few = found.fate == FATES.index("few_cells")
    assert found.dispersion > 1.1 and few.any()
    assert np.array_equal(few, (found.effective < 0.5) & (found.effective > 0))
    assert np.isnan(np.stack([found.mean, found.least, found.most])[:, few]).all()


@pytest.mark.parametrize("share", [0.0, 0.005, 0.03])
def test_the_share_of_reads_astray_is_found(share: float) -> None:
    library, found = measured(replace(ORDINARY, background=share, cells_per_variant=300.0), 4)
    # Of all reads that share is added, so of the sum they are a little less.
    assert found.background == pytest.approx(share / (1.0 + share), abs=0.002) and (share > 0 or found.background == 0)
    off = (found.mean - library.mean)[found.fate == MEASURED]
    assert np.std(off) < 0.032


def test_gamma_numbers_have_the_moments_that_are_asked_for() -> None:
    shape, scale = gamma_of(np.array([3.0]), np.array([0.25]))
    drawn = np.log10(np.random.default_rng(1).gamma(shape, scale, 200_000))
    assert (drawn.mean(), drawn.std()) == pytest.approx((3.0, 0.25), abs=0.003)


def test_fates_by_eye() -> None:
    counts = np.array([[9, 1, 0], [0, 9, 0], [8, 0, 0], [0, 0, 9], [0, 0, 0], [0, 1, 0], [100, 500, 300]])
    found = measure(sorting_of(counts, gated([117.0, 100.0, 309.0])), 0.95, 1)
    fates = [FATES[number] for number in found.fate]
    assert fates == ["measured", "one_bin", "below_gates", "above_gates", "not_seen", "few_cells", "measured"]
    assert np.isfinite(found.mean).tolist() == [True, True, False, False, False, False, True]
    assert np.isfinite(found.most).tolist() == [number == BELOW for number in found.fate]
    assert np.isfinite(found.least).tolist() == [number == ABOVE for number in found.fate]


def test_in_one_bin_the_mean_lies_anywhere_in_it_if_variants_are_narrow() -> None:
    sorter = Sorter(np.array([-np.inf, 2.0, 3.0]), np.array([2.0, 3.0, np.inf]), np.zeros(3), np.zeros(3))
    found = posterior(np.array([[0.0, 200.0, 0.0]]), sorter, WidthPrior(float(np.log(0.001)), 0.05))
    # A number spread evenly over a bin has a standard deviation of its width over the root of twelve.
    assert found.mean[0] == pytest.approx(2.5, abs=1e-6)
    assert found.mean_se[0] == pytest.approx(1 / np.sqrt(12), rel=0.01)


def test_one_cell_beyond_the_gates_bounds_the_mean_at_a_normal_quantile() -> None:
    sorter = Sorter(np.array([-np.inf, 2.0, 3.0]), np.array([2.0, 3.0, np.inf]), np.zeros(3), np.zeros(3))
    prior = WidthPrior(float(np.log(0.1)), 1e-6)
    assert bounds(np.array([[1.0, 0.0, 0.0]]), True, sorter, prior, 0.95)[0] == pytest.approx(
        2.0 + 1.6449 * 0.1, abs=2e-3
    )
    assert bounds(np.array([[0.0, 0.0, 1.0]]), False, sorter, prior, 0.95)[0] == pytest.approx(
        3.0 - 1.6449 * 0.1, abs=2e-3
    )
    many = bounds(np.outer([1.0, 10.0, 1000.0], [1.0, 0.0, 0.0]), True, sorter, prior, 0.95)
    assert (np.diff(many) < 0).all(), "the more cells, the lower the bound"


def test_bounds_and_errors_of_single_bins_hold() -> None:
    how = replace(ORDINARY, cells_per_variant=6.0, n_variants=20_000, means=(1.5, 4.5))
    library, found = measured(how, 4)
    single = found.fate == ONE_BIN
    z = (found.mean - library.mean)[single] / found.mean_se[single]
    assert single.sum() > 500 and (np.abs(z) < 1.96).mean() > 0.93
    for fate, held in ((BELOW, library.mean <= found.most), (ABOVE, library.mean >= found.least)):
        own = found.fate == fate
        assert own.sum() > 500 and held[own].mean() > 0.94


def table_of(libraries: dict[str, Sorted]) -> tuple[pd.DataFrame, list[str], list[dict[str, object]]]:
    """Table variant_counts of replicates, names, and gates."""
    frames, bins = [], []
    for replicate, library in libraries.items():
        names = [f"v{number:04d}" for number in range(len(library.counts))]
        for place, row in enumerate(library.bins):
            bins.append({**row, "replicate": replicate})
            own = pd.DataFrame({"variant": names, "n_reads": library.counts[:, place]})
            frames.append(own.assign(replicate=replicate, bin=row["bin"]))
    missing = pd.array([pd.NA], dtype="Int64")[0]
    counts = pd.concat(frames).assign(library="lib", condition="cond", fraction="bin", n_molecules=missing)
    counts["n_molecules"] = counts["n_molecules"].astype("Int64")
    return counts[counts["n_reads"] > 0], names, bins


def test_replicates_are_combined_on_one_level_and_every_variant_is_accounted_for() -> None:
    rng = np.random.default_rng(5)
    mean = rng.uniform(1.2, 4.8, 1000)
    first = sort_cells(replace(ORDINARY, cells_per_variant=20.0), 6, mean)
    shifted = replace(ORDINARY, cells_per_variant=20.0, gates=tuple(gate + 0.3 for gate in ORDINARY.gates))
    second = sort_cells(shifted, 7, mean + 0.3)
    counts, names, bins = table_of({"1": first, "2": second})
    found = fluorescences(counts, names, bins, 0.95, 1)
    own = found["cond"]
    assert own.combined.offsets == pytest.approx([-0.15, 0.15], abs=0.02)
    (pair,) = own.agreement
    assert pair.median_difference == pytest.approx(0.3, abs=0.02) and pair.pearson > 0.95
    both = own.combined.n_replicates == 2
    z = (own.combined.log2_ratio - mean - 0.15)[both] / own.combined.se[both]
    assert 0.9 < z.std() < 1.1
    bounded = own.combined.n_replicates == 0
    assert bounded.sum() > 50 and (np.isfinite(own.lower) ^ np.isfinite(own.upper))[bounded].all()
    made = {
        "sorted_fluorescence": tables.variant_table(found, names, 0.95),
        "combined_fluorescence": tables.combined_table(found, names, 0.95),
        "fluorescence_replicates": tables.replicate_table(found),
        "fluorescence_agreement": tables.agreement_table(found),
        "fluorescence_drops": tables.drop_table(found),
    }
    for name, table in made.items():
        conform(name, table.assign(library="lib"), name)
    drops = made["fluorescence_drops"].groupby("replicate")
    assert drops["n_variants"].sum().tolist() == [1000, 1000]
    assert drops["n_counts"].sum().tolist() == [first.counts.sum(), second.counts.sum()]


def test_bounds_of_replicates_that_exclude_each_other_are_not_told_but_counted() -> None:
    """Of sixty variants one lies above all gates in one replicate and below them in the other; one below in both."""
    inner = sort_cells(replace(ORDINARY, n_variants=58), 8)
    n_bins = inner.counts.shape[1]
    dim, bright = np.eye(n_bins, dtype=int)[[0, -1]] * 1000
    libraries = {
        replicate: inner._replace(counts=np.vstack([own, dim, inner.counts]))
        for replicate, own in (("1", bright), ("2", dim))
    }
    counts, names, bins = table_of(libraries)
    found = fluorescences(counts, names, bins, 0.95, 1)
    rows = tables.combined_table(found, names, 0.95).set_index("variant")
    assert (rows["lower"].dropna() <= rows["upper"].reindex(rows["lower"].dropna().index).fillna(np.inf)).all()
    torn, below = rows.iloc[0], rows.iloc[1]
    assert torn["bounds_contradict"] and rows["bounds_contradict"].sum() == 1 and torn["n_bounds"] == 2
    assert torn[["mean_log10", "lower", "upper"]].isna().all()
    assert np.isnan(below["lower"]) and below["upper"] < ORDINARY.gates[0] + 1.0
    assert tables.replicate_table(found)["n_contradicted"].tolist() == [1, 1]


def test_one_replicate_more_changes_nothing_of_another_one() -> None:
    libraries = {"1": sort_cells(replace(ORDINARY, n_variants=200), 8), "2": sort_cells(ORDINARY, 9)}
    libraries["2"] = libraries["2"]._replace(counts=libraries["2"].counts[:200])
    both, names, bins = table_of(libraries)
    alone = fluorescences(both, names, [row for row in bins if row["replicate"] == "1"], 0.95, 1)
    together = fluorescences(both, names, bins, 0.95, 1)
    one, two = (own["cond"].replicates["1"].found for own in (alone, together))
    assert np.array_equal(one.mean, two.mean, equal_nan=True)


def test_effects_on_fluorescence_are_in_log2_and_a_bound_is_no_measurement() -> None:
    combined = pd.DataFrame(
        {
            "condition": "cond",
            "variant": ["bright", "dim", "below"],
            "n_replicates": [2, 2, 0],
            "mean_log10": [3.0, 2.0, np.nan],
            "mean_log10_se": [0.03, 0.04, np.nan],
        }
    )
    pairs = pd.DataFrame({"variant": ["bright", "below"], "reference": ["dim", "dim"]})
    found = combined_effects(tables.as_activity(combined), pairs)["cond"]
    assert found.effect[0] == pytest.approx(np.log2(10.0)) and found.se[0] == pytest.approx(0.05 * np.log2(10.0))
    assert np.isnan(found.effect[1]) and found.fate.tolist() == ["measured", "variant_not_measured"]
