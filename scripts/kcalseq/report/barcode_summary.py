"""Key numbers of barcoded libraries: rows of table ``summary``, and a few of them for the terminal."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from kcalseq.report.activity_rows import SURE
from kcalseq.wording import count, share

COUNTED = ("exact", "corrected")
"""Fates of reads that are counted."""


class BarcodeTables(NamedTuple):
    """Tables of all barcoded libraries together; of ``barcode_map`` the columns library and variant are enough."""

    association_summary: pd.DataFrame
    barcode_map: pd.DataFrame
    count_fates: pd.DataFrame
    saturation: pd.DataFrame


def kept_reads(tables: BarcodeTables, library: str, association_runs: Sequence[str]) -> int | None:
    """Reads kept of a barcoded library, for association and for counts; None where the library is not barcoded.

    Args:
        tables: of all libraries.
        library: which.
        association_runs: its runs for association alone; without any, the map was made from the counted reads.
    """
    fates = _of(tables.count_fates, library)
    if fates.empty:
        return None
    summary = _of(tables.association_summary, library).set_index("quantity")["value"]
    return int(fates["n_reads"].sum()) + (int(summary.get("n_reads", 0)) if association_runs else 0)


def barcode_rows(tables: BarcodeTables, library: str, variants: pd.DataFrame) -> list[tuple[str, float | None, str]]:
    """Metric, value and unit of a library's key numbers; none for a library without barcodes.

    Args:
        tables: of all libraries.
        library: which.
        variants: table ``variants`` of all libraries.
    """
    summary = _of(tables.association_summary, library).set_index("quantity")["value"]
    rows: list[tuple[str, float | None, str]] = []
    if len(summary):
        n_reads, n_barcodes = float(summary["n_reads"]), float(summary["n_barcodes"])
        n_assigned, n_reads_assigned = float(summary["n_barcodes_assigned"]), float(summary["n_reads_assigned"])
        rows += [
            ("reads_association", n_reads, "reads"),
            ("reads_assigned_fraction", _part(n_reads_assigned, n_reads), "fraction"),
            ("n_barcodes", n_barcodes, "barcodes"),
            ("n_barcodes_assigned", n_assigned, "barcodes"),
            ("barcodes_assigned_fraction", _part(n_assigned, n_barcodes), "fraction"),
        ]
    return rows + _map_rows(tables, library, variants) + _count_rows(tables, library)


def last_measured(saturation: pd.DataFrame) -> pd.DataFrame:
    """The row of each library and sample at the depth sequenced: its reads, barcodes and molecules counted.

    Args:
        saturation: table ``saturation``.
    """
    measured = saturation[~saturation["projected"].astype(bool)].sort_values("n_reads")
    return measured.drop_duplicates(["library", "sample"], keep="last")


def terminal_lines(values: Mapping[str, float]) -> list[tuple[str, float, str, str]]:
    """Name, value, share and unit of the few numbers that matter most.

    Args:
        values: the library's metrics in table ``summary``.
    """
    lines = []
    if "n_barcodes_assigned" in values:
        n_barcodes = values["n_barcodes"]
        of_all = f"{share(values['n_barcodes_assigned'], n_barcodes)} of {count(n_barcodes)}"
        lines.append(("barcodes_assigned", values["n_barcodes_assigned"], of_all, "barcodes"))
    if "reads_counted" in values:
        to_count = values["reads_to_count"]
        of_all = f"{share(values['reads_counted'], to_count)} of {count(to_count)}"
        lines.append(("reads_counted", values["reads_counted"], of_all, "reads"))
    if values.get("n_effects_tested"):
        tested = values["n_effects_tested"]
        lines.append(("effects_sure", values["n_effects_sure"], f"of {count(tested)} at a FDR of {SURE:g}", "pairs"))
    return lines


def _map_rows(tables: BarcodeTables, library: str, variants: pd.DataFrame) -> list[tuple[str, float | None, str]]:
    mapped = _of(tables.barcode_map, library)["variant"].value_counts()
    names = _of(variants, library)["variant"]
    if mapped.empty and _of(tables.association_summary, library).empty:
        return []
    per_variant = mapped.reindex(names, fill_value=0)
    return [
        ("n_barcodes_mapped", float(mapped.sum()), "barcodes"),
        ("n_variants_mapped", float(len(mapped)), "variants"),
        ("barcodes_per_variant_median", float(per_variant.median()) if len(names) else None, "barcodes per variant"),
    ]


def _count_rows(tables: BarcodeTables, library: str) -> list[tuple[str, float | None, str]]:
    fates, ends = _of(tables.count_fates, library), last_measured(_of(tables.saturation, library))
    if fates.empty:
        return []
    to_count = float(fates["n_reads"].sum())
    counted = float(fates.loc[fates["fate"].isin(COUNTED), "n_reads"].sum())
    rows: list[tuple[str, float | None, str]] = [
        ("reads_to_count", to_count, "reads"),
        ("reads_counted", counted, "reads"),
        ("reads_counted_fraction", _part(counted, to_count), "fraction"),
    ]
    molecules = ends["n_molecules"].dropna()
    return [*rows, ("n_molecules", float(molecules.sum()), "molecules")] if len(molecules) else rows


def _of(table: pd.DataFrame, library: str) -> pd.DataFrame:
    return table[table["library"] == library]


def _part(part: float, whole: float) -> float | None:
    return part / whole if whole else None
