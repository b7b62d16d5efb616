"""Single changes of molecules, by hand: told by their sequences, or by their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.activity.changes import FATES, Change, Changes, changes_by_name, changes_by_sequence, list_changes
from kcalseq.errors import KcalseqError


def told(changes: Changes) -> list[tuple[str, list[tuple[int, str]]]]:
    fates = [FATES[number] for number in changes.fate]
    return [(fate, [tuple(own) for own in changes]) for fate, changes in zip(fates, changes.of_variant, strict=True)]


def test_sequences_of_the_same_length_by_hand() -> None:
    found = changes_by_sequence(["ACGTACGT", "ACGTACGA", "TCGTACGA", "TGCATGCA", None, "ACGTNCGT"], "ACGTACGT")
    assert told(found) == [
        ("used", []),
        ("used", [(7, "A")]),
        ("used", [(0, "T"), (7, "A")]),
        ("unlike", []),
        ("unreadable", []),
        ("unreadable", []),
    ]


def test_a_missing_base_is_the_first_of_its_run_and_goes_with_exchanged_ones() -> None:
    found = changes_by_sequence(["ACCTACGT", "ACCTACGA", "ACCCTACG", "ACCTACT", "ACCCCTACGT"], "ACCCTACGT")
    assert told(found) == [
        ("used", [(1, "-")]),
        ("used", [(1, "-"), (8, "A")]),
        ("used", [(8, "-")]),
        ("other_change", []),
        ("other_change", []),
    ]


def test_names_of_both_kinds_by_hand() -> None:
    names = ["TERT", "TERT:12A>G;57del", "TERT:200:C>G TERT:75:GCCCC>GCCC", "9:T>.", "TERT:3_4insA", "scrambled"]
    names += ["TERT:75:GCC>GCCC", "TERT:5:AC>GT", "LDLR:12A>G", "TERT:3_9del"]
    found = changes_by_name(names, "TERT")
    assert told(found) == [
        ("used", []),
        ("used", [(11, "G"), (56, "-")]),
        ("used", [(75, "-"), (199, "G")]),
        ("used", [(8, "-")]),
        ("other_change", []),
        ("unreadable", []),
        ("other_change", []),
        ("used", [(4, "G"), (5, "T")]),
        ("unlike", []),
        ("other_change", []),
    ]
    assert found.reference == {11: "A", 199: "C", 75: "C", 8: "T", 4: "A", 5: "C"}


def test_names_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(KcalseqError, match="A and C as the reference's base 12"):
        changes_by_name(["12A>G", "12C>G"], "wildtype")


def test_two_changes_of_one_position_are_not_read() -> None:
    assert told(changes_by_name(["12A>G;12A>T"], "wildtype")) == [("unreadable", [])]


def test_names_count_only_where_the_reference_has_no_sequence() -> None:
    names = ["wt", "wt:1A>G"]
    assert told(list_changes(names, ["ACGT", "ACGA"], "wt"))[1] == ("used", [(3, "A")])
    assert told(list_changes(names, [None, "ACGA"], "wt"))[1] == ("used", [(0, "G")])


@given(st.text("ACGT", min_size=6, max_size=30), st.data())
def test_sequence_and_name_tell_the_same(reference: str, data: st.DataObject) -> None:
    positions = data.draw(st.sets(st.integers(0, len(reference) - 1), max_size=len(reference) // 2))
    letters, parts = list(reference), []
    for place in sorted(positions):
        letters[place] = data.draw(st.sampled_from([base for base in "ACGT" if base != reference[place]]))
        parts.append(f"{place + 1}{reference[place]}>{letters[place]}")
    changed = "".join(letters)
    by_sequence = changes_by_sequence([changed], reference).of_variant[0]
    by_name = changes_by_name([";".join(parts) or "wt"], "wt").of_variant[0]
    assert by_sequence == by_name == tuple(Change(place, changed[place]) for place in sorted(positions))
