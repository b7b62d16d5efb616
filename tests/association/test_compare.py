"""Distances against slow, obvious twins."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kcalseq.association.compare import align, edit_distance, mismatches, one_gap

LETTERS = st.text("ACGT", max_size=80)
LONG = st.text("AC", min_size=120, max_size=200)


def array(letters: str) -> NDArray[np.uint8]:
    return np.frombuffer(letters.encode(), dtype=np.uint8)


def plain_distance(one: str, two: str) -> int:
    row = list(range(len(two) + 1))
    for i, letter in enumerate(one, start=1):
        above, row = row, [i]
        for j, other in enumerate(two, start=1):
            row.append(min(above[j - 1] + (letter != other), above[j] + 1, row[-1] + 1))
    return row[-1]


@settings(deadline=None)  # the first call compiles
@given(LETTERS, LETTERS)
def test_edit_distance_is_that_of_the_textbook(one: str, two: str) -> None:
    assert edit_distance(array(one), array(two)) == plain_distance(one, two)


@settings(deadline=None)  # the first call compiles
@given(LONG, LONG)
def test_edit_distance_carries_between_words(one: str, two: str) -> None:
    assert edit_distance(array(one), array(two)) == plain_distance(one, two)


@settings(deadline=None)  # the first call compiles
@given(LETTERS, LETTERS)
def test_an_alignment_has_the_fewest_edits_and_spells_the_sequence(one: str, two: str) -> None:
    operations = np.zeros(len(one) + len(two), dtype=np.uint8)
    steps = operations[align(array(one), array(two), operations) :]
    assert np.count_nonzero(steps) == plain_distance(one, two)
    spelled, place, here = "", 0, 0
    for step in steps:
        if step == 0:
            spelled += one[place]
        elif step != 2:
            spelled += two[here]
        place += step != 3
        here += step != 2
    assert (spelled, place) == (two, len(one))


@settings(deadline=None)  # the first call compiles
@given(st.text("ACGT", min_size=1, max_size=40), st.data())
def test_one_gap_finds_the_best_letter_to_leave_out(long: str, data: st.DataObject) -> None:
    short = data.draw(st.text("ACGT", min_size=len(long) - 1, max_size=len(long) - 1))
    by_hand = [
        sum(one != two for one, two in zip(short, long[:place] + long[place + 1 :], strict=True))
        for place in range(len(long))
    ]
    assert one_gap(array(short), array(long)) == (min(by_hand), by_hand.index(min(by_hand)))


def test_mismatches_are_counted() -> None:
    assert mismatches(array("ACGT"), array("AGGA")) == 2
