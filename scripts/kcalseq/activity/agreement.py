"""How well samples agree: correlations of what variants show in replicates, of two different samples each time."""

from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy import stats

_PLACE = ["condition", "replicate"]
# Fewer variants in common say nothing of a correlation.
_FEWEST = 3


def log_counts(counts: pd.DataFrame, fraction: str) -> pd.DataFrame:
    """log2 counts per million of each variant, plus one, a column a condition and replicate; missing where not seen.

    Args:
        counts: table ``variant_counts`` of one library.
        fraction: dna or rna.
    """
    own = counts[counts["fraction"] == fraction]
    if own.empty:
        return pd.DataFrame()
    reads = own.pivot_table(index="variant", columns=_PLACE, values="n_reads", aggfunc="sum")
    return (1e6 * reads.where(reads > 0) / reads.sum() + 1.0).map(np.log2)


def least_correlation(frame: pd.DataFrame, rank: bool = False) -> dict[str, float]:
    """Least correlation between two replicates of each condition that has two; variants measured in both.

    Args:
        frame: a row a variant, columns condition and replicate.
        rank: Spearman's in place of Pearson's.
    """
    found: dict[str, list[float]] = {}
    for one, two in combinations(frame.columns, 2):
        if one[0] == two[0]:
            found.setdefault(str(one[0]), []).append(correlation(frame[one], frame[two], rank))
    return {condition: float(np.min(values)) for condition, values in found.items()}


def between_fractions(dna: pd.DataFrame, rna: pd.DataFrame) -> dict[str, float]:
    """Mean correlation of RNA with DNA in each condition, over all pairs of their samples."""
    found: dict[str, list[float]] = {}
    for one, two in product(dna.columns, rna.columns):
        if one[0] == two[0]:
            found.setdefault(str(one[0]), []).append(correlation(dna[one], rna[two]))
    return {condition: float(np.mean(values)) for condition, values in found.items()}


def correlation(one: pd.Series, two: pd.Series, rank: bool = False) -> float:
    """Pearson's or Spearman's correlation of what both have; NaN of fewer than three, or where one is constant."""
    both = pd.concat([one, two], axis=1, join="inner").dropna().to_numpy()
    if len(both) < _FEWEST or (both == both[0]).all(0).any():
        return float("nan")
    method = stats.spearmanr if rank else stats.pearsonr
    return float(method(both[:, 0], both[:, 1]).statistic)
