"""Activities in the formats of the MPRA focus group of IGVF; ``igvf_variants`` has effects.

Columns, their order and their meaning are those of the schemas of mpralib 0.11 (https://github.com/kircherlab/MPRAlib).
A row of these formats has a number in every column, so what was not measured has no row.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from kcalseq.export.coordinates import Place

GENOMIC_ELEMENT = ("chrom", "chromStart", "chromEnd", "name", "score", "strand")
_LEAST_P = np.finfo(np.float64).tiny  # a p that is too small for a number has a logarithm still


class Export(NamedTuple):
    """Rows of a file, and how many rows of its table have none, by reason."""

    rows: pd.DataFrame
    left_out: dict[str, int]


def experiment(log_ratio: pd.DataFrame, replicates: Mapping[str, str], pseudocount: float) -> Export:
    """reporter_experiment: counts, counts per million and log2 ratio of each variant in each replicate.

    Args:
        log_ratio: table ``variant_log_ratio`` of one condition.
        replicates: name of each replicate in the file.
        pseudocount: added to the counts of every variant.
    """
    found = with_cpm(log_ratio, pseudocount)
    measured = found[found["fate"] == "measured"]
    rows = pd.DataFrame(
        {
            "replicate": measured["replicate"].map(dict(replicates)),
            "oligo_name": measured["variant"],
            "dna_counts": measured["dna"],
            "rna_counts": measured["rna"],
            "dna_normalized": measured["dna_cpm"],
            "rna_normalized": measured["rna_cpm"],
            "log2FoldChange": np.log2(measured["rna_cpm"] / measured["dna_cpm"]),
            "n_bc": measured["n_barcodes"],
        }
    )
    return Export(rows, {"not_measured": len(found) - len(measured)})


def mean_cpm(log_ratio: pd.DataFrame, pseudocount: float) -> pd.DataFrame:
    """Counts per million of each variant, mean over the replicates in which it was measured: dna and rna."""
    found = with_cpm(log_ratio, pseudocount)
    means = found[found["fate"] == "measured"].groupby("variant")[["dna_cpm", "rna_cpm"]].mean()
    return means.rename(columns={"dna_cpm": "dna", "rna_cpm": "rna"})


def elements(combined: pd.DataFrame, cpm: pd.DataFrame) -> Export:
    """reporter_element: activity of each variant against the negative controls, which have no row themselves.

    Args:
        combined: table ``combined_activity`` of one condition.
        cpm: see ``mean_cpm``.
    """
    measured = combined["log2_ratio"].notna()
    tested = combined[measured & combined["p"].notna()].reset_index(drop=True)
    own = cpm.reindex(tested["variant"])
    rows = pd.DataFrame(
        {
            "oligo_name": tested["variant"],
            "log2FoldChange": tested["log2_ratio"],
            "inputCount": own["dna"].to_numpy(),
            "outputCount": own["rna"].to_numpy(),
            "minusLog10PValue": minus_log10(tested["p"]),
            "minusLog10QValue": minus_log10(tested["q"]),
        }
    )
    n_controls = int((measured & combined["p"].isna()).sum())
    return Export(rows, {"not_measured": int((~measured).sum()), "not_tested": n_controls})


def genomic_elements(found: Export, places: Mapping[str, Place]) -> Export:
    """reporter_genomic_element: the elements whose places on the genome are known, sorted by place."""
    known = found.rows[found.rows["oligo_name"].isin(list(places))].reset_index(drop=True)
    own = [places[name] for name in known["oligo_name"]]
    frame = known.rename(columns={"oligo_name": "name"}).assign(
        chrom=[place.chrom for place in own],
        chromStart=[place.start for place in own],
        chromEnd=[place.end for place in own],
        strand=[place.strand for place in own],
        score=scores(known["log2FoldChange"].to_numpy()),
    )
    columns = [*GENOMIC_ELEMENT, *known.columns.drop("oligo_name")]
    return Export(by_place(frame[columns]), {**found.left_out, "not_in_genome": len(found.rows) - len(known)})


def scores(effects: np.ndarray) -> np.ndarray:
    """How dark a browser draws each effect: its size, the largest of the file being 1000; shape (n,).

    >>> scores(np.array([-2.0, 0.5, 0.0])).tolist()
    [1000, 250, 0]
    """
    size = np.abs(effects)
    largest = float(size.max(initial=0.0))
    found: np.ndarray = np.round(1000 * size / largest).astype(np.int64) if largest else np.zeros(len(size), np.int64)
    return found


def with_cpm(log_ratio: pd.DataFrame, pseudocount: float) -> pd.DataFrame:
    """Counts per million with the pseudocount: the total is of all variants of the replicate that were counted."""
    counted = (log_ratio["dna"] + log_ratio["rna"]) > 0
    if log_ratio["n_barcodes"].notna().any():
        counted = log_ratio["n_barcodes"] > 0
    found = log_ratio.copy()
    for name in ("dna", "rna"):
        raised = (log_ratio[name] + pseudocount).where(counted).astype(float)
        found[f"{name}_cpm"] = raised / raised.groupby(log_ratio["replicate"]).transform("sum") * 1e6
    return found


def minus_log10(values: pd.Series) -> np.ndarray:
    """-log10 of probabilities, shape (n,)."""
    found: np.ndarray = -np.log10(np.maximum(values.to_numpy(dtype=float), _LEAST_P)) + 0.0
    return found


def by_place(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows sorted by chromosome, start, end and name."""
    return frame.sort_values(["chrom", "chromStart", "chromEnd", "name"], kind="stable", ignore_index=True)
