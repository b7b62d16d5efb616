"""From table ``barcode_counts`` to the experiments of a problem."""

import numpy as np
import pandas as pd

from kcalseq.errors import KcalseqError
from kcalseq.models.barcode_counts import keep, size_ratios
from kcalseq.models.barcodes import BarcodeCounts, BarcodeData
from kcalseq.models.processes import described
from kcalseq.models.spec import ModelSpec

_PLACE = ["condition", "replicate", "barcode"]


Barcoded = tuple[str, BarcodeCounts, BarcodeData]
"""Condition, process and data of an experiment."""


def barcode_experiments(spec: ModelSpec, counts: pd.DataFrame, number: "pd.Index[str]") -> tuple[Barcoded, ...]:
    """One experiment a condition, with all its replicates.

    Molecules are counted where reads carry UMIs, else reads. A barcode that is missing in a fraction has none there.
    What has fewer reads than the model's ``minimum_reads``, DNA and RNA together, is left out before anything is asked
    of their ratio. Depths are those of all barcodes that have a variant, before anything is left out.

    Args:
        spec: the model.
        counts: table ``barcode_counts`` of one library.
        number: names of the variants in order.

    Raises:
        KcalseqError: a replicate has only DNA or only RNA.
    """
    return tuple(
        _experiment(spec, str(condition), rows, number)
        for condition, rows in observed_barcodes(counts).groupby("condition", sort=True)
    )


def observed_barcodes(counts: pd.DataFrame) -> pd.DataFrame:
    """DNA and RNA of each barcode that has a variant, side by side.

    Args:
        counts: table ``barcode_counts`` of one library.

    Returns:
        columns condition, replicate, barcode, variant, dna, rna.
    """
    counted = counts[counts["fraction"].isin(["dna", "rna"]) & counts["variant"].notna()]
    reads = counted["n_molecules"].fillna(counted["n_reads"]).astype("int64")
    placed = counted.assign(dna=reads.where(counted["fraction"] == "dna", 0))
    placed = placed.assign(rna=reads.where(counted["fraction"] == "rna", 0))
    return placed.groupby(_PLACE, as_index=False, sort=True).agg({"variant": "first", "dna": "sum", "rna": "sum"})


def _experiment(spec: ModelSpec, condition: str, rows: pd.DataFrame, number: "pd.Index[str]") -> Barcoded:
    replicates, replicate = np.unique(rows["replicate"].to_numpy(dtype=str), return_inverse=True)
    dna, rna = rows["dna"].to_numpy(dtype=np.int64), rows["rna"].to_numpy(dtype=np.int64)
    for name, own in zip(replicates, range(len(replicates)), strict=True):
        for kind, reads in (("DNA", dna), ("RNA", rna)):
            if reads[replicate == own].sum() == 0:
                place = f"model '{spec.name}', condition '{condition}', replicate '{name}'"
                found, remedy = f"no {kind} reads of barcodes with a variant", "drop its samples from samples.tsv"
                raise KcalseqError(place, found, "DNA and RNA", remedy)
    process = described(
        spec,
        {
            "replicates": replicates.tolist(),
            "log_size_ratio": size_ratios(dna, rna, replicate).tolist(),
            "log_size_dna": np.log(np.bincount(replicate, dna) / np.bincount(replicate)).tolist(),
        },
    )
    assert isinstance(process, BarcodeCounts)
    variant, kept = number.get_indexer(pd.Index(rows["variant"])), keep(dna, rna, spec.measurement.minimum_reads)
    kept &= variant >= 0
    _, barcode = np.unique(rows["barcode"].to_numpy(dtype=str)[kept], return_inverse=True)
    data = BarcodeData.of(variant[kept], replicate[kept], barcode, dna[kept], rna[kept], len(number))
    return condition, process, data
