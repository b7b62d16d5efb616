"""Barcodes that are missing where they should be: in the RNA of a DNA, and in the other replicate."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

Samples = Sequence[Mapping[str, Any]]


def dropout_rna(overlap: pd.DataFrame, samples: Samples) -> dict[str, float]:
    """Share of the barcodes of a replicate's DNA that have no RNA there, by RNA sample.

    Args:
        overlap: table ``barcode_overlap`` of one library.
        samples: its counted samples, each with sample, condition, replicate and fraction.
    """
    shared = _shared(overlap)
    dna = {(row["condition"], row["replicate"]): row["sample"] for row in samples if row["fraction"] == "dna"}
    found = {}
    for row in samples:
        source = dna.get((row["condition"], row["replicate"]))
        if row["fraction"] == "rna" and source is not None and (source, row["sample"]) in shared:
            found[row["sample"]] = 1.0 - shared[source, row["sample"]]
    return found


def barcodes_shared(overlap: pd.DataFrame, samples: Samples) -> dict[str, float]:
    """Least share of the barcodes of a DNA sample that another of its condition has too, by condition.

    Args:
        overlap, samples: as for ``dropout_rna``.
    """
    shared, found = _shared(overlap), dict[str, list[float]]()
    dna = [row for row in samples if row["fraction"] == "dna"]
    for one, two in combinations(dna, 2):
        if one["condition"] == two["condition"]:
            pairs = ((one["sample"], two["sample"]), (two["sample"], one["sample"]))
            values = [shared[pair] for pair in pairs if pair in shared]
            found.setdefault(str(one["condition"]), []).extend(values)
    return {condition: min(values) for condition, values in found.items() if values}


def _shared(overlap: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Share of the barcodes of the first sample that the second has too; none where the first has no barcode."""
    found = {}
    for row in overlap.to_dict("records"):
        for one, two, n in (
            (row["sample"], row["other_sample"], row["n_barcodes"]),
            (row["other_sample"], row["sample"], row["n_other"]),
        ):
            if n:
                found[one, two] = float(row["n_shared"]) / float(n)
    return found
