"""What each variant did, by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.outcomes import counted_outcomes, scatter_between, sorted_outcomes
from kcalseq.tablefile import conform

# variant, replicate, bin, reads.
SORTED = [("a", "1", 1, 3), ("a", "1", 3, 1), ("b", "1", 5, 1), ("b", "2", 8, 1), ("c", "2", 4, 2), ("c", "1", 0, 9)]


def table(rows: list[tuple[str, str, str, int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["variant", "replicate", "fraction", "bin", "n_reads"])
    missing = pd.array([pd.NA] * len(frame), dtype="Int64")
    named = frame.assign(library="lac", condition="M9", n_barcodes=missing, n_molecules=missing)
    return conform("variant_counts", named, "rows")


def test_sorted_variants_by_hand() -> None:
    """Replicate 1 has bins 1, 3, 5 (mean 3), replicate 2 has 8 and 4 (mean 6)."""
    rows = [(name, replicate, "bin" if bin_ else "input", bin_, n) for name, replicate, bin_, n in SORTED]
    found = sorted_outcomes(table(rows), "presence")
    assert found is not None
    assert found.variant.tolist() == ["a", "b", "c"]
    assert found.activity == pytest.approx([-1.0, (2.0 + 2.0) / 2, -2.0])
    assert found.weight.tolist() == [2.0, 2.0, 1.0]
    # Bins 1, 3, 4, 5, 8 are outcomes 0 to 4.
    assert found.row.tolist() == [0, 0, 1, 1, 2] and found.outcome.tolist() == [0, 1, 3, 4, 2]
    assert found.n.tolist() == [1.0] * 5


def test_counted_variants_by_hand() -> None:
    """Both variants with 40 reads in all: log2 RNA per DNA relative to that of all, 0."""
    rows = [("a", "1", "dna", 0, 30), ("a", "1", "rna", 0, 10), ("b", "1", "dna", 0, 10), ("b", "1", "rna", 0, 30)]
    found = counted_outcomes(table(rows))
    assert found is not None
    expected = math.log2(30.5 / 10.5)
    assert found.activity == pytest.approx([-expected, expected])
    assert found.weight[0] == pytest.approx(found.weight[1])
    assert found.outcome.tolist() == [0, 1, 0, 1] and found.n.tolist() == [30, 10, 10, 30]


def test_replicates_of_other_depth_do_not_move_activity() -> None:
    shallow = [("a", "1", "dna", 0, 30), ("a", "1", "rna", 0, 10), ("b", "1", "dna", 0, 10), ("b", "1", "rna", 0, 30)]
    deep = [(name, "2", fraction, 0, n * (50 if fraction == "rna" else 1)) for name, _, fraction, _, n in shallow]
    one, both = counted_outcomes(table(shallow)), counted_outcomes(table([*shallow, *deep]))
    assert one is not None and both is not None
    assert np.sign(both.activity).tolist() == np.sign(one.activity).tolist()
    assert both.activity == pytest.approx(one.activity, abs=0.1)


def test_a_variant_without_rna_is_measured_and_one_without_reads_is_not() -> None:
    rows = [("a", "1", "dna", 0, 9), ("b", "1", "dna", 0, 9), ("b", "1", "rna", 0, 9), ("c", "1", "rna", 0, 0)]
    found = counted_outcomes(table(rows))
    assert found is not None and found.variant.tolist() == ["a", "b"]
    assert found.activity[0] < found.activity[1] and np.isfinite(found.activity).all()


def test_a_replicate_of_dna_alone_says_nothing() -> None:
    paired = [("a", "1", "dna", 0, 30), ("a", "1", "rna", 0, 10), ("b", "1", "dna", 0, 10), ("b", "1", "rna", 0, 30)]
    both = counted_outcomes(table([*paired, ("a", "2", "dna", 0, 900), ("b", "2", "dna", 0, 1)]))
    one = counted_outcomes(table(paired))
    assert both is not None and one is not None
    assert both.activity.tolist() == one.activity.tolist() and both.n.tolist() == one.n.tolist()


def test_without_rna_or_without_bins_there_are_no_outcomes() -> None:
    assert counted_outcomes(table([("a", "1", "dna", 0, 9), ("b", "1", "dna", 0, 9)])) is None
    assert sorted_outcomes(table([("a", "1", "input", 0, 9)]), "presence") is None


def test_the_scatter_beyond_counting_is_recovered() -> None:
    rng = np.random.default_rng(3)
    variance = rng.uniform(0.05, 2.0, 20_000)
    value = rng.normal(0, np.sqrt(variance + 0.49))
    assert scatter_between(value, variance) == pytest.approx(0.49, rel=0.1)
    assert scatter_between(rng.normal(0, np.sqrt(variance)), variance) < 0.03
