"""What a variant changes against its reference: the difference of their activities, its error and how sure it is.

Both activities come combined over replicates with standard errors that pool the scatter of barcodes and of replicates
over all variants of the condition (``replicates``, ``scatter``), since two or three replicates do not tell the scatter
of one variant: the idea of moderated tests (Smyth 2004; for MPRAs mpralm, Myint et al. 2019), with the difference that
replicates share their barcodes here. Barcodes of two variants are different molecules, so errors add up in squares, and
with the scatter known from many variants the difference is tested by the normal distribution.
"""

import numpy as np
import pandas as pd
from scipy import stats


def variant_effects(combined: pd.DataFrame, pairs: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Effect of each pair in each condition.

    Args:
        combined: table ``combined_activity`` of one library.
        pairs: columns variant and reference, and what else is to be kept.
        confidence: level of the intervals, 0 to 1.

    Returns:
        the pairs in each condition with n_replicates, effect (log2), effect_se, lower, upper, p and q; missing where
        one of the two was not measured. q (Benjamini & Hochberg 1995) is over the pairs of a condition.
    """
    pieces = [
        pairs.assign(condition=str(condition), **_effects(own.set_index("variant"), pairs, confidence))
        for condition, own in combined.groupby("condition")
    ]
    return pd.concat(pieces, ignore_index=True)


def _effects(activity: pd.DataFrame, pairs: pd.DataFrame, confidence: float) -> dict[str, np.ndarray]:
    one, two = (activity.reindex(pairs[name]) for name in ("variant", "reference"))
    x, se, n = (
        [side[name].to_numpy(dtype=float) for side in (one, two)]
        for name in ("log2_ratio", "log2_ratio_se", "n_replicates")
    )
    effect, error = x[0] - x[1], np.hypot(se[0], se[1])
    reach = stats.norm.ppf(0.5 + confidence / 2) * error
    p = 2 * stats.norm.sf(np.abs(effect) / error)
    tested, q = np.isfinite(p), np.full(len(p), np.nan)
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested])
    return {
        "n_replicates": np.nan_to_num(np.minimum(n[0], n[1])).astype(np.int64),
        "effect": effect,
        "effect_se": error,
        "lower": effect - reach,
        "upper": effect + reach,
        "p": p,
        "q": q,
    }
