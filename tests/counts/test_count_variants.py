"""Counts are sums over runs: how reads were divided over runs leaves no trace."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.counts import variants
from kcalseq.counts.variants import count_variants, count_variants_of_barcodes
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform

SAMPLES = pd.DataFrame(
    [
        ("in", "M9", "1", "input", 0),
        ("b1", "M9", "1", "bin", 1),
        ("b2", "M9", "1", "bin", 2),
        ("b2x", "M9", "2", "bin", 2),
    ],
    columns=["sample", "condition", "replicate", "fraction", "bin"],
)
VARIANTS = pd.DataFrame({"library": "lac", "variant": ["u", "v", "w"], "variant_sequence": ["AA", "CC", "GG"]}).assign(
    set="training"
)


def observations(rows: list[tuple[str, str, str, int]], library: str = "lac") -> pd.DataFrame:
    """Rows of sample, run, sequence, reads."""
    frame = pd.DataFrame(rows, columns=["sample", "run", "variant_sequence", "n_reads"])
    frame = frame.assign(library=library, barcode=None, umi=None, variant_quality=None)
    return conform("observations", frame, "rows")


def counted(table: pd.DataFrame) -> pd.DataFrame:
    return conform("variant_counts", count_variants("lac", table, VARIANTS, SAMPLES), "counts")


def random_observations(seed: int, n_runs: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (sample, f"run{run}", sequence, int(rng.integers(1, 30)))
        for run in range(n_runs)
        for sample in SAMPLES["sample"]
        for sequence in ("AA", "CC", "GG")
        if rng.random() < 0.7
    ]
    return observations(rows)


def test_a_table_by_eye() -> None:
    rows = [("in", "r1", "AA", 3), ("in", "r2", "AA", 4), ("b1", "r1", "CC", 2), ("b2", "r1", "AA", 1)]
    rows += [("b2x", "r1", "GG", 5)]
    found = counted(observations(rows))
    keys = found[["replicate", "fraction", "bin", "variant", "n_reads"]].itertuples(index=False, name=None)
    expected = [("1", "bin", 1, "v", 2), ("1", "bin", 2, "u", 1), ("1", "input", 0, "u", 7), ("2", "bin", 2, "w", 5)]
    assert sorted(keys) == expected
    assert found["n_barcodes"].isna().all() and found["n_molecules"].isna().all()


def test_a_sample_without_reads_is_an_error() -> None:
    """Left out in silence, a bin would be missing from every model."""
    with pytest.raises(KcalseqError, match="no read was kept for b1, b2x; expected reads for every sample"):
        counted(observations([("in", "r1", "AA", 3), ("b2", "r1", "AA", 4)]))


def test_splitting_a_run_changes_nothing() -> None:
    whole = random_observations(1)
    part = np.random.default_rng(2).integers(0, whole["n_reads"] + 1)
    one, two = whole.assign(n_reads=part, run="a"), whole.assign(n_reads=whole["n_reads"] - part, run="b")
    split = pd.concat([frame[frame["n_reads"] > 0] for frame in (one, two)])
    pd.testing.assert_frame_equal(counted(split), counted(whole))


def test_the_order_of_runs_and_rows_changes_nothing() -> None:
    table = random_observations(3, n_runs=3)
    for seed in range(3):
        pd.testing.assert_frame_equal(counted(table.sample(frac=1, random_state=seed)), counted(table))


def test_no_read_is_lost_or_invented() -> None:
    mine, other = random_observations(4, n_runs=2), observations([("in", "r9", "AA", 1000)], "other")
    found = counted(pd.concat([mine, other]))
    assert found["n_reads"].sum() == mine["n_reads"].sum()
    by_variant = mine.groupby("variant_sequence")["n_reads"].sum().to_list()
    assert found.groupby("variant")["n_reads"].sum().to_list() == by_variant


def barcode_rows(rows: list[tuple[str, int, str, str | None, int, int | None]]) -> pa.Table:
    """Rows of fraction, bin, barcode, variant, reads, molecules."""
    frame = pd.DataFrame(rows, columns=["fraction", "bin", "barcode", "variant", "n_reads", "n_molecules"])
    frame = frame.assign(library="lac", condition="M9", replicate="1").astype({"n_molecules": "Int64"})
    return pa.Table.from_pandas(frame, preserve_index=False)


OF_BARCODES = SAMPLES[SAMPLES["replicate"] == "1"]
BARCODE_ROWS = [
    ("bin", 1, "AC", "u", 5, 2),
    ("bin", 1, "AG", "u", 7, 3),
    ("bin", 1, "CC", "v", 1, 1),
    ("bin", 2, "AC", "u", 4, None),
    ("input", 0, "CC", "v", 9, None),
]


@pytest.mark.parametrize(("size", "waiting"), [(1, 0), (1, 2), (2, 0), (2, 1000), (5, 0)])
def test_variants_are_sums_over_their_barcodes(size: int, waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of the table's pieces are held before they are added up."""
    monkeypatch.setattr(variants, "_LEAST_WAITING", waiting)
    pieces = [barcode_rows(BARCODE_ROWS[first : first + size]) for first in range(0, len(BARCODE_ROWS), size)]
    found = conform("variant_counts", count_variants_of_barcodes("lac", pieces, OF_BARCODES), "counts")
    keys = found[["fraction", "bin", "variant", "n_barcodes", "n_reads"]].itertuples(index=False, name=None)
    assert list(keys) == [
        ("bin", 1, "u", 2, 12),
        ("bin", 1, "v", 1, 1),
        ("bin", 2, "u", 1, 4),
        ("input", 0, "v", 1, 9),
    ]
    assert found["n_molecules"].to_list() == [5, 1, pd.NA, pd.NA]


def test_barcodes_without_variants_or_reads_are_an_error() -> None:
    with pytest.raises(KcalseqError, match="expected a barcode map"):
        count_variants_of_barcodes("lac", [barcode_rows([("bin", 1, "AC", None, 5, 2)])], OF_BARCODES)
    with pytest.raises(KcalseqError, match="no read was kept for b2, in"):
        count_variants_of_barcodes("lac", [barcode_rows(BARCODE_ROWS[:3])], OF_BARCODES)
    with pytest.raises(KcalseqError, match="no read was kept for b1, b2, in"):
        count_variants_of_barcodes("lac", [], OF_BARCODES)
