"""Base composition: slopes by eye, and a shift that chance alone does not show."""

import math

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.composition import composition_shift, composition_table, gc_table
from kcalseq.activity.dropout import barcodes_shared, dropout_rna
from kcalseq.dna import ALPHABET
from kcalseq.tablefile import conform, read_tables

NO_COUNTS, NO_RATIOS = read_tables("variant_counts", []), read_tables("variant_log_ratio", [])


def dna_counts(reads: list[int]) -> pd.DataFrame:
    rows = [("lib", "c", "1", "dna", 0, f"v{n}", 1, own, None) for n, own in enumerate(reads)]
    names = ["library", "condition", "replicate", "fraction", "bin", "variant", "n_barcodes", "n_reads", "n_molecules"]
    return conform("variant_counts", pd.DataFrame(rows, columns=names), "test")


def named(sequences: list[str]) -> pd.Series:
    return pd.Series(sequences, [f"v{n}" for n in range(len(sequences))])


def random_library(n: int, seed: int) -> tuple[pd.Series, pd.Series]:
    """Random sequences, and reads that have nothing to do with them."""
    rng = np.random.default_rng(seed)
    sequences = ["".join(rng.choice(list(ALPHABET), 40)) for _ in range(n)]
    names = [f"v{number}" for number in range(n)]
    return pd.Series(rng.lognormal(3.0, 1.0, n), names), pd.Series(sequences, names)


def test_reads_that_double_with_every_tenth_of_gc_have_a_slope_of_one() -> None:
    sequences = named(["A" * (10 - k) + "G" * k for k in range(6)])
    found = gc_table("lib", dna_counts([2**k for k in range(6)]), NO_RATIOS, sequences)
    (row,) = conform("gc_bias", found, "test").to_dict("records")
    assert (row["quantity"], row["n_variants"]) == ("dna", 6)
    assert row["slope"] == pytest.approx(1.0) and row["slope_se"] == pytest.approx(0.0, abs=1e-9)
    assert row["spearman"] == pytest.approx(1.0)


def test_the_error_of_a_slope_holds_against_the_truth() -> None:
    rng, z = np.random.default_rng(5), []
    sequences = random_library(200, 5)[1]
    gc = sequences.str.count("[GC]") / 40
    for _ in range(100):
        ratios = pd.DataFrame({"variant": sequences.index, "condition": "c", "replicate": "1"})
        ratios["log2_ratio"] = (3.0 * gc + rng.normal(0.0, 1.0, 200)).to_numpy()
        (row,) = gc_table("lib", NO_COUNTS, ratios, sequences).to_dict("records")
        z.append((row["slope"] - 0.3) / row["slope_se"])
    assert np.std(z) == pytest.approx(1.0, abs=0.2) and abs(np.mean(z)) < 0.3


def test_variants_of_one_gc_content_have_no_slope() -> None:
    (row,) = gc_table("lib", dna_counts([1, 2, 3]), NO_RATIOS, named(["AG", "GA", "CT"])).to_dict("records")
    assert math.isnan(row["slope"]) and math.isnan(row["slope_se"]) and math.isnan(row["spearman"])


def test_shares_of_bases_by_eye() -> None:
    found = composition_table("lib", dna_counts([3, 1]), named(["AC", "AG"]))
    table = conform("base_composition", found, "test").set_index(["position", "base"])
    assert table.loc[(0, "A"), ["share_of_variants", "share_of_reads"]].tolist() == [1.0, 1.0]
    assert table.loc[(1, "C"), ["share_of_variants", "share_of_reads"]].tolist() == [0.5, 0.75]
    assert composition_table("lib", dna_counts([3, 1]), named(["AC", "A"])).empty


def test_uneven_reads_alone_shift_no_base_and_lost_bases_do() -> None:
    chance, lost = [], []
    for seed in range(10):
        reads, sequences = random_library(150, seed)
        chance.append(composition_shift(reads, sequences))
        lost.append(composition_shift(reads * np.where(sequences.str[20] == "G", 0.1, 1.0), sequences))
    assert np.median(chance) < 0.01 and np.median(lost) > 0.02
    assert math.isnan(composition_shift(pd.Series([1.0, 2.0], ["a", "b"]), pd.Series(["AC", "ACG"], ["a", "b"])))


def test_dropout_and_shared_barcodes_by_eye() -> None:
    samples = [
        {"sample": f"{fraction}{replicate}", "condition": "c", "replicate": replicate, "fraction": fraction}
        for fraction in ("dna", "rna")
        for replicate in "12"
    ]
    rows = [
        ("lib", "dna1", "dna2", 100, 50, 40),
        ("lib", "dna1", "rna1", 100, 60, 60),
        ("lib", "dna2", "rna2", 0, 5, 0),
    ]
    columns = ["library", "sample", "other_sample", "n_barcodes", "n_other", "n_shared"]
    overlap = pd.DataFrame(rows, columns=columns)
    assert dropout_rna(overlap, samples) == {"rna1": pytest.approx(0.4)}
    assert barcodes_shared(overlap, samples) == {"c": pytest.approx(0.4)}
    assert dropout_rna(overlap.iloc[:0], samples) == barcodes_shared(overlap.iloc[:0], samples) == {}
