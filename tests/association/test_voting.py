"""Votes and consensus: quality decides where reads differ, and what is open is said to be."""

import numpy as np
import pyarrow as pa

from kcalseq.association.consensus import GAP, LENGTH, MAIN, MINORITY, OPEN, TOTAL, Reads, find_molecules
from kcalseq.association.hashing import to_text
from kcalseq.association.rates import DECISIVE, first_reach, first_weights

Z = "ACGTTGCATTCAGGACCATAGCGTTAACGGTCATTGCCAGTAGGCTAAC"


def find(reads: list[tuple[str, str, int]]) -> tuple[dict[str, int], str, list[int]]:
    """Numbers, consensus and open places of one barcode's reads: sequence, quality letter, how often."""
    sequences = [sequence for sequence, _, _ in reads]
    quality = "".join(letter * len(sequence) for sequence, letter, _ in reads)
    found = find_molecules(
        Reads(
            to_text(pa.array(sequences)),
            np.frombuffer(quality.encode(), dtype=np.uint8).copy(),
            np.array([n for _, _, n in reads]),
            np.zeros(len(reads), dtype=np.int64),
            1,
        ),
        first_weights(),
        first_reach(),
        DECISIVE,
        True,
    )
    names = {"total": TOTAL, "main": MAIN, "open": OPEN, "minority": MINORITY, "gap": GAP, "length": LENGTH}
    numbers = {name: int(found.numbers[0, column]) for name, column in names.items()}
    n = numbers["length"]
    return numbers, found.consensus[0, :n].tobytes().decode(), np.flatnonzero(found.undecided[0, :n]).tolist()


def changed(place: int, letter: str) -> str:
    return Z[:place] + letter + Z[place + 1 :]


def test_the_better_read_decides() -> None:
    _, consensus, is_open = find([(Z, "I", 1), (changed(5, "A"), "#", 1)])  # Phred 40 against 2
    assert (consensus, is_open) == (Z, [])
    _, consensus, is_open = find([(Z, "#", 1), (changed(5, "A"), "I", 1)])
    assert (consensus, is_open) == (changed(5, "A"), [])


def test_one_against_one_is_open_and_two_against_one_is_not() -> None:
    assert find([(Z, "I", 1), (changed(5, "A"), "I", 1)])[2] == [5]
    numbers, consensus, is_open = find([(Z, "I", 2), (changed(5, "A"), "I", 1)])
    assert (consensus, is_open, numbers["minority"]) == (Z, [], 1)


def test_equal_reads_are_one_however_they_are_split() -> None:
    whole = find([(Z, "I", 3), (changed(5, "A"), "5", 4), (changed(9, "A"), "I", 1)])
    split = find(
        [(changed(9, "A"), "I", 1), (Z, "I", 2), (changed(5, "A"), "5", 3), (Z, "I", 1), (changed(5, "A"), "5", 1)]
    )
    assert whole == split


def test_a_read_with_a_gap_votes_in_the_frame() -> None:
    numbers, consensus, _ = find([(changed(40, "A"), "I", 2), (changed(40, "A")[:10] + changed(40, "A")[11:], "I", 1)])
    assert (consensus, numbers["main"], numbers["gap"]) == (changed(40, "A"), 3, 1)


def test_three_reads_with_three_gaps_give_the_molecule() -> None:
    reads = [(Z[:10] + Z[11:], "I", 1), (Z[:20] + "G" + Z[20:], "I", 1), (Z[:33] + Z[34:], "I", 1)]
    numbers, consensus, _ = find(reads)
    assert (consensus, numbers["main"]) == (Z, 3)


def test_unrelated_reads_are_not_of_the_molecule() -> None:
    numbers, consensus, _ = find([(Z, "I", 3), (Z[::-1], "I", 1), ("GATTACA" * 7, "I", 1)])
    assert (numbers["total"], numbers["main"], consensus) == (5, 3, Z)
