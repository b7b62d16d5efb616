"""The words of an error: where, found, expected, remedy."""

import pytest

from kcalseq.errors import KcalseqError, KcalseqErrors, did_you_mean


def test_one_error_is_one_sentence_of_four_parts() -> None:
    error = KcalseqError("runs.tsv row 7", "sample 'x' is unknown", "a sample of samples.tsv", "correct it.")
    told = "runs.tsv row 7: sample 'x' is unknown; expected a sample of samples.tsv. Remedy: correct it."
    assert str(error) == told
    assert (error.where, error.found) == ("runs.tsv row 7", "sample 'x' is unknown")


def test_several_errors_are_as_many_lines_and_are_caught_as_one() -> None:
    errors = [KcalseqError(f"row {number}", "a", "b", "c") for number in (1, 2, 3)]
    with pytest.raises(KcalseqError) as raised:
        raise KcalseqErrors(errors)
    assert str(raised.value).splitlines() == [str(error) for error in errors]
    assert raised.value.where == "row 1"


@pytest.mark.parametrize(
    ("word", "choices", "hint"),
    [
        ("lac_rna_2", ["lac_rna_1", "lac_dna"], "did you mean 'lac_rna_1'?"),
        ("zzz", ["b", "a"], "allowed: a, b"),
        ("x", [], "allowed: "),
    ],
)
def test_hints(word: str, choices: list[str], hint: str) -> None:
    assert did_you_mean(word, choices) == hint


def test_a_megabyte_read_by_mistake_is_not_told_whole() -> None:
    error = KcalseqError("map.tsv line 1", f"barcode {'A' * 1_000_000}", "C", "mend it")
    assert len(str(error)) < 1000 and str(error).startswith("map.tsv line 1: barcode AAA")
    many = KcalseqErrors([KcalseqError(f"row {number}", "a", "b", "c") for number in range(1000)])
    assert str(many).splitlines()[-1] == "... and 975 more like these" and len(str(many).splitlines()) == 26
    hint = did_you_mean("zzz", [f"a{number}" for number in range(100_000)])
    assert len(hint) < 500 and hint.endswith("... (100000 in all)")
