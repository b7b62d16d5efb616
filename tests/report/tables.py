"""Tables of a barcoded library in miniature, for the pages that tests make of it."""

from typing import Any

import pandas as pd

from kcalseq.tablefile import conform
from kcalseq.tables import BARCODE_CALLS, COUNT_FATES, TABLES

CALLS = {"assigned": (15, 400), "mutated": (2, 50), "few_reads": (1, 2), "two_molecules": (1, 30), "unclear": (1, 8)}
KEPT = {"association": 490, "dna_1": 1000, "rna_1": 2000, "dna_2": 1100}


def frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """A checked table from rows in the defined column order."""
    return conform(name, pd.DataFrame(rows, columns=TABLES[name].column_names), name)


def sheet_row(fraction: str, replicate: str, sort_bin: str = "0") -> dict[str, str]:
    """A row of the sample sheet."""
    return {"fraction": fraction, "condition": "M9", "replicate": replicate, "bin": sort_bin}


def association_summary() -> pd.DataFrame:
    """Table ``association_summary``."""
    numbers = {
        "n_reads": (490, "reads"),
        "n_barcodes_read": (33, "barcodes"),
        "n_barcodes": (20, "barcodes"),
        "n_barcodes_moved": (13, "barcodes"),
        "n_reads_moved": (14, "reads"),
        "error_rate": (0.00271, "errors per base"),
        "chimera_rate": (0.0213, "share of reads"),
        "reverse_complement": (0, "1 = most molecules"),
        "min_reads": (3, "reads"),
        "recommended_min_reads": (5, "reads"),
        "min_purity": (None, "share of reads"),
        "n_variants_designed": (7, "variants"),
        "a_number_of_tomorrow": (0.125, "furlongs"),
    }
    for call in BARCODE_CALLS:
        n_barcodes, n_reads = CALLS.get(call, (0, 0))
        numbers |= {f"n_barcodes_{call}": (n_barcodes, "barcodes"), f"n_reads_{call}": (n_reads, "reads")}
    return frame("association_summary", [("mpra", name, *number) for name, number in numbers.items()])


def fates_and_saturation() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``count_fates`` and ``saturation``."""
    fates, saturation = [], []
    for sample, kept in list(KEPT.items())[1:]:
        numbers = {"exact": kept - 100, "corrected": 40, "ambiguous": 10, "unknown": 50}
        fates += [("mpra", sample, fate, numbers[fate], numbers[fate] // 10) for fate in COUNT_FATES]
        counted = kept - 60
        saturation += [("mpra", sample, counted // 2, 11.5, 240.5, False), ("mpra", sample, counted, 14, 400, False)]
        saturation += [("mpra", sample, counted * 2, 14.7, 500, True), ("mpra", sample, counted * 5, 15, 620, True)]
    return frame("count_fates", fates), frame("saturation", saturation)


def activity_tables() -> dict[str, pd.DataFrame]:
    """Tables of the activities of the one replicate of which there is DNA and RNA; replicate 2 has DNA alone."""
    numbers: dict[str, tuple[float | None, str]] = {
        "n_replicates": (1, "replicates"),
        "n_variants": (7, "variants"),
        "n_measured": (5, "variants"),
        "n_measured_in_all": (5, "variants"),
        "barcodes_per_variant_median": (3, "barcodes"),
        "log2_ratio_se_median": (0.25, "log2"),
        "log2_ratio_sd": (1.125, "log2"),
        "between_replicates_sd": (None, "log2"),
        "barcode_correlation": (None, "fraction"),
        "n_controls": (0, "variants"),
        "n_active": (None, "variants"),
    }
    untold = [(name, None, None, "-", "one_replicate") for name in TABLES["error_model"].column("term").values]
    drops = [("1", "barcode", "used", 14, 600, 700), ("1", "barcode", "few_dna", 1, 0, 4)]
    drops += [("1", "variant", "measured", 5, 600, 700), ("1", "variant", "not_seen", 2, 0, 0)]
    drops += [("2", "barcode", "unpaired", 13, 500, 0), ("2", "variant", "unpaired", 7, 0, 0)]
    return {
        "activity_summary": frame("activity_summary", [("mpra", "M9", name, *told) for name, told in numbers.items()]),
        "activity_drops": frame("activity_drops", [("mpra", "M9", *row) for row in drops]),
        "activity_replicates": frame("activity_replicates", [("mpra", "M9", "1", 5, 1.25, 0.3, 12.0, 0.0, 1.0)]),
        "replicate_agreement": frame("replicate_agreement", []),
        "error_model": frame("error_model", [("mpra", "M9", "1", *told) for told in untold]),
    }
