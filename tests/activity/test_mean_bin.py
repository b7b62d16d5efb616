"""Mean bins that can be checked by eye."""

import math

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.mean_bin import independent_observations, mean_bins
from kcalseq.tablefile import conform

# variant, bin, reads: ten rows.
ROWS = [
    ("a", 1, 4), ("a", 3, 1),
    ("b", 2, 1),
    ("c", 1, 1), ("c", 2, 1), ("c", 6, 2),
    ("d", 0, 9),
    ("e", 5, 3), ("e", 0, 1),
    ("f", 9, 1),
]  # fmt: skip


def counts(rows: list[tuple[str, int, int]], replicate: str = "1") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["variant", "bin", "n_reads"])
    fraction = frame["bin"].map(lambda number: "bin" if number else "input")
    missing = pd.array([pd.NA] * len(frame), dtype="Int64")
    named = frame.assign(library="lac", condition="M9", replicate=replicate, fraction=fraction)
    return conform("variant_counts", named.assign(n_barcodes=missing, n_molecules=missing), "rows")


def test_ten_rows_by_presence() -> None:
    found = conform("variant_activity", mean_bins(counts(ROWS), "presence"), "found").set_index("variant")
    assert found["mean_bin"].to_dict() == {"a": 2.0, "b": 2.0, "c": 3.0, "e": 5.0, "f": 9.0}
    assert found["n_observations"].to_dict() == {"a": 2, "b": 1, "c": 3, "e": 1, "f": 1}
    # Within variants: a 1 + 1, c 4 + 1 + 9, over (2 - 1) + (3 - 1) degrees of freedom.
    spread = math.sqrt(16 / 3)
    assert found.loc["b", "mean_bin_se"] == pytest.approx(spread)
    assert found.loc["c", "mean_bin_se"] == pytest.approx(spread / math.sqrt(3))


def test_ten_rows_by_reads() -> None:
    found = mean_bins(counts(ROWS), "raw").set_index("variant")
    assert found["mean_bin"].to_dict() == {"a": 1.4, "b": 2.0, "c": 3.75, "e": 5.0, "f": 9.0}
    assert found["n_observations"].to_dict() == {"a": 5, "b": 1, "c": 4, "e": 3, "f": 1}
    scatter = (4 * 0.4**2 + 1.6**2) + (2.75**2 + 1.75**2 + 2 * 2.25**2)
    assert found.loc["e", "mean_bin_se"] == pytest.approx(math.sqrt(scatter / (4 + 3 + 2)) / math.sqrt(3))


def test_replicates_are_kept_apart() -> None:
    both = pd.concat([counts(ROWS), counts([("a", 9, 1), ("a", 7, 1)], replicate="2")])
    found = mean_bins(both, "presence").set_index(["replicate", "variant"])
    assert found.loc[("1", "a"), "mean_bin"] == 2.0
    assert found.loc[("2", "a"), "mean_bin"] == 8.0
    assert found.loc[("2", "a"), "mean_bin_se"] == pytest.approx(math.sqrt(2) / math.sqrt(2))


def test_no_variant_seen_twice_no_error() -> None:
    found = mean_bins(counts([("a", 1, 3), ("b", 2, 1)]), "presence")
    assert found["mean_bin_se"].isna().all() and found["mean_bin"].tolist() == [1.0, 2.0]


def test_only_unsorted_reads_give_no_row() -> None:
    assert len(mean_bins(counts([("d", 0, 9)]), "presence")) == 0


def test_presence_forgets_how_often() -> None:
    assert independent_observations(counts(ROWS), "presence")["n"].tolist() == [1] * 10
    raw = independent_observations(counts(ROWS), "raw")
    assert np.array_equal(raw["n"], raw["n_reads"])
