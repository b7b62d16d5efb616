"""Places on a genome are read strictly."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.errors import KcalseqError
from kcalseq.export.coordinates import Place, check_coordinates, read_coordinates

GOOD = "chr1\t10\t14\tone\t0\t+\n"


def read(tmp_path: Path, text: str) -> dict[str, Place]:
    (tmp_path / "places.bed").write_text(text, encoding="utf-8")
    return read_coordinates(tmp_path / "places.bed")


def test_rows_are_read_and_what_is_no_row_is_passed_over(tmp_path: Path) -> None:
    text = "# a note\ntrack name=x\nbrowser position chr1\n\n" + GOOD + "chr2\t0\t4\ttwo\t.\t-\tmore\tcolumns\n"
    expected = {"one": Place("chr1", 10, 14, "+"), "two": Place("chr2", 0, 4, "-")}
    assert read(tmp_path, text) == expected
    (tmp_path / "places.bed.gz").write_bytes(gzip.compress(text.encode()))
    assert read_coordinates(tmp_path / "places.bed.gz") == expected


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("chr1\t14\t10\tx\t0\t+", "line 2: start '14' and end '10'"),
        ("chr1\t10\t10\tx\t0\t+", "start below end"),
        ("chr1\t-1\t10\tx\t0\t+", "start '-1'"),
        ("chr1\t1.5\t10\tx\t0\t+", "start '1.5'"),
        ("chr1\t²\t10\tx\t0\t+", "whole numbers"),
        ("chr1\t1\t5\tx", "4 columns"),
        ("chr1 1 5 x 0 +", "1 columns"),
        ("chr1\t1\t5\tx\t0\t.", "strand '.'"),
        ("chr:1\t1\t5\tx\t0\t+", "chromosome 'chr:1'"),
        ("chr1\t1\t5\t\t0\t+", "no name"),
        ("chr1\t1\t5\tone\t0\t+", "'one' stands in line 1 already"),
    ],
)
def test_a_faulty_row_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(KcalseqError, match="line 2") as error:
        read(tmp_path, GOOD + row + "\n")
    assert told in str(error.value)


def test_an_empty_or_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match="no row"):
        read(tmp_path, "# nothing\n")
    with pytest.raises(KcalseqError, match="cannot be read"):
        read_coordinates(tmp_path / "none.bed")


def test_names_and_lengths_must_be_those_of_the_library() -> None:
    places = {"promoter_1": Place("chr1", 0, 4, "+")}
    check_coordinates("p.bed", places, {"promoter_1": "ACGT"})
    check_coordinates("p.bed", places, {"promoter_1": float("nan")})  # type: ignore[dict-item]
    with pytest.raises(KcalseqError, match="'promoter_1' has 3 nt, and its interval 4"):
        check_coordinates("p.bed", places, {"promoter_1": "ACG"})
    with pytest.raises(KcalseqError, match="did you mean 'promoter_2'"):
        check_coordinates("p.bed", places, {"promoter_2": "ACGT"})


@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from("+-"))
def test_a_span_lies_in_its_place_and_is_as_long(position: int, length: int, strand: str) -> None:
    place = Place("c", 100, 120, strand)
    start, end = place.span(position, length)
    assert place.start <= start <= end <= place.end and end - start == length
