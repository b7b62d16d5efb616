"""DNA: the order of letters is fixed, and the complement of the complement is the sequence."""

import numpy as np
import pytest

from kcalseq.dna import ALPHABET, MISSING, encode, encode_sequences, reverse_complement


def test_codes_are_places_in_the_alphabet() -> None:
    assert encode_sequences(["ACGT", "TTTT"], 4).tolist() == [[0, 1, 2, 3], [3, 3, 3, 3]]
    assert encode_sequences([], 4).shape == (0, 4)


@pytest.mark.parametrize("letter", ["N", "a", "-", " ", "U"])
def test_other_letters_are_missing(letter: str) -> None:
    assert encode(np.array([ord(letter), ord("A")], dtype=np.uint8)).tolist() == [MISSING, 0]


def test_letters_come_back() -> None:
    codes = np.random.default_rng(97).integers(0, 4, (20, 30))
    sequences = ["".join(ALPHABET[code] for code in row) for row in codes]
    assert np.array_equal(encode_sequences(sequences, 30), codes)
    for sequence in sequences:
        assert reverse_complement(reverse_complement(sequence)) == sequence
        twin = encode_sequences([reverse_complement(sequence)], 30)[0]
        assert np.array_equal(twin, 3 - encode_sequences([sequence], 30)[0][::-1])


def test_lengths_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="reshape"):
        encode_sequences(["ACG", "AC"], 3)
