"""Designs are read as they are meant, and what is wrong in one is told by record."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from kcalseq.association.design import read_design
from kcalseq.errors import KcalseqError


def fasta(folder: Path, text: str, name: str = "design.fa") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["design.fa", "design.fa.gz"])
def test_lines_cases_and_blanks_do_not_matter(tmp_path: Path, name: str) -> None:
    design = read_design(fasta(tmp_path, ">one first oligo\r\nAC\r\ngt\r\n\r\n>two\nACGTA", name))
    assert design.names == ("one", "two")
    assert design.sequences == ("ACGT", "ACGTA")
    assert design.length_spread() == {4: 1, 5: 1}


def test_adapters_come_off(tmp_path: Path) -> None:
    path = fasta(tmp_path, ">one\nGGAACC\n>two\nGGTTACC\n")
    assert read_design(path, "GG", "cc").sequences == ("AA", "TTA")
    with pytest.raises(KcalseqError, match=r"record 1 \('one'\): the oligo lacks the left_adapter GT"):
        read_design(path, "GT")
    with pytest.raises(KcalseqError, match="nothing between the adapters"):
        read_design(fasta(tmp_path, ">a\nGGCC\n"), "GG", "CC")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (">a\nAC\n>b\nGG\n>a\nTT\n", r"record 3: the name 'a' is that of record 1 too"),
        (">a one\nAC\n>a two\nGG\n", r"record 2: the name 'a' is that of record 1 too"),
        (">a\nAC\n>b\n>c\nGG\n", r"record 2 \('b'\): no sequence"),
        (">a\nACNT\n", r"record 1 \('a'\): the letter 'N' at base 3"),
        (">a\nAC\n>\nGG\n", "record 2: no name"),
        ('>a"b\nAC\n', r"record 1: the name 'a\"b' holds '\"'"),
        (">ä\nAC\n", "the name 'ä' holds 'ä'"),
        ("", "no record"),
        ("ACGT\n>a\nAC\n", "line 1: 'ACGT' before the first name"),
    ],
)
def test_what_is_wrong_is_told_with_its_record(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KcalseqError, match=message):
        read_design(fasta(tmp_path, text))


def test_all_complaints_come_together(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError) as error:
        read_design(fasta(tmp_path, ">a\nAN\n>a\nAC\n>c\n"))
    assert len(str(error.value).splitlines()) == 3


def test_unreadable_files_are_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.fa.gz"
    broken.write_bytes(gzip.compress(b">a\nACGT\n")[:-9])
    for path in (broken, tmp_path / "missing.fa"):
        with pytest.raises(KcalseqError, match="cannot be read"):
            read_design(path)


def test_names_that_sam_refuses_are_shown_otherwise_there(tmp_path: Path) -> None:
    design = read_design(fasta(tmp_path, ">a(1)\nAC\n>a[1]\nGG\n>b:2\nTT\n"))
    assert design.odd_names() == ["a(1)", "a[1]"]
    assert design.sam_names() == ["a_1__1", "a_1__2", "b:2"]
    assert read_design(fasta(tmp_path, ">a'\nAC\n"), rename=True).names == ("a_",)


def test_it_can_be_read_before_any_environment_is_there() -> None:
    program = "import sys, kcalseq.association.design; sys.exit(bool({'numpy', 'pandas', 'numba'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": "scripts"}, check=False).returncode == 0


def test_a_real_design_is_read(shared_data: Path) -> None:
    design = read_design(shared_data / "mprasnakeflow" / "design.fa")
    assert len(design.names) == 2440 and design.length_spread() == {171: 2440}
