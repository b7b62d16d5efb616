"""Fates of a library's reads: for each reason, and the part of the layout at fault, how many reads of each run."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kcalseq.tables import READ_FATES


@dataclass(frozen=True)
class FateRow:
    """Reads with one fate.

    Attributes:
        reason: the fate.
        name: the fate in words, with the part at fault where one is: ``part not found: left_flank``.
        meaning: what the fate means.
        counts: reads of each run.
    """

    reason: str
    name: str
    meaning: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Reads of all runs."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class FatesView:
    """Fates of a library's reads, in the order in which a read is tried; each read is in one row."""

    runs: list[str]
    rows: list[FateRow]

    @property
    def totals(self) -> dict[str, int]:
        """All reads of each run."""
        return {run: sum(row.counts[run] for row in self.rows) for run in self.runs}

    @property
    def kept_in(self) -> dict[str, int]:
        """Reads kept of each run."""
        return {run: sum(row.counts[run] for row in self.rows if row.reason == "kept") for run in self.runs}

    @property
    def total(self) -> int:
        """All reads."""
        return sum(self.totals.values())

    @property
    def kept(self) -> int:
        """Reads kept."""
        return sum(self.kept_in.values())


def fates_view(read_fates: pd.DataFrame, runs: Sequence[str]) -> FatesView:
    """Count the fates of some runs' reads; every reason has a number, also 0, and every part at fault a row."""
    own = read_fates[read_fates["run"].isin(list(runs))]
    counted: dict[tuple[str, str, str], int] = {}
    for row in own.to_dict("records"):
        cell = (str(row["reason"]), str(row["part"]) if pd.notna(row["part"]) else "", str(row["run"]))
        counted[cell] = counted.get(cell, 0) + int(row["n_reads"])
    rows = []
    for reason, meaning in READ_FATES.items():
        parts = sorted({part for (of, part, _), n_reads in counted.items() if of == reason and n_reads}) or [""]
        for part in parts:
            counts = {run: counted.get((reason, part, run), 0) for run in runs}
            name = reason.replace("_", " ") + (f": {part}" if part else "")
            rows.append(FateRow(reason, name, meaning, counts))
    return FatesView(list(runs), rows)
