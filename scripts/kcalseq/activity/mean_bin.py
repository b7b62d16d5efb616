"""Activity of a sorted variant: the mean of the bins in which its cells were found."""

import numpy as np
import pandas as pd

_KEY = ["library", "condition", "replicate", "variant"]


def independent_observations(counts: pd.DataFrame, observations: str) -> pd.DataFrame:
    """Add column ``n``: 1 per variant and bin (``presence``) or its reads (``raw``)."""
    n = (counts["n_reads"] > 0).astype("int64") if observations == "presence" else counts["n_reads"]
    return counts.assign(n=n)


def mean_bins(counts: pd.DataFrame, observations: str) -> pd.DataFrame:
    """Mean sort bin of each variant with its standard error.

    Most variants of a random library are seen once or twice, too few to know their own spread: the spread within
    variants is pooled over the library, and the standard error is its root over the root of n.

    Args:
        counts: table ``variant_counts``.
        observations: ``presence`` or ``raw``, see ``independent_observations``.

    Returns:
        table ``variant_activity``; a variant that was seen before sorting only has no row.
    """
    seen = independent_observations(counts[counts["fraction"] == "bin"], observations)
    weighted = seen.assign(first=seen["n"] * seen["bin"], second=seen["n"] * seen["bin"] ** 2)
    sums = weighted.groupby(_KEY, as_index=False)[["n", "first", "second"]].sum()
    mean = sums["first"] / sums["n"]
    within = sums["second"] - sums["n"] * mean**2
    degrees = (sums["n"] - 1).groupby([sums[name] for name in _KEY[:3]]).transform("sum")
    scatter = within.groupby([sums[name] for name in _KEY[:3]]).transform("sum")
    spread = np.sqrt(scatter / degrees.where(degrees > 0))
    return sums[_KEY].assign(n_observations=sums["n"], mean_bin=mean, mean_bin_se=spread / np.sqrt(sums["n"]))
