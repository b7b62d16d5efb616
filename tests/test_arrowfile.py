"""Large tables in pieces: the same file however the pieces fall, and rows out of order are refused."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.arrowfile import read_pieces, read_whole, write_pieces
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import write_table


def rows(n: int) -> pa.Table:
    barcodes = [
        f"{number:06d}".translate(str.maketrans("0123456789", "ACGTACGTAC")) + f"{number:07d}" for number in range(n)
    ]
    return pa.table({"library": ["lib"] * n, "barcode": sorted(barcodes), "variant": ["v"] * n})


@pytest.mark.parametrize("size", [1, 700, 5000])
def test_the_file_does_not_depend_on_the_pieces(tmp_path: Path, size: int) -> None:
    table = rows(5000)
    write_pieces("barcode_map", [table], tmp_path / "whole.parquet")
    pieces = (table.slice(first, size) for first in range(0, len(table), size))
    write_pieces("barcode_map", pieces, tmp_path / "pieces.parquet")
    assert (tmp_path / "pieces.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert read_whole("barcode_map", tmp_path / "whole.parquet", ["barcode"])["barcode"].equals(table["barcode"])


def test_it_writes_what_tablefile_writes(tmp_path: Path) -> None:
    table = rows(1000)
    write_pieces("barcode_map", [table], tmp_path / "pieces.parquet")
    frame = table.to_pandas().assign(n_reads=pd.NA, purity=float("nan"), second_probability=float("nan"))
    write_table("barcode_map", frame, tmp_path / "frame.parquet")
    assert read_whole("barcode_map", tmp_path / "pieces.parquet").equals(
        read_whole("barcode_map", tmp_path / "frame.parquet")
    )


def test_rows_out_of_order_or_twice_are_refused(tmp_path: Path) -> None:
    table = rows(10)
    for wrong in ([table.slice(5), table.slice(0, 5)], [table, table.slice(9)]):
        with pytest.raises(KcalseqError, match="out of order or twice"):
            write_pieces("barcode_map", wrong, tmp_path / "wrong.parquet")
    assert not list(tmp_path.iterdir())


def test_columns_are_held_against_the_definition(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match="column 'variant' is missing"):
        write_pieces("barcode_map", [rows(3).drop_columns("variant")], tmp_path / "x.parquet")
    with pytest.raises(KcalseqError, match="unknown columns colour"):
        write_pieces("barcode_map", [rows(3).append_column("colour", pa.array(["a"] * 3))], tmp_path / "x.parquet")
    write_pieces("barcode_map", [rows(3)], tmp_path / "map.parquet")
    with pytest.raises(KcalseqError, match="table barcode_calls"):
        list(read_pieces("barcode_calls", tmp_path / "map.parquet"))


def test_an_empty_table_is_a_table(tmp_path: Path) -> None:
    write_pieces("barcode_map", [], tmp_path / "empty.parquet")
    assert len(read_whole("barcode_map", tmp_path / "empty.parquet")) == 0


def test_missing_values_of_the_key_stand_last_as_in_other_tables(tmp_path: Path) -> None:
    fates = pa.table({"run": ["r"] * 3, "reason": ["kept"] * 3, "part": ["a", "b", None], "n_reads": [1, 2, 3]})
    write_pieces("read_fates", [fates], tmp_path / "pieces.parquet")
    write_table("read_fates", fates.to_pandas(), tmp_path / "frame.parquet")
    assert (tmp_path / "pieces.parquet").read_bytes() == (tmp_path / "frame.parquet").read_bytes()
    with pytest.raises(KcalseqError, match="out of order"):
        write_pieces("read_fates", [fates.take([2, 0, 1])], tmp_path / "wrong.parquet")
