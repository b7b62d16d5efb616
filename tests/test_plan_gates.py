"""Gates and cells of the sheet of samples are checked before any job starts: one clear error for each replicate."""

import pytest

from kcalseq.planning.gates import GatedBin, gate_errors, gated_bins
from kcalseq.sheets import Row

GOOD = [("", "100", "500", ""), ("100", "1e3", "800", ""), ("1000", "", "400", "")]
Bins = list[tuple[str, str, str, str]]


def sheet(bins: Bins, fraction: str = "bin", replicate: str = "1") -> dict[str, Row]:
    """Rows of the sheet: bins 1, 2, ... with lower gate, upper gate, cells and share of the population."""
    names = ("gate_lower", "gate_upper", "cells", "population_share")
    place = {"library": "lac", "condition": "M9", "replicate": replicate, "fraction": fraction}
    return {
        f"{fraction}{number}_{replicate}": {**place, "bin": str(number), **dict(zip(names, told, strict=True))}
        for number, told in enumerate(bins, start=1)
    }


def told(samples: dict[str, Row]) -> list[str]:
    return [str(error) for error in gate_errors(samples, "samples.tsv")]


def test_gates_are_read_as_numbers_from_the_dimmest_bin_on() -> None:
    samples = dict(reversed(sheet(GOOD).items()))
    assert told(samples) == []
    (bins,) = gated_bins(samples, "lac").values()
    assert bins[0] == GatedBin(3, 1, None, 100.0, 500.0, None) and [own.bin for own in bins] == [1, 2, 3]
    assert "row" not in bins[0].told()


def test_bins_without_gates_and_sheets_without_the_columns_are_left_alone() -> None:
    samples = sheet([("", "", "", "")] * 3)
    assert gated_bins(samples, "lac") == {} and told(samples) == []
    bare = {name: {key: row[key] for key in list(row)[:5]} for name, row in samples.items()}
    assert gated_bins(bare, "lac") == {} and told(bare) == []


def test_one_replicate_may_have_gates_and_another_none() -> None:
    samples = sheet(GOOD) | sheet([("", "", "", "")] * 3, replicate="2")
    assert told(samples) == [] and list(gated_bins(samples, "lac")) == [("M9", "1")]


def test_gaps_between_bins_are_no_fault() -> None:
    assert told(sheet([("10", "100", "5", ""), ("200", "300", "5", "")])) == []


FAULTS: dict[str, tuple[int, tuple[str, str, str, str], str]] = {
    "cells of one bin missing": (2, ("100", "1000", "", ""), "row 2: no cells of bin 2 of library 'lac'"),
    "no cells sorted": (2, ("100", "1000", "0", ""), "row 2: 0 cells of bin 2"),
    "a gate at zero": (1, ("0", "100", "500", ""), "row 1: gate_lower 0 of bin 1"),
    "gates the wrong way round": (2, ("1000", "100", "800", ""), "row 2: gates 1000 and 100 of bin 2"),
    "an open gate inside": (2, ("", "1000", "800", ""), "row 2: no lower gate of bin 2"),
    "an open upper gate inside": (2, ("100", "", "800", ""), "row 2: no upper gate of bin 2"),
    "bins that overlap": (3, ("900", "", "400", ""), "row 3: bin 2 up to 1000 and bin 3 from 900"),
    "a share of one bin alone": (2, ("100", "1000", "800", "0.2"), "row 1: population_share none of bin 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_gives_one_error_with_its_row(fault: str) -> None:
    number, row, words = FAULTS[fault]
    (message,) = told(sheet([row if place == number else good for place, good in enumerate(GOOD, start=1)]))
    assert message.startswith(f"samples.tsv {words}") and "expected" in message


def test_shares_in_per_cent_one_gate_and_one_bin_are_told() -> None:
    many = [("", "100", "5", "0.9"), ("100", "1000", "5", "0.6"), ("1000", "", "5", "0.1")]
    assert "shares of library 'lac', condition 'M9', replicate '1' add up to more than 1" in told(sheet(many))[0]
    assert "a single gate of" in told(sheet([("", "100", "5", ""), ("100", "", "5", "")]))[0]
    assert "gates of one bin of" in told(sheet([("10", "100", "5", "")]))[0]


def test_gates_of_what_was_not_sorted_are_told() -> None:
    assert "row 1: gate_upper of sample 'input1_1', whose fraction is input" in told(sheet(GOOD[:1], "input"))[0]
