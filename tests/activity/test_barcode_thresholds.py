"""Correlations of replicates by the least number of barcodes: by eye, and against one another."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kcalseq.activity.agreement import pearson, ranks, spearman
from kcalseq.activity.barcode_thresholds import least_of_pairs, replicate_correlations
from kcalseq.activity.logratios import activities
from kcalseq.activity.logtables import agreement_table, variant_table
from kcalseq.activity.settings import Settings
from kcalseq.tablefile import conform, read_tables

from .invented import Recipe, invent

NO_COUNTS, NO_RATIOS = read_tables("variant_counts", []), read_tables("variant_log_ratio", [])


def ratios_of(values: dict[str, list[float]], n_barcodes: list[int | None]) -> pd.DataFrame:
    """Columns of table variant_log_ratio that matter here, from the log ratios of each replicate."""
    frames = [
        pd.DataFrame({"condition": "cond", "replicate": name, "log2_ratio": own}).assign(
            variant=[f"v{number}" for number in range(len(own))], n_barcodes=pd.array(n_barcodes, dtype="Int64")
        )
        for name, own in values.items()
    ]
    return pd.concat(frames, ignore_index=True)


def values_of(table: pd.DataFrame, scale: str, method: str) -> dict[int, float]:
    own = table[(table["scale"] == scale) & (table["method"] == method)]
    return dict(zip(own["min_barcodes"].astype(int), own["value"], strict=True))


def test_only_variants_with_so_many_barcodes_are_compared() -> None:
    ratios = ratios_of({"1": [0.0, 1.0, 2.0, 9.0], "2": [0.0, 1.0, 2.0, -9.0]}, [3, 4, 3, 1])
    table = replicate_correlations("lib", NO_COUNTS, ratios)
    told = values_of(table, "log", "pearson")
    assert list(told) == [1, 2, 3]
    assert told[2] == pytest.approx(1.0) and told[3] == pytest.approx(1.0) and told[1] < 0
    assert table.groupby("min_barcodes")["n_variants"].first().tolist() == [4, 3, 3]


def test_scales_differ_for_pearson_and_not_for_spearman() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(0.0, 2.0, 200)
    ratios = ratios_of({"1": x.tolist(), "2": (x + rng.normal(0.0, 1.0, 200)).tolist()}, [1] * 200)
    table = replicate_correlations("lib", NO_COUNTS, ratios)
    assert values_of(table, "log", "spearman")[1] == pytest.approx(values_of(table, "linear", "spearman")[1])
    y = ratios.loc[ratios["replicate"] == "2", "log2_ratio"].to_numpy()
    assert values_of(table, "linear", "pearson")[1] == pytest.approx(stats.pearsonr(2.0**x, 2.0**y).statistic)
    assert values_of(table, "log", "spearman")[1] == pytest.approx(stats.spearmanr(x, y).statistic)


def test_ratios_without_barcodes_or_overlap_are_told_as_such() -> None:
    nan = math.nan
    apart = ratios_of({"1": [0.0, 1.0, nan, nan], "2": [nan, nan, 2.0, 3.0]}, [None] * 4)
    table = conform("replicate_correlations", replicate_correlations("lib", NO_COUNTS, apart), "test")
    assert table["min_barcodes"].eq(0).all() and table["n_variants"].eq(0).all() and table["value"].isna().all()
    assert math.isnan(least_of_pairs(table, "ratio")["cond"])
    assert replicate_correlations("lib", NO_COUNTS, NO_RATIOS).empty
    assert least_of_pairs(replicate_correlations("lib", NO_COUNTS, NO_RATIOS), "dna") == {}


def test_counts_are_compared_between_replicates_of_one_condition_only() -> None:
    rows = [
        ("lib", condition, replicate, "dna", 0, f"v{n}", 5, reads, None)
        for condition, replicate, own in (("a", "1", (1, 2, 4)), ("a", "2", (2, 4, 8)), ("b", "1", (9, 1, 3)))
        for n, reads in enumerate(own)
    ]
    names = ["library", "condition", "replicate", "fraction", "bin", "variant", "n_barcodes", "n_reads", "n_molecules"]
    counts = conform("variant_counts", pd.DataFrame(rows, columns=names), "test")
    table = replicate_correlations("lib", counts, NO_RATIOS)
    assert set(table["condition"]) == {"a"} and set(table["quantity"]) == {"dna"}
    assert table["value"].to_numpy() == pytest.approx(1.0)
    assert sorted(set(table["min_barcodes"])) == [1, 2, 3, 5]


def test_all_tables_tell_the_same_correlation_of_two_replicates() -> None:
    library, _ = invent(Recipe(n_variants=200), 1)
    found = activities(library, Settings(bootstraps=0), np.zeros(200, dtype=bool), 1)
    pairs = agreement_table("lib", found).set_index(["replicate", "other_replicate"])
    table = replicate_correlations("lib", NO_COUNTS, variant_table("lib", library, found))
    whole = table[(table["min_barcodes"] == 1) & (table["scale"] == "log")]
    for method in ("pearson", "spearman"):
        own = whole[whole["method"] == method].set_index(["replicate", "other_replicate"])
        assert own["value"].to_dict() == pairs[method].to_dict()
        assert least_of_pairs(table, "ratio", method)["cells"] == pairs[method].min()


def test_correlations_by_eye() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    assert pearson(x, 2 * x + 1) == pytest.approx(1.0) and pearson(x, -x) == pytest.approx(-1.0)
    assert pearson(ranks(x), ranks(np.exp(x))) == spearman(x, np.exp(x)) == pytest.approx(1.0)
    assert np.isnan(pearson(x[:2], x[:2])) and np.isnan(pearson(x, np.ones(4)))
