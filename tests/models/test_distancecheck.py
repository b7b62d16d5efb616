"""Every way in which an interaction by distance can make no sense, and the words that say so."""

from collections.abc import Callable

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec

TWO_AT_ONCE = """\
description: An activator between two polymerases
kind: thermodynamic
sequence: {length: 20}
sites:
  A: {start: [0, 17], length: 3}
  P: {start: 4, length: 4}
  Q: {start: 12, length: 4}
interactions:
  a_p: {between: [A, P], by_distance: [0, 2]}
  a_q: {between: [A, Q], by_distance: [0, 3]}
states: auto
transcribing: {P: r, Q: r}
"""

# Name: what is replaced in the model by distance, by what, and the words of the one message.
FAULTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "edges that do not rise": (
        "[0, 2, 4]",
        "[0, 4, 4]",
        ("line 8, key 'interactions.a_p.by_distance'", "edges 0, 4, 4 of interaction 'a_p'", "edges that rise"),
    ),
    "edges below 0": ("[0, 2, 4]", "[-1, 4]", ("line 8, key 'interactions.a_p.by_distance.0'", "at least 0")),
    "one edge": ("[0, 2, 4]", "[4]", ("line 8, key 'interactions.a_p.by_distance'",)),
    "edges that are no numbers of bases": ("[0, 2, 4]", "[0, 2.5]", ("key 'interactions.a_p.by_distance.1'",)),
    "two sites at fixed places": (
        "A: {start: [0, 14], length: 3, strands: both}",
        "A: {start: 1, length: 3}",
        (
            "line 8, key 'interactions.a_p.by_distance'",
            "neither site of interaction 'a_p' by distance may move; expected a scanned site and a site at a fixed",
            "remove by_distance",
        ),
    ),
    "two scanned sites": (
        "P: {start: 8, length: 4}",
        "P: {start: [8, 9], length: 4}",
        ("line 8", "both sites of interaction 'a_p' by distance may move", "fix one of them"),
    ),
    "no register beside the other site": (
        "start: [0, 14], length: 3",
        "start: [7, 9], length: 3",
        ("line 8", "site 'A' overlaps 'P' wherever it sits; expected a register beside it", "allow other starts"),
    ),
    "a step that no register meets": (
        "[0, 2, 4]",
        "[0, 6, 9]",
        ("line 8", "'A' never lies 6 to 8 bases from 'P'", "steps that some register meets", "join the step"),
    ),
    "a step of one base that no register meets": (
        "[0, 2, 4]",
        "[0, 6, 7]",
        ("line 8", "'A' never lies 6 bases from 'P'"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_words_of_a_fault(fault: str, texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    old, new, words = FAULTS[fault]
    assert old in texts["by_distance"]
    with pytest.raises(KcalseqError) as raised:
        read_text(texts["by_distance"].replace(old, new))
    assert len(str(raised.value).splitlines()) == 1
    for word in words:
        assert word in str(raised.value)


def test_two_at_once_are_refused(read_text: Callable[[str], ModelSpec]) -> None:
    with pytest.raises(KcalseqError) as raised:
        read_text(TWO_AT_ONCE)
    told = "key 'states': with A, P, Q bound, 'A' has a_p and a_q by distance at once; expected at most one by distance"
    assert f"line 11, {told}" in str(raised.value)
    listed = "states: [{bound: [], rate: 0}, {bound: [A, P], rate: r}, {bound: [A, Q], rate: r}]\n"
    automatic = "states: auto\ntranscribing: {P: r, Q: r}\n"
    assert read_text(TWO_AT_ONCE.replace(automatic, listed)).interaction_energies == ("a_p[0-1]", "a_q[0-2]")
    more = listed.replace("]\n", ", {bound: [P, Q, A], rate: r}]\n")
    with pytest.raises(KcalseqError, match=r"line 11, key 'states.3': with P, Q, A bound, 'A' has a_p and a_q"):
        read_text(TWO_AT_ONCE.replace(automatic, more))
