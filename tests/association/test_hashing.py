"""Neighbours by hash are the neighbours there are."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.association.hashing import find, hash_one, hashes, index_of, one_edit_hashes, to_text
from kcalseq.dna import reverse_complement


def hash_of(letters: str) -> int:
    return int(hash_one(np.frombuffer(letters.encode(), dtype=np.uint8)))


def neighbours(letters: str) -> set[str]:
    places = range(len(letters) + 1)
    left_out = {letters[:i] + letters[i + 1 :] for i in places[:-1]}
    let_in = {letters[:i] + base + letters[i:] for i in places for base in "ACGT"}
    changed = {letters[:i] + base + letters[i + 1 :] for i in places[:-1] for base in "ACGT"} - {letters}
    return left_out | let_in | changed


def shifted_neighbours(letters: str) -> set[str]:
    places = range(len(letters))
    left_out = {letters[:i] + letters[i + 1 :] + base for i in places for base in "ACGT"}
    let_in = {(letters[:i] + base + letters[i:])[: len(letters)] for i in places for base in "ACGT"}
    changed = {letters[:i] + base + letters[i + 1 :] for i in places for base in "ACGT"}
    return left_out | let_in | changed


@settings(deadline=None)  # the first call compiles
@given(st.text("ACGT", min_size=1, max_size=20), st.booleans())
def test_all_sequences_one_edit_away(letters: str, shifted: bool) -> None:
    n = len(letters)
    before, out = np.zeros(n + 1, np.uint64), np.zeros(11 * n + 4, np.uint64)
    count = one_edit_hashes(np.frombuffer(letters.encode(), dtype=np.uint8), shifted, before, out)
    expected = {hash_of(near) for near in (shifted_neighbours if shifted else neighbours)(letters)}
    assert {int(key) for key in out[:count]} - {hash_of(letters)} == expected - {hash_of(letters)}


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text("ACGT", max_size=12), min_size=1))
def test_what_was_put_in_is_found_at_its_first_place(sequences: list[str]) -> None:
    text = to_text(pa.array(sequences))
    index = index_of(hashes(text))
    for row, letters in enumerate(sequences):
        assert find(index.keys[row], index.keys, index.slots) == index.first[row] == sequences.index(letters)
    assert find(hash_of("G" * 13), index.keys, index.slots) == -1
    turned = to_text(pa.array([reverse_complement(letters) for letters in sequences]))
    assert np.array_equal(hashes(text, reverse=True), hashes(turned))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_slices_and_chunks_of_columns_are_read(kind: pa.DataType) -> None:
    column = pa.chunked_array([pa.array(["A", "CC", "GGG"], kind)[1:], pa.array(["T"], kind)])
    text = to_text(column)
    first = text.offsets[0]
    assert [bytes(text.letters[a:b]).decode() for a, b in zip(text.offsets, text.offsets[1:], strict=False)] == [
        "CC",
        "GGG",
        "T",
    ]
    assert first >= 0 and len(text) == 3
