"""Which variants are negative controls."""

from pathlib import Path

import pytest

from kcalseq.activity.controlnames import find_controls, read_control_names
from kcalseq.errors import KcalseqError

NAMES = ["scrambled_1", "scrambled_2", "wildtype", "not_scrambled_1"]


def test_a_pattern_must_match_the_whole_name() -> None:
    assert find_controls(NAMES, "", "scrambled_.*", "here") == [True, True, False, False]
    assert find_controls(NAMES, "", "", "here") == [False] * 4


def test_a_list_and_a_pattern_add_up(tmp_path: Path) -> None:
    path = tmp_path / "controls.txt"
    path.write_text("# names\nwildtype\n\nwildtype\n", encoding="utf-8")
    assert read_control_names(path) == ("wildtype",)
    assert find_controls(NAMES, str(path), "scrambled_1", "here") == [True, False, True, False]


def test_what_is_no_variant_is_told(tmp_path: Path) -> None:
    path = tmp_path / "controls.txt"
    path.write_text("wildtyp\n", encoding="utf-8")
    with pytest.raises(KcalseqError, match=r"here: 'wildtyp' of .* is no variant of the library"):
        find_controls(NAMES, str(path), "", "here")
    with pytest.raises(
        KcalseqError, match="here: no variant matches 'random_.*'; expected names such as 'scrambled_1'"
    ):
        find_controls(NAMES, "", "random_.*", "here")
    with pytest.raises(KcalseqError, match="'scr[(]' is no regular expression"):
        find_controls(NAMES, "", "scr(", "here")
    with pytest.raises(KcalseqError, match="no variant is named in"):
        find_controls(NAMES, str(path), "", "here", whole=False)
    path.write_text("wildtyp\nscrambled_2\n", encoding="utf-8")
    assert find_controls(NAMES, str(path), "", "here", whole=False) == [False, True, False, False]
    path.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(KcalseqError, match="it names no variant"):
        read_control_names(path)
