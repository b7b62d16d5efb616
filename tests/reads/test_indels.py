"""Constant parts with indels: against a brute force over all stretches, and against a search for mismatches alone."""

import gzip
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.reads.indels import Place, find_in_reads, find_with_indels


def edit_distance(first: str, second: str) -> int:
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            diagonal, row[j] = row[j], min(diagonal + (a != b), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def mismatches_only(read: str, part: str, most: int, first: int, last: int, expected: int) -> Place | None:
    found = []
    for start in range(max(first, 0), min(last, len(read) - len(part)) + 1):
        n = sum(a != b for a, b in zip(read[start:], part, strict=False))
        if n <= most:
            found.append(((n, abs(start - expected), start), Place(start, start + len(part), n)))
    return min(found)[1] if found else None


def twin(read: str, part: str, most: int, first: int, last: int, expected: int) -> Place | None:
    plain = mismatches_only(read, part, most, first, last, expected)
    found = []
    for start in range(max(first, 0), min(last, len(read)) + 1):
        for end in range(start, len(read) + 1):
            n, change = edit_distance(read[start:end], part), end - start - len(part)
            if n <= most and (plain is None or n < plain.n_errors):
                found.append(((n, abs(start - expected), start, abs(change), change), Place(start, end, n)))
    return min(found)[1] if found else plain


PART = "GATTACAGGC"


@st.composite
def reads(draw: st.DrawFn) -> str:
    """The part with a few edits between random bases, so that most draws have something to find."""
    part = list(PART)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(part) - 1))
        part[place : place + draw(st.integers(0, 1))] = draw(st.sampled_from(["", "A", "C", "G", "T", "N", "GT"]))
        part = part or ["A"]
    sides = st.text("ACGT", max_size=6)
    return draw(sides) + "".join(part) + draw(sides)


@settings(max_examples=400, deadline=None)
@given(reads(), st.integers(0, 4), st.integers(-2, 6), st.integers(0, 6), st.integers(-2, 8))
def test_it_finds_what_brute_force_finds(read: str, most: int, first: int, span: int, expected: int) -> None:
    where = (first, first + span, expected)
    assert find_with_indels(read, PART, most, *where) == twin(read, PART, most, *where)


@settings(max_examples=200, deadline=None)
@given(st.text("AC", max_size=14), st.text("AC", min_size=4, max_size=6), st.integers(0, 3), st.integers(0, 8))
def test_repetitive_sequence_has_one_answer_too(read: str, part: str, most: int, last: int) -> None:
    assert find_with_indels(read, part, most, 0, last) == twin(read, part, most, 0, last, last // 2)


def test_by_eye() -> None:
    assert find_with_indels("TTGATTACAGGCTT", PART, 2, 0, 4) == (2, 12, 0)
    assert find_with_indels("TTGATTCAGGCTT", PART, 2, 0, 4) == (2, 11, 1)  # the second A is gone
    assert find_with_indels("TTGATTTACAGGCTT", PART, 2, 0, 4) == (2, 13, 1)  # a T more
    assert find_with_indels("TTGATTTCAGGCTT", PART, 2, 0, 4) == (2, 12, 1)  # A read as T: no indel needed
    assert find_with_indels(b"TTGANTACAGGCTT", PART, 1, 0, 4) == (2, 12, 1)
    assert find_with_indels("TTGATTACAGGCTT", PART, 2, 5, 9) is None
    assert find_with_indels("", PART, 2, 0, 4) is None


def test_two_copies_the_nearest_and_then_the_leftmost() -> None:
    read = PART + "TT" + PART
    assert find_with_indels(read, PART, 1, 0, 12, expected=7) == (12, 22, 0)
    assert find_with_indels(read, PART, 1, 0, 12, expected=6) == (0, 10, 0)


def test_an_end_without_indels_beats_a_nearer_start_with_one() -> None:
    read = "GATTACAGCCTTTTGATTACGGC"  # one mismatch at 0; one deletion at 14, nearer the expected place
    assert find_with_indels(read, PART, 1, 0, 14, expected=14) == (0, 10, 1)
    assert find_with_indels(read, PART, 1, 10, 14, expected=14) == (14, 23, 1)


@settings(max_examples=100, deadline=None)
@given(st.lists(reads(), min_size=1, max_size=6), st.data())
def test_only_the_reads_asked_for_are_visited(texts: list[str], draw: st.DataObject) -> None:
    asked = np.array(draw.draw(st.lists(st.integers(0, len(texts) - 1))), dtype=np.int64)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
    buffer = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    found = find_in_reads(buffer, starts, lengths, asked, PART, 2, 0, 5 + asked, expected=2)
    for row, read in enumerate(asked.tolist()):
        single = find_with_indels(texts[read], PART, 2, 0, 5 + read, expected=2)
        assert (found.starts[row], found.ends[row], found.n_errors[row]) == (single or (-1, -1, -1))


def test_a_part_that_could_be_lost_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="2 errors in a part of 2 nt"):
        find_with_indels("ACGT", "AC", 2, 0, 2)


