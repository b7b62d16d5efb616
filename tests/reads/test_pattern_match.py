"""Finding patterns: against a brute-force twin on random reads, and against another program's output on real ones."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.dna import reverse_complement
from kcalseq.reads.pattern import BASES_OF_LETTER, parse_pattern
from kcalseq.reads.pattern_match import Matches, Piece, Search, allowed, find_pattern, lay_out, reported_letters
from kcalseq.sequences import to_strings

Found = tuple[int, int, int, str] | None


def piece(text: str, max_mismatches: int, report: str = "all") -> Piece:
    return Piece(parse_pattern(text, "a test"), max_mismatches, report)


def as_buffer(reads: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lengths = np.array([len(read) for read in reads], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[: len(reads)]
    return np.frombuffer("".join(reads).encode(), dtype=np.uint8), starts, lengths


def find(reads: list[str], search: Search, **where: object) -> tuple[Matches, list[str]]:
    buffer, starts, lengths = as_buffer(reads)
    matches = find_pattern(buffer, starts, lengths, search, **where)  # type: ignore[arg-type]
    return matches, to_strings(*reported_letters(buffer, starts, matches, search)).to_pylist()


def twin(read: str, pieces: list[Piece], first: int, last: int, leftmost: bool) -> Found:
    """Every start with every combination of lengths, spelt out; the least by the order that the module promises."""
    elements = [element for part in pieces for element in part.pattern.elements]
    ranges = [range(element.min_length, element.max_length + 1) for element in elements]
    found = []
    for start in range(max(first, 0), min(last, len(read)) + 1):
        for lengths in product(*ranges):
            end, spent, kept = start, [0] * len(pieces), ""
            fitting = iter(lengths)
            for number, part in enumerate(pieces):
                for element in part.pattern.elements:
                    stretch = read[end : end + next(fitting)]
                    end += len(stretch)
                    if element.letter != "N" and stretch and stretch not in BASES_OF_LETTER[element.letter]:
                        spent[number] += 1
                    if part.report == "all" or (part.report == "free" and element.letter not in "ACGT"):
                        kept += stretch
            fits = all(n <= part.max_mismatches for n, part in zip(spent, pieces, strict=True))
            if end == start + sum(lengths) and fits:
                order = (start, sum(spent)) if leftmost else (sum(spent), start)
                found.append((order, lengths, (start, end, sum(spent), kept)))
    return min(found)[2] if found else None


patterns = st.lists(st.sampled_from(["A", "C", "AC", "W", "N", "[0-2]", "[1-3]"]), min_size=1, max_size=4).map("".join)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.text("ACGTN", max_size=12), min_size=1, max_size=3),
    st.lists(st.tuples(patterns, st.integers(0, 2), st.sampled_from(["all", "free", "none"])), min_size=1, max_size=3),
    st.integers(-1, 3),
    st.integers(0, 12),
    st.booleans(),
)
def test_it_finds_what_brute_force_finds(
    reads: list[str], texts: list[tuple[str, int, str]], first: int, span: int, leftmost: bool
) -> None:
    pieces = [piece(*text) for text in texts]
    matches, kept = find(reads, lay_out(pieces), first=first, last=first + span, leftmost=leftmost)
    for number, read in enumerate(reads):
        expected = twin(read, pieces, first, first + span, leftmost)
        if expected is None:
            assert (matches.starts[number], matches.ends[number], matches.mismatches[number]) == (-1, -1, -1)
            assert kept[number] == ""
        else:
            found = (matches.starts[number], matches.ends[number], matches.mismatches[number], kept[number])
            assert found == expected


def test_ties_by_eye() -> None:
    search = lay_out([piece("AC", 1, "none"), piece("[2-4]", 0), piece("GG", 1, "none")])
    reads = [
        "ACTTGG",  # exact
        "ACTTTGGG",  # two ends fit exactly: the shorter stretch
        "CATCTTGG",  # AT at 1 and TC at 2 have one each: the leftmost
        "AGTTGGACTTGG",  # one mismatch at 0, none at 6: the fewer mismatches
        "ACTTAA",  # the right flank has two
        "ACNNGG",  # N fits a stretch
        "NCTTGG",  # N misfits a letter
    ]
    matches, kept = find(reads, search)
    assert kept == ["TT", "TTT", "CTT", "TT", "", "NN", "TT"]
    assert matches.starts.tolist() == [0, 0, 1, 6, -1, 0, 0]
    assert matches.mismatches.tolist() == [0, 0, 1, 0, -1, 0, 1]
    assert matches.edges[0].tolist() == [0, 1, 2, 4, 5, 6]
    assert find(reads, search, leftmost=True)[0].starts.tolist() == [0, 0, 1, 0, -1, 0, 0]


def test_each_read_may_have_its_own_window() -> None:
    reads, search = ["ACGTACGT"] * 3, lay_out([piece("ACG", 0)])
    firsts = np.array([0, 1, 5])
    matches, _ = find(reads, search, first=firsts, last=firsts + 3)
    assert matches.starts.tolist() == [0, 4, -1]


def test_fixed_patterns_without_a_search() -> None:
    letters = np.frombuffer(b"ACNTTCNTGCNTANNT", dtype=np.uint8).reshape(4, 4)
    assert allowed(letters, parse_pattern("WSNT", "a test")).tolist() == [True, True, False, False]
    with pytest.raises(ValueError, match="4 nt held against the pattern 'NNN'"):
        allowed(letters, parse_pattern("NNN", "a test"))
    with pytest.raises(ValueError, match="against the pattern"):
        allowed(letters, parse_pattern("[3-4]", "a test"))


def extract(reads: list[str], qualities: list[str], leftmost: bool) -> dict[int, tuple[str, str]]:
    """Barcode and strand of each read that has one of mean quality above 30; forward is tried first."""
    search = lay_out(
        [piece("TACC", 1, "none"), piece("[4-7]AA[4-7]AA[4-7]TT[4-7]", 0, "free"), piece("ATAA", 1, "none")]
    )
    found: dict[int, tuple[str, str]] = {}
    turned = [reverse_complement(read) for read in reads], [quality[::-1] for quality in qualities]
    matched: set[int] = set()
    for strand, (texts, marks) in (("+", (reads, qualities)), ("-", turned)):
        buffer, starts, lengths = as_buffer(texts)
        matches = find_pattern(buffer, starts, lengths, search, leftmost=leftmost)
        barcodes = to_strings(*reported_letters(buffer, starts, matches, search)).to_pylist()
        scores = reported_letters(np.frombuffer("".join(marks).encode(), dtype=np.uint8), starts, matches, search)
        for read in set(np.flatnonzero(matches.starts >= 0).tolist()) - matched:
            matched.add(read)
            if scores.letters[read].sum() / scores.lengths[read] > ord("?"):
                found[read] = (barcodes[read], strand)
    return found


def test_real_reads_give_the_barcodes_that_bartender_gives(shared_data: Path) -> None:
    lines = (shared_data / "bartender" / "2M_test.fq").read_text().splitlines()
    reads, qualities = lines[1::4], lines[3::4]
    # Its output names the line behind each record.
    expected = {
        (int(line) - 5) // 4: barcode
        for barcode, line in (
            row.split(",") for row in (shared_data / "bartender" / "2M_extracted_barcode.txt").read_text().split()
        )
    }
    assert len(expected) == 924
    found = extract(reads, qualities, leftmost=True)
    assert {read: barcode for read, (barcode, _) in found.items()} == expected
    turned = extract([reverse_complement(read) for read in reads], [quality[::-1] for quality in qualities], True)
    assert {read for read, (_, strand) in turned.items() if strand == "-"} >= set(expected)
    # With the fewest mismatches first, two distinct reads (four copies of each are in the file) change: there a chance
    # TATC before the true flank TACC began a barcode of 26 nt that holds the flank.
    changed = {
        read for read, (barcode, _) in extract(reads, qualities, leftmost=False).items() if barcode != expected[read]
    }
    assert len(changed) == 8
    assert all("TACC" in expected[read] for read in changed)
    assert {len(expected[read]) for read in changed} == {26}
