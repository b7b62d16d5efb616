"""The numbers of an experiment, worked out by hand on small tables, and their marks."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.activity.agreement import (
    between_fractions,
    counts_per_million,
    least_correlation,
    log_counts,
    pearson,
    spearman,
)
from kcalseq.activity.counted import gather
from kcalseq.activity.evenness import gc_correlation, skew, smallest_bin_share, unseen_fraction
from kcalseq.activity.logratios import activities
from kcalseq.activity.logtables import combined_table, variant_table
from kcalseq.activity.power import detectable_effect
from kcalseq.activity.quality import Measured, quality_table
from kcalseq.activity.settings import Settings
from kcalseq.marks import METRICS, mark
from kcalseq.tablefile import conform, read_tables


def counts_of(reads: dict[tuple[str, str], list[int]], n_barcodes: int = 12) -> pd.DataFrame:
    """Table variant_counts of variants v0, v1, ... from the reads of each fraction and replicate; 0 = no row."""
    rows = [
        ("lib", "cond", replicate, fraction, 0, f"v{number}", n_barcodes, n, None)
        for (fraction, replicate), own in reads.items()
        for number, n in enumerate(own)
        if n
    ]
    names = ["library", "condition", "replicate", "fraction", "bin", "variant", "n_barcodes", "n_reads", "n_molecules"]
    return conform("variant_counts", pd.DataFrame(rows, columns=names), "test")


def empty(**tables: pd.DataFrame) -> Measured:
    names = [name for name in Measured._fields if name != "n_designed"]
    return Measured(**{name: tables.get(name, read_tables(name, [])) for name in names}, n_designed=0)


def with_activities(counts: pd.DataFrame, **tables: pd.DataFrame) -> Measured:
    """What is measured of counts in which each row is a variant read directly, activities among it."""
    seen = counts[["condition", "replicate", "fraction"]].drop_duplicates()
    names = sorted(set(counts["variant"]))
    pieces = [pa.Table.from_pandas(counts.assign(n_barcodes=pd.NA), preserve_index=False)]
    gathered = gather("lib", pieces, names, list(seen.itertuples(index=False, name=None)))
    found = activities(gathered, Settings(bootstraps=0), np.zeros(len(names), dtype=bool), 1)
    ratios, combined = variant_table("lib", gathered, found), combined_table("lib", gathered, found)
    return empty(variant_counts=counts, variant_log_ratio=ratios, combined_activity=combined, **tables)


def test_log_counts_are_per_million_plus_one_and_missing_where_not_seen() -> None:
    frame = log_counts(counts_of({("dna", "1"): [1, 3, 0], ("dna", "2"): [1, 0, 1]}), "dna")
    expected = [math.log2(250_001), math.log2(750_001), math.nan]
    assert frame["cond", "1"].tolist() == pytest.approx(expected, rel=1e-12, nan_ok=True)
    assert math.isnan(frame["cond", "2"]["v1"])


def test_molecules_are_counted_per_million_where_there_are_umis() -> None:
    counts = counts_of({("dna", "1"): [10, 30], ("dna", "2"): [1, 1]})
    counts = counts.assign(n_molecules=pd.array([3, 1, None, None], dtype="Int64"))
    frame = counts_per_million(counts, "dna")
    assert frame["cond", "1"].tolist() == [750_000, 250_000] and frame["cond", "2"].tolist() == [500_000] * 2


def test_the_least_of_three_correlations_is_told() -> None:
    frame = pd.DataFrame({("cond", "1"): [1.0, 2.0, 3.0, 4.0], ("cond", "2"): [1.0, 3.0, 2.0, 4.0]})
    frame["cond", "3"] = -frame["cond", "1"]
    assert least_correlation(frame) == {"cond": pytest.approx(-1.0)}


def test_correlations_are_of_different_samples_only() -> None:
    """A mean that takes a sample with itself would be (r + 1) / 2."""
    one = pd.Series([1.0, 2.0, 3.0, 4.0])
    two = pd.Series([1.0, 3.0, 2.0, 4.0])
    columns = pd.MultiIndex.from_tuples([("cond", "1"), ("cond", "2"), ("other", "1")])
    frame = pd.concat([one, two, -one], axis=1)
    frame.columns = columns
    assert least_correlation(frame) == {"cond": pytest.approx(0.8)}
    assert between_fractions(frame, frame)["cond"] == pytest.approx((1 + 0.8 + 0.8 + 1) / 4)


def test_a_correlation_needs_three_variants_and_a_difference() -> None:
    x = np.array([1.0, 2.0, 3.0])
    assert pearson(x, 2 * x) == pytest.approx(1.0)
    assert math.isnan(pearson(x, np.array([1.0, 2.0, math.nan])))
    assert math.isnan(pearson(x, 0 * x)) and math.isnan(spearman(x, 0 * x))
    assert spearman(x, np.array([1.0, 10.0, 1000.0])) == pytest.approx(1.0)


def test_unseen_variants_are_those_without_reads() -> None:
    found = unseen_fraction(counts_of({("dna", "1"): [5, 1, 0, 0], ("rna", "1"): [1, 1, 1, 0]}), 4)
    assert found["cond", "1", "dna", 0] == 0.5 and found["cond", "1", "rna", 0] == 0.25


def test_skew_is_the_ratio_of_percentiles() -> None:
    assert skew(pd.Series(range(0, 101, 10))) == pytest.approx(91.0 / 19.0)
    assert math.isnan(skew(pd.Series([0, 0])))


def test_gc_correlation_has_a_size_and_no_sign() -> None:
    sequences = pd.Series(["AAAA", "AAGA", "GGAA", "GGGC"])
    assert gc_correlation(pd.Series([40, 30, 20, 10]), sequences) == pytest.approx(1.0)
    assert math.isnan(gc_correlation(pd.Series([1, 2]), pd.Series(["AAGG", "CAGA"])))


def test_the_emptiest_bin_is_told_against_the_mean() -> None:
    seen = pd.DataFrame({"condition": "c", "replicate": "1", "bin": [1, 1, 2, 3], "n": [5, 4, 1, 5]})
    assert smallest_bin_share(seen)["c", "1"] == pytest.approx(1 / 5)


def test_effects_of_the_size_told_are_found_four_times_in_five() -> None:
    rng, se = np.random.default_rng(4), 0.3
    effect = detectable_effect(pd.Series([0.1, se, math.nan, 0.9]))
    assert effect == pytest.approx((1.959964 + 0.841621) * math.sqrt(2) * se)
    difference = rng.normal(effect, se, 20_000) - rng.normal(0.0, se, 20_000)
    assert (np.abs(difference) > 1.959964 * se * math.sqrt(2)).mean() == pytest.approx(0.8, abs=0.01)
    assert math.isnan(detectable_effect(pd.Series([math.nan])))


@given(st.sampled_from(sorted(METRICS)), st.floats(-10, 200))
def test_marks_get_no_better_towards_the_bad_end(metric: str, value: float) -> None:
    own, rank = METRICS[metric], {"good": 2, "caution": 1, "bad": 0}
    step = own.bad - own.caution
    assert rank[mark(metric, value + step, {})] <= rank[mark(metric, value, {})]
    assert mark(metric, own.caution, {}) == "good" and mark(metric, own.bad, {}) == "caution"
    assert mark(metric, own.bad + step, {}) == "bad"


def test_own_thresholds_replace_the_defaults_and_what_is_missing_is_not_judged() -> None:
    assert mark("reads_kept_fraction", 0.7, {}) == "caution"
    assert mark("reads_kept_fraction", 0.7, {"reads_kept_fraction": (0.6, 0.2)}) == "good"
    assert mark("reads_kept_fraction", math.nan, {}) == "told"


def test_a_library_of_replicates_is_judged_by_its_conditions() -> None:
    rng = np.random.default_rng(8)
    dna = rng.integers(200, 400, (2, 600))
    activity = rng.normal(0.0, 1.0, 600)
    rna = (dna * 2.0**activity * 2.0 ** rng.normal(0, 0.1, (2, 600))).astype(int)
    counts = counts_of(
        {(name, str(r + 1)): own[r].tolist() for name, own in (("dna", dna), ("rna", rna)) for r in (0, 1)}
    )
    sequences = ["ACGT", "AAAA", "GCGC"] * 200
    variants = pd.DataFrame({"library": "lib", "variant": [f"v{n}" for n in range(600)], "variant_sequence": sequences})
    measured = with_activities(counts, variants=variants)._replace(n_designed=600)
    found = quality_table("lib", measured, [], "raw", {})
    found = conform("quality", found, "test").set_index(["metric", "subject"])
    assert found.loc[("agreement_ratio", "cond"), "mark"] == "good"
    assert found.loc[("barcodes_per_variant_median", "library"), "value"] == 12
    assert found.loc[("variants_unseen_fraction", "cond, replicate 1, dna"), "value"] == 0.0
    effect = found.loc[("detectable_effect", "cond"), "value"]
    # Two replicates of scatter 0.1 and of about 300 counts of DNA and RNA each.
    assert effect == pytest.approx(
        (1.96 + 0.84) * math.sqrt(2) * math.sqrt((0.1**2 + 2 / 300 / math.log(2) ** 2) / 2), rel=0.4
    )
    assert found.loc[("variants_10_barcodes_fraction", "library"), "value"] == 1.0
    assert found.loc[("composition_shift", "cond, replicate 1, dna"), "mark"] == "good"


def test_one_replicate_says_nothing_of_agreement() -> None:
    counts = counts_of({("dna", "1"): [5, 6, 7, 8], ("rna", "1"): [5, 9, 7, 8]})
    found = quality_table("lib", with_activities(counts), [], "raw", {}).set_index("metric")
    assert not {"agreement_dna", "agreement_rna", "agreement_ratio"} & set(found.index)
    assert math.isnan(found.loc["detectable_effect", "value"]) and found.loc["detectable_effect", "mark"] == "told"


def test_no_reads_at_all_give_an_honest_table() -> None:
    fates = pd.DataFrame({"run": ["r"], "reason": ["kept"], "part": [None], "n_reads": [0]})
    found = quality_table("lib", empty(read_fates=fates), [], "raw", {})
    assert found["metric"].tolist() == ["reads_kept_fraction"]
    assert math.isnan(found["value"].iloc[0]) and found["mark"].iloc[0] == "told"
