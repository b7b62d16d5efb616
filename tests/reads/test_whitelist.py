"""Whitelists: read in order, and every kind of bad line told with its number."""

import gzip
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.reads.whitelist import MAX_COMPLAINTS, read_whitelist


@pytest.mark.parametrize("text", ["CCC\nAAA\n", "CCC\nAAA", "barcode\nCCC\nAAA\n", "CCC\r\nAAA\r\n"])
def test_plain_gzipped_with_and_without_header(tmp_path: Path, text: str) -> None:
    (tmp_path / "plain.txt").write_bytes(text.encode())
    (tmp_path / "packed").write_bytes(gzip.compress(text.encode()))
    assert read_whitelist(tmp_path / "plain.txt") == read_whitelist(tmp_path / "packed") == ("CCC", "AAA")


def test_all_bad_lines_are_told(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("ACGT\nacgt\nAC-T\nACG\nACGT\n\nTTTT\nGGGG\n")
    with pytest.raises(KcalseqErrors) as caught:
        read_whitelist(path)
    assert [(error.where.rpartition(" ")[2], error.found) for error in caught.value.errors] == [
        ("2", "'acgt' has letters other than A, C, G, T"),
        ("3", "'AC-T' has letters other than A, C, G, T"),
        ("4", "'ACG' has 3 letters"),
        ("5", "'ACGT' stands already in line 1"),
        ("6", "the line is empty"),
    ]
    assert caught.value.errors[0].remedy == "write it in upper case"


def test_complaints_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("N\n" * 1000)
    with pytest.raises(KcalseqErrors) as caught:
        read_whitelist(path)
    assert len(caught.value.errors) == MAX_COMPLAINTS


@pytest.mark.parametrize("content", [b"", b"barcode\n"])
def test_a_list_of_nothing_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(KcalseqError, match="there is no barcode in it"):
        read_whitelist(tmp_path / "list.txt")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"ACGT\n" * 1000)[:-20])
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    for name in ("cut.gz", "binary", "absent.txt"):
        with pytest.raises(KcalseqError, match="it cannot be read"):
            read_whitelist(tmp_path / name)
