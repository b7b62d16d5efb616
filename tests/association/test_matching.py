"""Molecules are told apart by what they are, base by base."""

import numpy as np
import pyarrow as pa
import pytest

from kcalseq.association.hashing import to_text
from kcalseq.association.kmers import resembling, words_of
from kcalseq.association.matching import EXACT, FAR, NEAR, SEVERAL, SKIPPED, match_molecules, prepare_oligos
from kcalseq.association.nearest import Aligner, cigar, differences, operations
from kcalseq.dna import reverse_complement
from kcalseq.sequences import to_letters

RNG = np.random.default_rng(17)
OLIGOS = tuple("".join(row) for row in RNG.choice(list("ACGT"), (20, 90)))
REF = OLIGOS[0]
FAMILY = (REF, REF[:40] + "TC"[REF[40] == "T"] + REF[41:], REF[:60] + REF[61:], *OLIGOS[1:])


def match(
    molecule: str, open_places: tuple[int, ...] = (), sequences: tuple[str, ...] = FAMILY
) -> tuple[int, int, bool]:
    letters, lengths = to_letters(pa.array([molecule]))
    undecided = np.zeros(letters.shape, dtype=np.bool_)
    undecided[0, list(open_places)] = True
    found = match_molecules(prepare_oligos(sequences), letters, lengths, undecided, np.array([True]))
    return int(found.kind[0]), int(found.oligo[0]), bool(found.reverse[0])


@pytest.mark.parametrize("number", range(len(FAMILY)))
def test_each_oligo_is_itself_on_both_strands(number: int) -> None:
    assert match(FAMILY[number]) == (EXACT, number, False)
    assert match(reverse_complement(FAMILY[number])) == (EXACT, number, True)


def test_an_open_place_between_neighbours_leaves_both_open() -> None:
    assert match(FAMILY[1], (40,))[0] == SEVERAL
    assert match(FAMILY[1], (41,)) == (EXACT, 1, False)
    wrong = REF[:10] + "ACGT"[("ACGT".index(REF[10]) + 1) % 4] + REF[11:]
    assert match(wrong, (10,)) == (EXACT, 0, False)


def test_one_edit_away_is_found_and_further_is_left() -> None:
    wrong = REF[:10] + "ACGT"[("ACGT".index(REF[10]) + 1) % 4] + REF[11:]
    assert match(wrong) == (NEAR, 0, False)
    assert match(reverse_complement(REF[:20] + REF[21:])) == (NEAR, 0, True)
    assert match(wrong[:30] + "AAAA" + wrong[30:])[0] == FAR


def test_twins_cannot_be_told_apart() -> None:
    assert match(REF, sequences=(*FAMILY, REF))[0] == SEVERAL


def test_what_is_not_wanted_is_not_looked_up() -> None:
    letters, lengths = to_letters(pa.array([REF]))
    nothing = np.zeros(letters.shape, dtype=np.bool_)
    found = match_molecules(prepare_oligos(FAMILY), letters, lengths, nothing, np.array([False]))
    assert (found.kind[0], found.oligo[0]) == (SKIPPED, -1)


def test_the_nearest_oligo_of_a_family_is_the_one_with_fewest_edits() -> None:
    aligner = Aligner(FAMILY)
    closed = np.zeros(95, dtype=np.bool_)
    molecule = FAMILY[2][:5] + "ACG" + FAMILY[2][5:]
    assert aligner.nearest(molecule, closed[: len(molecule)])[:2] == (2, False)
    turned = reverse_complement(molecule)
    assert aligner.nearest(turned, closed[: len(turned)])[:2] == (2, True)
    assert aligner.nearest("ACACACACGT" * 9, closed[:90]).oligo == -1
    # Six open places, all wrong: nothing else differs, and only the reference fits.
    places = np.zeros(90, dtype=np.bool_)
    places[10:16] = True
    masked = REF[:10] + reverse_complement(REF[10:16])[::-1] + REF[16:]
    found = aligner.nearest(masked, places)
    assert (found.oligo, found.edits, found.several) == (0, 0, False)
    places[40] = True
    assert aligner.nearest(masked, places).several


@pytest.mark.parametrize(
    ("oligo", "molecule", "notation", "pairs"),
    [
        ("ACGTACGT", "ACGTACGT", "", [(0, 8)]),
        ("ACGTACGT", "ACTTACGT", "3G>T", [(0, 8)]),
        ("ACGTTTACG", "ACGTTACG", "4del", [(0, 3), (2, 1), (0, 5)]),
        ("ACGTTTACG", "ACGTTTTACG", "3_4insT", [(0, 3), (1, 1), (0, 6)]),
        ("ACGCATGATCC", "ACGGATCC", "4_6del", [(0, 3), (2, 3), (0, 5)]),
        ("ACGTACGT", "ACGTACGTGG", "8_9insGG", [(0, 8), (1, 2)]),
        ("GGACGTACGT", "ACGTACGT", "1_2del", [(2, 2), (0, 8)]),
    ],
)
def test_differences_by_eye(oligo: str, molecule: str, notation: str, pairs: list[tuple[int, int]]) -> None:
    assert differences(oligo, molecule) == notation
    assert cigar(oligo, molecule) == pairs
    assert np.count_nonzero(operations(oligo, molecule) > 1) == sum(length for kind, length in pairs if kind)


def test_reads_of_the_design_resemble_it_and_others_do_not() -> None:
    words = words_of(to_text(pa.array(OLIGOS)))
    strange = "".join(RNG.choice(list("ACGT"), 90))
    misread = OLIGOS[5][:30] + "A" + OLIGOS[5][31:]
    text = to_text(pa.array([OLIGOS[3], reverse_complement(OLIGOS[4]), misread, strange]))
    assert resembling(text, np.arange(4), words, 0.01).tolist() == [3, 4, 5, -1]
