"""How well samples agree: correlations of two different samples each time, over what both measured.

The one place of correlations on this floor: tables ``replicate_agreement``, ``replicate_correlations`` and ``quality``
take theirs from here, so that they say the same of the same numbers.
"""

from itertools import combinations, product

import numpy as np
import pandas as pd

from kcalseq.activity.groups import Floats

PLACE = ["condition", "replicate"]
# Fewer variants in common say nothing of a correlation.
FEWEST = 3


def counts_per_million(counts: pd.DataFrame, fraction: str) -> pd.DataFrame:
    """Counts per million of each variant, a column a condition and replicate; missing where not seen.

    Molecules are counted where reads carry UMIs, else reads.

    Args:
        counts: table ``variant_counts`` of one library.
        fraction: dna or rna.
    """
    own = counts[counts["fraction"] == fraction]
    own = own.assign(n=own["n_molecules"].fillna(own["n_reads"]).astype("float64"))
    if not (own["n"] > 0).any():
        return pd.DataFrame()
    n = own.pivot_table(index="variant", columns=PLACE, values="n", aggfunc="sum")
    return 1e6 * n.where(n > 0) / n.sum()


def log_counts(counts: pd.DataFrame, fraction: str) -> pd.DataFrame:
    """log2 of ``counts_per_million``, plus one."""
    return (counts_per_million(counts, fraction) + 1.0).map(np.log2)


def least_correlation(frame: pd.DataFrame, rank: bool = False) -> dict[str, float]:
    """Least correlation between two replicates of each condition that has two; variants measured in both.

    Args:
        frame: a row a variant, columns condition and replicate.
        rank: Spearman's in place of Pearson's.
    """
    found: dict[str, list[float]] = {}
    for one, two in combinations(frame.columns, 2):
        if one[0] == two[0]:
            x, y = frame[one].to_numpy(float), frame[two].to_numpy(float)
            found.setdefault(str(one[0]), []).append(spearman(x, y) if rank else pearson(x, y))
    return {condition: float(np.min(values)) for condition, values in found.items()}


def between_fractions(dna: pd.DataFrame, rna: pd.DataFrame) -> dict[str, float]:
    """Mean correlation of RNA with DNA in each condition, over all pairs of their samples."""
    found: dict[str, list[float]] = {}
    for one, two in product(dna.columns, rna.columns):
        if one[0] == two[0]:
            both = pd.concat([dna[one], rna[two]], axis=1, join="inner").to_numpy(float)
            found.setdefault(str(one[0]), []).append(pearson(both[:, 0], both[:, 1]))
    return {condition: float(np.mean(values)) for condition, values in found.items()}


def pearson(x: Floats, y: Floats) -> float:
    """Pearson's correlation of what both have; NaN of fewer than three, or where one does not vary.

    >>> pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def spearman(x: Floats, y: Floats) -> float:
    """Spearman's correlation: Pearson's of the ranks of what both have."""
    both = np.isfinite(x) & np.isfinite(y)
    return pearson(ranks(x[both]), ranks(y[both]))


def ranks(x: Floats) -> Floats:
    """Ranks from 1, equal values sharing their mean rank.

    >>> ranks(np.array([0.5, 2.0, 0.5])).tolist()
    [1.5, 3.0, 1.5]
    """
    _, place, n = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(n)
    mean: Floats = (last - (n - 1) / 2.0)[place]
    return mean
