"""DNA and RNA side by side: every count has its place, whatever the order of the rows."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.activity.counted import Counted, gather
from kcalseq.errors import KcalseqError

PLACES = [("c", "1", "dna"), ("c", "1", "rna")]
ROWS = [
    ("1", "dna", "TT", "a", 5, None),
    ("1", "dna", "AA", "b", 7, None),
    ("1", "rna", "AA", "b", 1, None),
    ("1", "rna", "CC", "a", 2, None),
]


def table(rows: list[tuple[str, str, str, str, int, int | None]]) -> pa.Table:
    columns = ["replicate", "fraction", "barcode", "variant", "n_reads", "n_molecules"]
    frame = pd.DataFrame(rows, columns=columns).astype({"n_molecules": "Int64"})
    return pa.Table.from_pandas(frame.assign(library="l", condition="c", bin=0), preserve_index=False)


def by_barcode(found: Counted) -> dict[str, tuple[str, int, int]]:
    dna, rna = found.replicates["c", "1"]
    assert found.barcodes is not None and dna is not None and rna is not None
    names = [found.names[number] for number in found.variant]
    rows = zip(names, dna.tolist(), rna.tolist(), strict=True)
    return dict(zip(found.barcodes.to_pylist(), rows, strict=True))


def test_a_barcode_that_is_missing_in_a_fraction_has_no_counts_there() -> None:
    found = gather("l", [table(ROWS)], ["b", "a", "unseen"], PLACES)
    assert by_barcode(found) == {"CC": ("a", 0, 2), "TT": ("a", 5, 0), "AA": ("b", 7, 1)}
    assert found.names == ["a", "b", "unseen"]
    assert found.variant.tolist() == [0, 0, 1]


@settings(max_examples=25, deadline=None)
@given(st.permutations(ROWS), st.integers(0, 4))
def test_neither_the_order_of_rows_nor_pieces_matter(rows: list[tuple], cut: int) -> None:
    pieces = [table(part) for part in (rows[:cut], rows[cut:]) if part]
    expected = by_barcode(gather("l", [table(ROWS)], ["a", "b"], PLACES))
    assert by_barcode(gather("l", pieces, ["a", "b"], PLACES)) == expected


def test_molecules_count_where_there_are_any() -> None:
    found = gather("l", [table([(*row[:4], 100, row[4]) for row in ROWS])], ["a", "b"], PLACES)
    assert by_barcode(found)["AA"] == ("b", 7, 1)


def test_other_libraries_are_left_alone() -> None:
    other = table(ROWS).set_column(6, "library", pa.array(["m"] * 4))
    found = gather("l", [other, table(ROWS)], ["a", "b"], PLACES)
    assert by_barcode(found) == by_barcode(gather("l", [table(ROWS)], ["a", "b"], PLACES))


def test_variants_that_are_read_directly_have_a_row_each() -> None:
    direct = table(ROWS[1:3]).drop_columns(["barcode"])
    found = gather("l", [direct], ["a", "b"], PLACES)
    assert found.barcodes is None and found.variant.tolist() == [0, 1]
    assert [counts.tolist() for counts in found.replicates["c", "1"] if counts is not None] == [[0, 7], [0, 1]]


def test_a_sample_without_counts_is_told() -> None:
    with pytest.raises(KcalseqError, match="condition 'c', replicate '1': no RNA counts of barcodes") as caught:
        gather("l", [table(ROWS[:2])], ["a", "b"], PLACES)
    assert "drop its row from samples.tsv" in caught.value.remedy


def test_a_variant_that_nobody_knows_is_told() -> None:
    with pytest.raises(KcalseqError, match="counts of 'b', which is not in table variants"):
        gather("l", [table(ROWS)], ["a"], PLACES)


def test_a_sample_that_was_not_sequenced_is_no_zero() -> None:
    found = gather("l", [table(ROWS)], ["a", "b"], PLACES[:1])
    dna, rna = found.replicates["c", "1"]
    assert rna is None and dna is not None and int(np.sum(dna)) == 12