def authors_counts(path: Path) -> list[tuple[set[tuple[str, str]], int]]:
    """The (barcode, variant) pairs of each row of the authors' sheet, and the reads that show them."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as parts:
        rows = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml")).findall(".//x:row", space)
    counts = []
    for row in rows[1:]:
        cells = ["".join(cell.itertext()) for cell in row.findall("x:c", space)]
        # Columns: barcode, main variant, barcodes, variants, counts, total count as reads per million of 35,183.
        pairs = {(barcode, variant) for barcode in cells[2].split() for variant in cells[3].split()}
        counts.append((pairs, round(float(cells[5]) * 35183 / 1e6)))
    return counts


def test_real_reads_give_the_counts_that_the_authors_give(shared_data: Path) -> None:
    folder = shared_data / "mpradecoder"
    with gzip.open(folder / "M1.fastq.gz", "rt") as lines:
        records = lines.read().splitlines()
    reads, qualities = records[1::4], records[3::4]
    lengths = np.array([len(read) for read in reads], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
    buffer = np.frombuffer("".join(reads).encode(), dtype=np.uint8)
    left, right = "GACACTCGAGGATCGAG", "TTAACGTACG"
    middle = "GAGTTGTGGCCGGCCCTTGTGACTGGGAAAACCCTGGCGTAAATAAAATACGAAATGACTAGTCATGCGTCAATTTTACGCAT"
    kept = np.arange(len(reads))
    # Each part is looked for farther than it may stand, so that a wrong length shows as one.
    one = find_in_reads(buffer, starts, lengths, kept, left, 2, 0, 3, 0)
    kept, ends = kept[one.starts >= 0], one.ends[one.starts >= 0]
    two = find_in_reads(buffer, starts, lengths, kept, middle, 8, ends + 8, ends + 28, ends + 18)
    fits = (two.starts >= ends + 16) & (two.starts <= ends + 20)
    kept, barcodes, ends = kept[fits], np.stack([ends, two.starts], axis=1)[fits], two.ends[fits]
    three = find_in_reads(buffer, starts, lengths, kept, right, 1, ends, ends + 16, ends + 8)
    fits = three.starts == ends + 8
    counts: Counter[tuple[str, str]] = Counter()
    for read, (begin, end), place in zip(kept[fits], barcodes[fits], ends[fits], strict=True):
        scores = qualities[read][begin:end] + qualities[read][place : place + 8]
        if min(scores) >= "+":  # Phred 10
            counts[reads[read][begin:end], reads[read][place : place + 8]] += 1
    # The authors report 35,183 reads; their limits on flanks are on a score in which a lost base costs two.
    assert (len(reads), sum(counts.values())) == (39304, 35306)
    expected = authors_counts(folder / "example-libr_mapping_M1.xlsx")
    assert len(expected) == 1651
    assert [sum(counts[pair] for pair in pairs) for pairs, _ in expected] == [n for _, n in expected]
