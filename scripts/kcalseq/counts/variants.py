"""Counts per variant: sums over runs, so that any split of a sample's reads over runs gives the same table."""

import pandas as pd

from kcalseq.errors import KcalseqError

_SAMPLE = ["condition", "replicate", "fraction", "bin"]


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
    _check_samples(library, mine, samples)
    named = mine.merge(variants[["variant", "variant_sequence"]], on="variant_sequence", how="left", validate="m:1")
    placed = named.merge(samples[["sample", *_SAMPLE]], on="sample", how="left", validate="m:1")
    counts = placed.groupby([*_SAMPLE, "variant"], as_index=False, sort=True)["n_reads"].sum()
    missing = pd.array([pd.NA] * len(counts), dtype="Int64")
    table: pd.DataFrame = counts.assign(library=library, n_barcodes=missing, n_molecules=missing)
    return table


def _check_samples(library: str, observations: pd.DataFrame, samples: pd.DataFrame) -> None:
    silent = sorted(set(samples["sample"]) - set(observations["sample"]))
    if silent:
        raise KcalseqError(
            f"library '{library}'",
            f"no read was kept for {', '.join(silent)}",
            "reads for every sample",
            "look at the read fates and the sample codes, or drop the rows from samples.tsv",
        )
