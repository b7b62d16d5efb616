"""Gates and cells of sort bins, as the sheet of samples tells them, and whether they suit each other."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from kcalseq.errors import KcalseqError
from kcalseq.sheets import Row

COLUMNS = ("gate_lower", "gate_upper", "cells", "population_share")


class GatedBin(NamedTuple):
    """One sort bin.

    Attributes:
        row: its row in the sheet of samples, from 1.
        bin: its number, 1 = dimmest.
        lower, upper: gates as the cytometer shows fluorescence; None = open.
        cells: sorted into it.
        population_share: of all cells, 0 to 1; None = as the cells.
    """

    row: int
    bin: int
    lower: float | None
    upper: float | None
    cells: float | None
    population_share: float | None

    def told(self) -> dict[str, float | None]:
        """All but the place in the sheet, on which no result depends."""
        return {name: value for name, value in self._asdict().items() if name != "row"}


def gated_bins(samples: Mapping[str, Row], library: str) -> dict[tuple[str, str], list[GatedBin]]:
    """Bins of a library by condition and replicate, from the dimmest on, where the sheet says anything of gates.

    Args:
        samples: rows of the sheet by sample, in its order.
        library: name of the library.
    """
    found: dict[tuple[str, str], list[GatedBin]] = {}
    for number, row in enumerate(samples.values(), start=1):
        if row["library"] == library and row["fraction"] == "bin":
            told = [float(row[name]) if row.get(name) else None for name in COLUMNS]
            found.setdefault((row["condition"], row["replicate"]), []).append(
                GatedBin(number, int(row["bin"]), *told),
            )
    return {
        place: sorted(bins, key=lambda own: own.bin)
        for place, bins in sorted(found.items())
        if any(value is not None for own in bins for value in own[2:])
    }


def gate_errors(samples: Mapping[str, Row], sheet: str) -> Iterator[KcalseqError]:
    """Faults of gates and cells: the first of each replicate."""
    for number, (name, row) in enumerate(samples.items(), start=1):
        told = [column for column in COLUMNS if row.get(column)]
        if told and row["fraction"] != "bin":
            found = f"{told[0]} of sample '{name}', whose fraction is {row['fraction']}"
            yield KcalseqError(f"{sheet} row {number}", found, "none, but for sort bins", "empty the cell")
    for library in dict.fromkeys(row["library"] for row in samples.values()):
        for (condition, replicate), bins in gated_bins(samples, library).items():
            place = f"library '{library}', condition '{condition}', replicate '{replicate}'"
            fault = next(_faults(bins, place), None)
            if fault:
                row_number, *told = fault
                yield KcalseqError(f"{sheet} row {row_number}", *told)


def _faults(bins: list[GatedBin], place: str) -> Iterator[tuple[int, str, str, str]]:
    """Row, what was found, what was expected, and the remedy."""
    shares = [own.population_share is not None for own in bins]
    if len(bins) < 2:
        yield bins[0].row, f"gates of one bin of {place}", "two bins at least", "add the other bins, or empty the gates"
    for own in bins:
        where = f"bin {own.bin} of {place}"
        if own.cells is None or own.cells <= 0:
            found = "no cells" if own.cells is None else f"{own.cells:g} cells"
            remedy = "fill column 'cells', or empty the gates of the replicate's other bins too"
            yield own.row, f"{found} of {where}", "a number above 0, in all bins or none", remedy
        for name, gate in (("gate_lower", own.lower), ("gate_upper", own.upper)):
            if gate == 0:
                expected = "fluorescence above 0, whose logarithm there is"
                yield own.row, f"{name} 0 of {where}", expected, "leave it empty, which is an open end"
        if own.lower is not None and own.upper is not None and own.lower >= own.upper:
            found = f"gates {own.lower:g} and {own.upper:g} of {where}"
            yield own.row, found, "a lower gate below the upper one", "exchange or correct them"
        if own.lower is None and own is not bins[0]:
            yield own.row, f"no lower gate of {where}", "one, but for the dimmest bin", "fill column 'gate_lower'"
        if own.upper is None and own is not bins[-1]:
            yield own.row, f"no upper gate of {where}", "one, but for the brightest bin", "fill column 'gate_upper'"
        if any(shares) and (own.population_share is None or not 0 < own.population_share <= 1):
            found = "none" if own.population_share is None else f"{own.population_share:g}"
            expected = "a share above 0, 1 at most, in all bins of a replicate or none"
            yield own.row, f"population_share {found} of {where}", expected, "correct it"
    for one, two in pairwise(bins):
        if one.upper is not None and two.lower is not None and one.upper > two.lower:
            found = f"bin {one.bin} up to {one.upper:g} and bin {two.bin} from {two.lower:g} of {place}"
            yield two.row, found, "bins that rise with their numbers and do not overlap", "correct gates or bins"
    if sum(own.population_share or 0.0 for own in bins) > 1.001:
        found = f"population shares of {place} add up to more than 1"
        yield bins[0].row, found, "shares of all cells, not per cent", "correct them"
    if len({gate for own in bins for gate in (own.lower, own.upper) if gate is not None}) < 2:
        expected = "two boundaries at least: one alone tells how far a mean lies from it in units of a width not known"
        yield bins[0].row, f"a single gate of {place}", expected, "give the outer gates too, or none"
