"""What each variant did in one condition: one activity with a weight, and its observations by outcome.

Sorted cells: the activity is the mean sort bin, its weight the number of observations. DNA and RNA counts: the activity
is log2 RNA per DNA, its weight one over its variance. Both are told relative to the mean of their replicate, so that
replicates of other depth or other gates can be put together.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.activity.mean_bin import independent_observations
from kcalseq.units import NATS_PER_BIT

_COUNTED_TWICE = ["replicate", "variant"]
_PSEUDOCOUNT = 0.5


class Outcomes(NamedTuple):
    """Measured variants of one condition, all its replicates together.

    Attributes:
        variant: name of each, shape (n_variants,).
        activity: relative to the mean of its replicate, in sort bins or log2 RNA/DNA, shape (n_variants,).
        weight: what the activity counts for, above 0, shape (n_variants,).
        row: number of the variant of each kind of observation, rising, shape (n_kinds,).
        outcome: sort bin, or 0 = DNA and 1 = RNA, counted from 0 without gaps, shape (n_kinds,).
        n: observations of that kind, whole numbers as floats, in which loops add faster; shape (n_kinds,).
    """

    variant: NDArray[np.object_]
    activity: NDArray[np.float64]
    weight: NDArray[np.float64]
    row: NDArray[np.int64]
    outcome: NDArray[np.int64]
    n: NDArray[np.float64]


def sorted_outcomes(counts: pd.DataFrame, observations: str) -> Outcomes | None:
    """Outcomes of sorted cells.

    Args:
        counts: rows of ``variant_counts`` of one condition.
        observations: ``presence`` or ``raw``, see ``mean_bin.independent_observations``.

    Returns:
        None where no cell was sorted.
    """
    seen = independent_observations(counts[counts["fraction"] == "bin"], observations)
    seen = seen[seen["n"] > 0]
    if seen.empty:
        return None
    by_replicate = seen.assign(total=seen["n"] * seen["bin"]).groupby("replicate")[["n", "total"]].sum()
    centre = seen["replicate"].map(by_replicate["total"] / by_replicate["n"])
    weighted = seen.assign(first=seen["n"] * (seen["bin"] - centre))
    sums = weighted.groupby("variant")[["n", "first"]].sum()
    activity, weight = (sums["first"] / sums["n"]).to_numpy(), sums["n"].to_numpy().astype(float)
    return _outcomes(sums.index, activity, weight, seen, seen["bin"])


def counted_outcomes(counts: pd.DataFrame) -> Outcomes | None:
    """Outcomes of DNA and RNA counts: molecules where there are UMIs, else reads.

    The activity in one replicate is log2((RNA + 1/2) / (DNA + 1/2)) less that of all variants together; its variance
    by counting alone is (1/(RNA + 1/2) + 1/(DNA + 1/2)) / ln(2)^2. Replicates are averaged by one over these. What
    variants scatter beyond that is added to the variance, by the method of moments (DerSimonian & Laird 1986), so that
    a variant read very often does not outweigh all others.

    Args:
        counts: rows of ``variant_counts`` of one condition.

    Returns:
        None where DNA or RNA is missing.
    """
    read = counts[counts["fraction"].isin(["dna", "rna"])]
    # A replicate of DNA alone, or of RNA alone, has no ratio.
    read = read[read.groupby("replicate")["fraction"].transform("nunique") == 2]
    n = read["n_molecules"].fillna(read["n_reads"]).astype("int64")
    read = read.assign(n=n, kind=(read["fraction"] == "rna").astype("int64"))
    wide = read.pivot_table(index=_COUNTED_TWICE, columns="kind", values="n", aggfunc="sum", fill_value=0)
    if len(wide.columns) < 2:
        return None
    wide = wide[wide.sum(axis=1) > 0]
    total = wide.groupby(level="replicate").transform("sum")
    ratio = np.log2((wide[1] + _PSEUDOCOUNT) / (wide[0] + _PSEUDOCOUNT)) - np.log2(
        (total[1] + _PSEUDOCOUNT) / (total[0] + _PSEUDOCOUNT)
    )
    precision = NATS_PER_BIT**2 / (1 / (wide[1] + _PSEUDOCOUNT) + 1 / (wide[0] + _PSEUDOCOUNT))
    sums = pd.DataFrame({"precision": precision, "first": ratio * precision}).groupby(level="variant").sum()
    activity, variance = (sums["first"] / sums["precision"]).to_numpy(), 1 / sums["precision"].to_numpy()
    weight = 1 / (variance + scatter_between(activity, variance))
    return _outcomes(sums.index, activity, weight, read[read["n"] > 0], read.loc[read["n"] > 0, "kind"])


def scatter_between(value: NDArray[np.float64], variance: NDArray[np.float64]) -> float:
    """Variance of values beyond their own variances, by the method of moments; 0 where there is none.

    Args:
        value: shape (n,).
        variance: that of each value, shape (n,).
    """
    precision = 1 / variance
    mean = (precision * value).sum() / precision.sum()
    excess = (precision * (value - mean) ** 2).sum() - (len(value) - 1)
    scale = precision.sum() - (precision**2).sum() / precision.sum()
    return max(0.0, float(excess / scale)) if scale > 0 else 0.0


def _outcomes(
    variants: pd.Index, activity: NDArray[np.float64], weight: NDArray[np.float64], seen: pd.DataFrame, kind: pd.Series
) -> Outcomes:
    row = variants.get_indexer(pd.Index(seen["variant"]))
    rows = pd.DataFrame({"row": row, "kind": kind.to_numpy(), "n": seen["n"].to_numpy()})
    summed = rows.groupby(["row", "kind"], as_index=False)["n"].sum()
    _, outcome = np.unique(summed["kind"].to_numpy(), return_inverse=True)
    n = summed["n"].to_numpy(dtype=np.float64)
    return Outcomes(variants.to_numpy(dtype=object), activity, weight, summed["row"].to_numpy(), outcome, n)
