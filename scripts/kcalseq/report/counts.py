"""What the page says of a barcoded library's counts: fates, depth, replicates and reads in the wrong sample."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from kcalseq.report.barcode_summary import COUNTED, last_measured
from kcalseq.report.barcode_verdicts import between, counts_verdict, hopping_verdict
from kcalseq.report.verdict import Verdict
from kcalseq.tables import COUNT_FATES

MOST_PAIRS = 40
NAN = math.nan
Sheet = Mapping[str, Mapping[str, Any]]


class Deeper(NamedTuple):
    """What so many times the reads would show; molecules NaN where there are none."""

    fold: int
    n_barcodes: float
    n_molecules: float


@dataclass(frozen=True)
class SampleRow:
    """Counts of one sample; ``n_molecules`` is NaN where none were counted."""

    name: str
    words: str
    fates: dict[str, int]
    n_barcodes_read: int
    n_barcodes: int
    n_molecules: float
    deeper: list[Deeper]

    @property
    def kept(self) -> int:
        """Its kept reads."""
        return sum(self.fates.values())

    @property
    def counted(self) -> int:
        """Its reads that were counted."""
        return sum(self.fates[fate] for fate in COUNTED)

    def projected(self, fold: int) -> Deeper:
        """What so many times the reads would show; NaN where there is no projection."""
        return next((deeper for deeper in self.deeper if deeper.fold == fold), Deeper(fold, NAN, NAN))

    @property
    def reads_per_molecule(self) -> float:
        """Reads counted for each molecule; NaN without molecules."""
        return self.counted / self.n_molecules if self.n_molecules else NAN


class SharedRow(NamedTuple):
    """Barcodes that two samples share."""

    sample: str
    other: str
    kind: str
    n_barcodes: int
    n_other: int
    n_shared: int

    @property
    def n_either(self) -> int:
        """Barcodes of one sample or the other."""
        return self.n_barcodes + self.n_other - self.n_shared


class HoppingRow(NamedTuple):
    """Reads of one sample that came from another."""

    sample: str
    other: str
    n_shared: int
    n_expected: float
    hopped: float


@dataclass(frozen=True)
class CountsView:
    """Counts of a library; of long lists of pairs the first, with ``n_pairs`` and ``n_hopping`` the whole number."""

    verdicts: list[Verdict]
    samples: list[SampleRow]
    sentences: list[str]
    pairs: list[SharedRow]
    n_pairs: int
    hopping: list[HoppingRow]
    n_hopping: int
    hopping_sentence: str

    @property
    def totals(self) -> dict[str, int]:
        """Reads of all samples by fate."""
        return {fate: sum(row.fates[fate] for row in self.samples) for fate in COUNT_FATES}

    @property
    def kept(self) -> int:
        """Kept reads of all samples."""
        return sum(self.totals.values())

    @property
    def counted(self) -> int:
        """Reads counted of all samples."""
        return sum(self.totals[fate] for fate in COUNTED)

    @property
    def has_molecules(self) -> bool:
        """Whether molecules were counted in any sample."""
        return any(not math.isnan(row.n_molecules) for row in self.samples)

    @property
    def folds(self) -> list[int]:
        """Times the depth sequenced for which some sample has a projection."""
        return sorted({deeper.fold for row in self.samples for deeper in row.deeper})


class CountTables(NamedTuple):
    """Tables of one library."""

    count_fates: pd.DataFrame
    saturation: pd.DataFrame
    barcode_overlap: pd.DataFrame
    index_hopping: pd.DataFrame


def counts_view(library: str, tables: CountTables, sheet: Sheet, has_map: bool) -> CountsView | None:
    """Work out what there is to say; None for a library whose reads hold no barcodes.

    Args:
        library: its name.
        tables: of the library.
        sheet: fraction, condition and replicate of each sample; a sample may be missing.
        has_map: whether barcodes are counted against a barcode map.
    """
    if tables.count_fates.empty:
        return None
    samples = [_sample_row(str(name), tables, sheet) for name in sorted(tables.count_fates["sample"].unique())]
    counted, kept = sum(row.counted for row in samples), sum(row.kept for row in samples)
    pairs = _pairs(tables.barcode_overlap, sheet)
    hopping = _hopping(tables.index_hopping)
    shares = [sum(row.hopped for row in hopping if row.sample == sample.name) for sample in samples]
    warning = hopping_verdict(library, shares if hopping else [])
    return CountsView(
        [counts_verdict(library, counted, kept, has_map), *([warning] if warning else [])],
        samples,
        _deeper_sentences(samples),
        pairs[:MOST_PAIRS],
        len(pairs),
        hopping[:MOST_PAIRS],
        len(hopping),
        _hopping_sentence(samples, shares if hopping else []),
    )


def _sample_row(name: str, tables: CountTables, sheet: Sheet) -> SampleRow:
    fates = tables.count_fates[tables.count_fates["sample"] == name]
    reads = {str(row["fate"]): int(row["n_reads"]) for row in fates.to_dict("records")}
    depths = tables.saturation[tables.saturation["sample"] == name]
    ends = last_measured(depths).to_dict("records")
    end = ends[0] if ends else {"n_reads": 0, "n_barcodes": 0.0, "n_molecules": NAN}
    deeper = [
        Deeper(round(row["n_reads"] / end["n_reads"]), float(row["n_barcodes"]), float(row["n_molecules"]))
        for row in depths[depths["projected"].astype(bool)].sort_values("n_reads").to_dict("records")
    ]
    return SampleRow(
        name,
        _sample_words(sheet.get(name)),
        {fate: reads.get(fate, 0) for fate in COUNT_FATES},
        int(fates["n_barcodes"].sum()),
        round(end["n_barcodes"]),
        float(end["n_molecules"]),
        deeper,
    )


def _sample_words(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    fraction = f"bin {row['bin']}" if row["fraction"] == "bin" else str(row["fraction"])
    shown = fraction.upper() if fraction in ("dna", "rna") else fraction
    return f"{shown}, {row['condition']}, replicate {row['replicate']}"


def _deeper_sentences(samples: list[SampleRow]) -> list[str]:
    told = []
    for what, name in (("n_molecules", "molecules"), ("n_barcodes", "barcodes")):
        gains = [
            getattr(deeper, what) / getattr(row, what) - 1
            for row in samples
            for deeper in row.deeper
            if deeper.fold == 2 and getattr(row, what) > 0
        ]
        if gains:
            more = between([max(0.0, gain) for gain in gains])
            told.append(f"Twice the reads would show {more} more {name} in a sample.")
    return told


def _pairs(overlap: pd.DataFrame, sheet: Sheet) -> list[SharedRow]:
    rows = [
        SharedRow(r["sample"], r["other_sample"], _kind(sheet.get(r["sample"]), sheet.get(r["other_sample"])), *ns)
        for r in overlap.to_dict("records")
        for ns in [(int(r["n_barcodes"]), int(r["n_other"]), int(r["n_shared"]))]
    ]
    return sorted(rows, key=lambda row: (row.kind != "replicates", row.sample, row.other))


def _kind(one: Mapping[str, Any] | None, two: Mapping[str, Any] | None) -> str:
    if one is None or two is None or one["condition"] != two["condition"]:
        return ""
    same_fraction = (one["fraction"], one["bin"]) == (two["fraction"], two["bin"])
    if same_fraction:
        return "replicates"
    return "same replicate" if one["replicate"] == two["replicate"] else ""


def _hopping(table: pd.DataFrame) -> list[HoppingRow]:
    columns = ["sample", "other_sample", "n_shared", "n_expected", "hopped_fraction"]
    rows = [
        HoppingRow(str(sample), str(other), int(n_shared), float(n_expected), float(hopped))
        for sample, other, n_shared, n_expected, hopped in table[columns].to_numpy(dtype=object)
    ]
    return sorted(rows, key=lambda row: (math.isnan(row.hopped), -row.hopped, row.sample, row.other))


def _hopping_sentence(samples: list[SampleRow], shares: list[float]) -> str:
    known = [number for number in shares if math.isfinite(number)]
    if known:
        return (
            f"{between(known)} of a sample's reads came from the library's other samples. No molecule can be in two "
            "tubes, so barcode and UMI seen in two samples, beyond chance, tell how many reads went to the wrong one."
        )
    if len(samples) < 2:
        return "Whether reads came from another sample (index hopping) cannot be told: the library has one sample."
    if all(math.isnan(row.n_molecules) for row in samples):
        return "Whether reads came from another sample (index hopping) cannot be told without UMIs."
    return "Whether reads came from another sample (index hopping) cannot be told: too few molecules were read twice."
