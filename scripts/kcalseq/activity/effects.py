"""What a variant changes against its reference: the difference of their activities, its error and how sure it is.

Three methods estimate effects and errors: ``combined`` here, ``moderated`` and ``betabinomial``. By the first, both
activities come combined over replicates with standard errors that pool the scatter of barcodes and of replicates over
all variants of the condition (``replicates``, ``scatter``), since two or three replicates do not tell the scatter of
one variant. Barcodes of two variants are different molecules, so errors add up in squares. A t-test has the degrees of
freedom with which both errors are known, those of all variants and their own barcodes; replicates add none, since they
share their barcodes.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.moderation import satterthwaite


class Estimates(NamedTuple):
    """Of pairs in one condition, all of shape (n_pairs,).

    Attributes:
        n_replicates: replicates that tell the effect.
        effect, se: log2; NaN where not measured, or not known.
        degrees: degrees of freedom of the t-test; infinite = normal distribution.
        fate: whether it was measured, and if not, why.
    """

    n_replicates: Integers
    effect: Floats
    se: Floats
    degrees: Floats
    fate: NDArray[np.object_]


def by_combined_activity(combined: pd.DataFrame, degrees: pd.Series, pairs: pd.DataFrame) -> Estimates:
    """Effects by the rows of table ``combined_activity`` of one condition.

    Args:
        combined: these rows.
        degrees: of freedom of the error of each variant, its index; missing = known.
        pairs: columns variant and reference.
    """
    activity = combined.set_index("variant")
    one, two = (activity.reindex(pairs[name]) for name in ("variant", "reference"))
    x, se, n = (
        [side[name].to_numpy(dtype=float) for side in (one, two)]
        for name in ("log2_ratio", "log2_ratio_se", "n_replicates")
    )
    effect, error = x[0] - x[1], np.hypot(se[0], se[1])
    fate = fates(np.isfinite(x[0]), np.isfinite(x[1]), np.isfinite(error))
    fewer = np.nan_to_num(np.minimum(n[0], n[1])).astype(np.int64)
    own = [degrees.reindex(pairs[name]).fillna(np.inf).to_numpy(dtype=float) for name in ("variant", "reference")]
    return Estimates(fewer, effect, error, satterthwaite([se[0] ** 2, se[1] ** 2], own), fate)


def fates(variant: NDArray[np.bool_], reference: NDArray[np.bool_], error: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Whether pairs were measured, from whether the two were and whether the error of the effect is known."""
    told = np.where(error, "measured", "no_error").astype(object)
    told[~variant] = "variant_not_measured"
    told[~reference] = "reference_not_measured"
    told[~variant & ~reference] = "neither_measured"
    return told


def effects_table(
    pairs: pd.DataFrame, estimates: Mapping[str, Estimates], method: str, confidence: float
) -> pd.DataFrame:
    """Test effects and give their intervals.

    Args:
        pairs: columns variant and reference, and what else is to be kept.
        estimates: of these pairs in each condition.
        method: how they were estimated.
        confidence: level of the intervals, 0 to 1.

    Returns:
        the pairs in each condition with method, fate, n_replicates, effect (log2), effect_se, degrees (missing =
        normal distribution), lower, upper, p and q; missing where not measured. q (Benjamini & Hochberg 1995) is over
        the pairs of a condition.
    """
    pieces = [
        pairs.assign(condition=condition, method=method, confidence=confidence, **_tested(own, confidence))
        for condition, own in estimates.items()
    ]
    return pd.concat(pieces, ignore_index=True)


def _tested(own: Estimates, confidence: float) -> dict[str, np.ndarray]:
    reach = stats.t.ppf(0.5 + confidence / 2, own.degrees) * own.se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(own.effect) / own.se, own.degrees)
    tested, q = np.isfinite(p), np.full(len(p), np.nan)
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested])
    return {
        "fate": own.fate,
        "n_replicates": own.n_replicates,
        "effect": own.effect,
        "effect_se": own.se,
        "degrees": np.where(np.isfinite(own.degrees), own.degrees, np.nan),
        "lower": own.effect - reach,
        "upper": own.effect + reach,
        "p": p,
        "q": q,
    }
