"""How evenly an experiment covers its variants."""

import numpy as np
import pandas as pd

from kcalseq.activity.agreement import spearman

_SAMPLE = ["condition", "replicate", "fraction", "bin"]


def unseen_fraction(counts: pd.DataFrame, n_variants: int) -> pd.Series:
    """Share of the variants that have no read in a sample, by condition, replicate, fraction and bin.

    Args:
        counts: table ``variant_counts`` of one library.
        n_variants: variants that could have been seen.
    """
    seen = counts[counts["n_reads"] > 0].groupby(_SAMPLE)["variant"].nunique()
    return 1.0 - seen / n_variants


def skew(reads: pd.Series) -> float:
    """Reads of the variant at the 90th percentile over that at the 10th, of variants with reads; NaN without any."""
    seen = reads[reads > 0]
    if seen.empty:
        return float("nan")
    low, high = np.quantile(seen, [0.1, 0.9])
    return float(high / low)


def gc_correlation(reads: pd.Series, sequences: pd.Series) -> float:
    """Size of Spearman's correlation of reads with GC content; NaN where either does not vary.

    Args:
        reads: by variant.
        sequences: of the variants; missing ones are left out.
    """
    both = pd.concat([reads.rename("reads"), sequences.rename("sequence")], axis=1, join="inner").dropna()
    gc = both["sequence"].str.count("[GC]") / both["sequence"].str.len()
    reads_n, gc_n = both["reads"].to_numpy(float), np.asarray(gc, dtype=np.float64)
    return abs(spearman(reads_n, gc_n))


def smallest_bin_share(observations: pd.DataFrame) -> pd.Series:
    """Observations in the emptiest sort bin over the mean of the bins, by condition and replicate.

    Args:
        observations: rows of table ``variant_counts`` of sort bins, with column ``n``.
    """
    sums = observations.groupby(["condition", "replicate", "bin"])["n"].sum().unstack(fill_value=0)
    return sums.min(axis=1) / sums.mean(axis=1)
