"""What a variant changes against its reference: differences of log ratios, their errors and how sure they are.

Each replicate gives a difference d_r with a precision w_r, the inverse of the squared standard errors of both log
ratios together. Differences scatter about the effect with variance s^2 / w_r, where s^2 = 1 if the errors within
replicates told all; s^2 is estimated from the replicates and drawn towards that of all pairs (``moderated``), as limma
does with precision weights (Smyth 2004; mpralm: Myint et al. 2019). With one replicate s^2 is taken as 1: what differs
between replicates then stands in no error.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kcalseq.activity.moderated import Prior, fit_prior, moderate

_KEY = ["condition", "variant", "reference"]


def variant_effects(ratios: pd.DataFrame, pairs: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Effect of each pair in each condition.

    Args:
        ratios: table ``variant_log_ratio`` of one library.
        pairs: columns variant and reference.
        confidence: level of the intervals, 0 to 1.

    Returns:
        condition, variant, reference, n_replicates, effect (log2), effect_se, degrees, lower, upper, p and q; a pair of
        which one was never measured beside the other has a row without numbers. q (Benjamini & Hochberg 1995) is over
        the pairs of a condition.
    """
    pieces = []
    for condition, own in ratios.groupby("condition"):
        values = own.pivot_table(index="variant", columns="replicate", values="log2_ratio", dropna=False)
        errors = own.pivot_table(index="variant", columns="replicate", values="log2_ratio_se", dropna=False)
        numbers = _effects(_difference(values, pairs), _summed_squares(errors.reindex_like(values), pairs), confidence)
        pieces.append(pairs.assign(condition=str(condition), **numbers))
    return pd.concat(pieces, ignore_index=True).sort_values(_KEY, ignore_index=True)


def _difference(values: pd.DataFrame, pairs: pd.DataFrame) -> NDArray[np.float64]:
    one, two = (values.reindex(pairs[name]).to_numpy(dtype=float) for name in ("variant", "reference"))
    return np.asarray(one - two)


def _summed_squares(errors: pd.DataFrame, pairs: pd.DataFrame) -> NDArray[np.float64]:
    one, two = (errors.reindex(pairs[name]).to_numpy(dtype=float) for name in ("variant", "reference"))
    return np.asarray(one**2 + two**2)


def _effects(
    d: NDArray[np.float64], squares: NDArray[np.float64], confidence: float
) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Numbers of each pair from differences and their squared errors (n_pairs, n_replicates), NaN where missing."""
    told = np.isfinite(d) & np.isfinite(squares) & (squares > 0)
    w = np.where(told, 1.0 / np.where(told, squares, 1.0), 0.0)
    total, n = w.sum(1), told.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        effect = np.where(n > 0, (w * np.nan_to_num(d)).sum(1) / total, np.nan)
        scatter = (w * np.where(told, d - effect[:, None], 0.0) ** 2).sum(1)
        s2, degrees = np.where(n > 1, scatter / np.maximum(n - 1, 1), np.nan), np.maximum(n - 1, 0).astype(float)
        prior = fit_prior(s2, degrees) or Prior(1.0, np.inf)
        s2, degrees = moderate(s2, degrees, prior)
        se = np.where(n > 0, np.sqrt(s2 / total), np.nan)
        p = 2 * stats.t.sf(np.abs(effect / se), degrees)
    reach = stats.t.ppf(0.5 + confidence / 2, degrees) * se
    q = np.full(len(p), np.nan)
    tested = np.isfinite(p)
    q[tested] = stats.false_discovery_control(p[tested]) if tested.any() else q[tested]
    return {
        "n_replicates": n.astype(np.int64),
        "effect": effect,
        "effect_se": se,
        "degrees": np.where(n > 0, degrees, np.nan),
        "lower": effect - reach,
        "upper": effect + reach,
        "p": p,
        "q": q,
    }
