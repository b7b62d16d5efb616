"""Table ``replicate_correlations``: how replicates agree if only variants of so many barcodes are looked at."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from kcalseq.activity.agreement import FEWEST, PLACE, counts_per_million, pearson, spearman
from kcalseq.activity.groups import Floats

THRESHOLDS = (1, 2, 3, 5, 10, 20, 50, 100)
"""Least barcodes of a variant in both replicates, as far as enough variants have them."""
WITHOUT_BARCODES = 0
_COLUMNS = [
    "library", "condition", "quantity", "replicate", "other_replicate", "min_barcodes", "scale", "method", "n_variants",
    "value",
]  # fmt: skip


class _Values(NamedTuple):
    """A number of each variant in each replicate, a column a condition and replicate; and the barcodes behind it."""

    linear: pd.DataFrame
    log: pd.DataFrame
    n_barcodes: pd.DataFrame


def replicate_correlations(library: str, counts: pd.DataFrame, ratios: pd.DataFrame) -> pd.DataFrame:
    """Table ``replicate_correlations`` of one library.

    Args:
        library: its name.
        counts: its table ``variant_counts``.
        ratios: its table ``variant_log_ratio``; empty where it has none.
    """
    rows: list[tuple[object, ...]] = []
    for quantity, values in (
        ("dna", _of_counts(counts, "dna")),
        ("rna", _of_counts(counts, "rna")),
        ("ratio", _of_ratios(ratios)),
    ):
        for one, two in combinations(values.linear.columns, 2):
            if one[0] == two[0]:
                rows += [(library, one[0], quantity, one[1], two[1], *row) for row in _of_pair(values, one, two)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def least_of_pairs(
    correlations: pd.DataFrame, quantity: str, method: str = "pearson", min_barcodes: int | None = None
) -> dict[str, float]:
    """Least correlation of log values over the pairs of each condition; NaN where the one of a pair cannot be told.

    Args:
        correlations: table ``replicate_correlations``.
        quantity: dna, rna or ratio.
        method: pearson or spearman.
        min_barcodes: threshold; by default none.
    """
    own = correlations[correlations["quantity"].eq(quantity) & correlations["scale"].eq("log")]
    own = own[own["method"] == method]
    at = [WITHOUT_BARCODES, THRESHOLDS[0]] if min_barcodes is None else [min_barcodes]
    told = own[own["min_barcodes"].isin(at)].groupby("condition")["value"].agg(lambda values: values.min(skipna=False))
    return {str(name): float(told.get(name, np.nan)) for name in own["condition"].drop_duplicates()}


def _of_counts(counts: pd.DataFrame, fraction: str) -> _Values:
    linear = counts_per_million(counts, fraction)
    if linear.empty:
        return _Values(linear, linear, linear)
    return _Values(linear, (linear + 1.0).map(np.log2), _barcodes(counts[counts["fraction"] == fraction], linear))


def _of_ratios(ratios: pd.DataFrame) -> _Values:
    log = ratios.pivot(index="variant", columns=PLACE, values="log2_ratio")
    return _Values(log.map(np.exp2), log, _barcodes(ratios, log))


def _barcodes(table: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    numbered = table.assign(n_barcodes=table["n_barcodes"].astype("float64"))
    return numbered.pivot(index="variant", columns=PLACE, values="n_barcodes").reindex_like(like)


def _of_pair(values: _Values, one: object, two: object) -> Iterator[tuple[object, ...]]:
    """Rows of a pair: threshold, scale, method, variants and correlation."""
    pair = {
        "log": [values.log[name].to_numpy(float) for name in (one, two)],
        "linear": [values.linear[name].to_numpy(float) for name in (one, two)],
    }
    measured = np.isfinite(pair["log"][0]) & np.isfinite(pair["log"][1])
    fewer: Floats = np.minimum(*(values.n_barcodes[name].to_numpy(float) for name in (one, two)))
    if np.isnan(fewer[measured]).all():
        fewer = np.zeros(len(fewer))
    for place, threshold in enumerate(THRESHOLDS if fewer.any() else (WITHOUT_BARCODES,)):
        use = measured & (fewer >= threshold)
        if place and use.sum() < FEWEST:
            return
        for scale, (x, y) in pair.items():
            for method, correlation in (("pearson", pearson), ("spearman", spearman)):
                yield threshold, scale, method, int(use.sum()), correlation(x[use], y[use])
