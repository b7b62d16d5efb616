"""Counts per variant: sums over runs or barcodes, so that no split of a sample's reads over runs leaves a trace."""

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kcalseq.counts.silence import refuse_silent
from kcalseq.errors import KcalseqError

_SAMPLE = ["condition", "replicate", "fraction", "bin"]
_NUMBERS = ["n_barcodes", "n_reads", "n_molecules"]
_SUMS = pa.schema(
    [
        *((name, pa.int64() if name == "bin" else pa.string()) for name in [*_SAMPLE, "variant"]),
        *((name, pa.int64()) for name in _NUMBERS),
    ]
)
_LEAST_WAITING = 1 << 19  # rows, before they are added to the sums


def count_variants(
    library: str, observations: pd.DataFrame, variants: pd.DataFrame, samples: pd.DataFrame
) -> pd.DataFrame:
    """Sum the observations of a library over its runs.

    Args:
        library: which library.
        observations: table ``observations`` of all its runs; may hold other libraries too.
        variants: table ``variants`` of the library.
        samples: columns sample, condition, replicate, fraction, bin.

    Returns:
        table ``variant_counts``; barcodes and molecules are missing, since a directly read variant carries neither.

    Raises:
        KcalseqError: a sample has no reads: a bin that is missing in silence would change every model.
    """
    mine = observations[observations["library"] == library]
    refuse_silent(library, set(samples["sample"]) - set(mine["sample"]))
    named = mine.merge(variants[["variant", "variant_sequence"]], on="variant_sequence", how="left", validate="m:1")
    placed = named.merge(samples[["sample", *_SAMPLE]], on="sample", how="left", validate="m:1")
    counts = placed.groupby([*_SAMPLE, "variant"], as_index=False, sort=True)["n_reads"].sum()
    missing = pd.array([pd.NA] * len(counts), dtype="Int64")
    table: pd.DataFrame = counts.assign(library=library, n_barcodes=missing, n_molecules=missing)
    return table


def count_variants_of_barcodes(library: str, pieces: Iterable[pa.Table], samples: pd.DataFrame) -> pd.DataFrame:
    """Sum the counts of a library's barcodes over the barcodes of each variant.

    Args:
        library: which library.
        pieces: table ``barcode_counts`` in pieces, in any order; may hold other libraries too.
        samples: columns sample, condition, replicate, fraction, bin.

    Returns:
        table ``variant_counts``; molecules are missing in samples whose reads carry no UMI.

    Raises:
        KcalseqError: a barcode has no variant, or a sample has no reads.
    """
    table = _sum_barcodes(library, pieces).to_pandas()
    # A sum with a missing number in it is missing: a sample has molecules for all of its barcodes or for none.
    by_variant = table.groupby([*_SAMPLE, "variant"], as_index=False, sort=True)
    counts: pd.DataFrame = by_variant.agg(n_barcodes=("n_barcodes", "sum"), n_reads=("n_reads", "sum"))
    molecules = by_variant["n_molecules"].sum(min_count=1)["n_molecules"]
    seen = samples.merge(counts[_SAMPLE].drop_duplicates(), on=_SAMPLE)
    refuse_silent(library, set(samples["sample"]) - set(seen["sample"]))
    return counts.assign(library=library, n_molecules=molecules.astype("Int64"))


def _sum_barcodes(library: str, pieces: Iterable[pa.Table]) -> pa.Table:
    """Sums of each sample and variant; rows to be added to them are held as long as they are no more than the sums."""
    whole, waiting = _SUMS.empty_table(), list[pa.Table]()
    for piece in pieces:
        mine = piece.filter(pc.equal(piece.column("library"), library))
        if mine.column("variant").null_count:
            raise KcalseqError(
                f"library '{library}'",
                "barcodes are counted, but not which variant each stands for",
                "a barcode map",
                "name association runs or a barcode map for it",
            )
        waiting.append(_added_up(mine.append_column("n_barcodes", pa.repeat(1, len(mine)))))
        if sum(map(len, waiting)) > max(len(whole), _LEAST_WAITING):
            whole, waiting = _added_up(pa.concat_tables([whole, *waiting])), []
    return _added_up(pa.concat_tables([whole, *waiting]))


def _added_up(rows: pa.Table) -> pa.Table:
    sums = rows.group_by([*_SAMPLE, "variant"], use_threads=False).aggregate([(name, "sum") for name in _NUMBERS])
    return sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names]).cast(_SUMS)
