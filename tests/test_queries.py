"""Sequences to predict are read as they are meant; what is wrong is told by record, with a remedy."""

import gzip
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.queries import read_queries


def fasta(folder: Path, text: str, name: str = "new.fa") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["new.fa", "new.fa.gz"])
def test_records_come_in_the_order_of_the_file(tmp_path: Path, name: str) -> None:
    path = fasta(tmp_path, ">one first\r\nAC\r\ngt\r\n>two\nACGTN", name)
    assert read_queries(path, 4, "lac") == [("one", "ACGT"), ("two", "ACGTN")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (">a\nACGT\n>b\nACG\n", r"record 2 \('b'\): 3 bases; expected at least 4, the length of model lac"),
        (">a\nACRT\n", r"record 1 \('a'\): the letter 'R' at base 3; expected A, C, G, T, and N"),
        (">a\nACGU\n", "the letter 'U' at base 4"),
        (">a\nACGT\n>a b\nACGT\n", r"record 2 \('a'\): the name 'a' is that of record 1 too"),
        (">\nACGT\n", "record 1: no name"),
        (">a\n>b\nACGT\n", r"record 1 \('a'\): 0 bases"),
        ("", "no record"),
        ("ACGT\n", "line 1: 'ACGT' before the first name"),
    ],
)
def test_what_is_wrong_is_told_with_its_record(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KcalseqError, match=message) as error:
        read_queries(fasta(tmp_path, text), 4, "lac")
    assert "Remedy:" in str(error.value)


def test_five_complaints_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError) as error:
        read_queries(fasta(tmp_path, "".join(f">{number}\nAC\n" for number in range(9))), 4, "lac")
    assert len(str(error.value).splitlines()) == 5
