"""Sheets: every complaint names its row, and blanks and comments are no rows."""

from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.sheets import check_unique, read_sheet

RUNS = "run\tsample\tread_1\nr1\tb1\tone.fastq\nr2\tb2\ttwo.fastq\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "runs.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(KcalseqError) as raised:
        read_sheet(written(tmp_path, text), "runs")
    return str(raised.value)


def test_rows_by_column(tmp_path: Path) -> None:
    rows = read_sheet(written(tmp_path, RUNS), "runs")
    assert rows == [
        {"run": "r1", "sample": "b1", "read_1": "one.fastq"},
        {"run": "r2", "sample": "b2", "read_1": "two.fastq"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        RUNS.replace("\n", "\r\n"),
        "\ufeff" + RUNS,
        "# my runs\n" + RUNS.replace("r2", "\n\nr2"),
        RUNS.replace("r1\tb1", " r1 \tb1 "),
        "read_1\trun\tsample\none.fastq\tr1\tb1\ntwo.fastq\tr2\tb2\n",
    ],
    ids=["windows", "byte order mark", "comments and blank lines", "blanks around cells", "other column order"],
)
def test_what_makes_no_difference(text: str, tmp_path: Path) -> None:
    assert read_sheet(written(tmp_path, text), "runs") == read_sheet(written(tmp_path, RUNS), "runs")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RUNS.replace("read_1\n", "raed_1\n", 1), ("unknown column 'raed_1'", "'read_1'?", "'read_1' is missing")),
        (RUNS.replace("sample\t", "run\t"), ("column 'run' twice", "column 'sample' is missing", "or the pool")),
        (RUNS.replace("r2\tb2\t", "r2\t"), ("row 2: 2 cells; expected 3, one per column", "add or remove tabs")),
        (RUNS.replace("two.fastq", "two.fastq\textra"), ("row 2: 4 cells; expected 3",)),
        (RUNS.replace("r1\t", "r 1\t"), ("row 1, key 'run': found 'r 1'", "letters, digits, _ . -")),
        (RUNS.replace("\tb1\t", "\t\t"), ("row 1, key 'sample'", "the sample, or the pool, that was sequenced")),
        ("", ("the sheet is empty", "a header and at least one row")),
        ("# only words\n\n", ("the sheet is empty",)),
    ],
)  # fmt: skip
def test_words_of_a_complaint(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    told = complaint(tmp_path, text)
    for word in ("runs.tsv", *words):
        assert word in told


def test_all_rows_are_told_at_once(tmp_path: Path) -> None:
    told = complaint(tmp_path, RUNS.replace("r1\t", "r 1\t").replace("r2\tb2\t", "r2\t"))
    assert "row 1" in told and "row 2" in told and len(told.splitlines()) == 2


def test_a_missing_sheet(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match="there is no such file; expected a tab-separated sheet"):
        read_sheet(tmp_path / "absent.tsv", "runs")


def test_repetitions_name_both_rows() -> None:
    rows = [{"run": "r1", "fastq": "a"}, {"run": "r2", "fastq": "a"}, {"run": "r1", "fastq": "a"}]
    check_unique("runs.tsv", rows[:2], ("run",), "rename one")
    with pytest.raises(KcalseqErrors) as raised:
        check_unique("runs.tsv", rows, ("fastq",), "remove one")
    told = str(raised.value).splitlines()
    assert told == [
        "runs.tsv row 2: fastq 'a' stands in row 1 already; expected each once. Remedy: remove one.",
        "runs.tsv row 3: fastq 'a' stands in row 1 already; expected each once. Remedy: remove one.",
    ]
    with pytest.raises(KcalseqErrors, match="row 3: run 'r1', fastq 'a' stands in row 1 already"):
        check_unique("runs.tsv", rows, ("run", "fastq"), "remove one")
