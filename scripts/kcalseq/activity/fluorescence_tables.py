"""Fluorescence as tables; see ``fluorescences``."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from kcalseq.activity.fluorescence import ABOVE, BELOW, FATES
from kcalseq.activity.fluorescences import Agreement, Condition
from kcalseq.confidence import normal_reach

LOG2_PER_LOG10 = float(np.log2(10.0))


def variant_table(conditions: Mapping[str, Condition], names: Sequence[str], confidence: float) -> pd.DataFrame:
    """Table ``sorted_fluorescence``, without the library.

    Args:
        conditions: of a library.
        names: of its variants.
        confidence: level of intervals and bounds.
    """
    frames = []
    for condition, own in conditions.items():
        for replicate, (sorting, found) in own.replicates.items():
            reach = normal_reach(confidence) * found.mean_se
            bounded = found.fate >= BELOW
            numbers = {
                "n_counts": sorting.counts.sum(1),
                "n_cells": sorting.cells.sum(1),
                "n_effective": found.effective,
                "mean_log10": found.mean,
                "mean_log10_se": found.mean_se,
                "lower": np.where(bounded, found.least, found.mean - reach),
                "upper": np.where(bounded, found.most, found.mean + reach),
                "confidence": confidence,
                "sd_log10": found.sd,
                "sd_log10_se": found.sd_se,
                "bin_mean_log10": found.bin_mean,
            }
            named = {"condition": condition, "replicate": replicate, "variant": list(names)}
            frames.append(pd.DataFrame({**named, "fate": np.array(FATES, dtype=object)[found.fate], **numbers}))
    return pd.concat(frames, ignore_index=True)


def combined_table(conditions: Mapping[str, Condition], names: Sequence[str], confidence: float) -> pd.DataFrame:
    """Table ``combined_fluorescence``, without the library."""
    frames = [
        pd.DataFrame(
            {
                "condition": condition,
                "variant": list(names),
                "n_replicates": own.combined.n_replicates,
                "n_bounds": own.n_bounds,
                "bounds_contradict": own.contradict,
                "mean_log10": own.combined.log2_ratio,
                "mean_log10_se": own.combined.se,
                "lower": own.lower,
                "upper": own.upper,
                "confidence": confidence,
                "between_replicates_sd": np.where(own.combined.n_replicates > 1, np.sqrt(own.combined.between), np.nan),
                "sd_log10": own.sd,
                "sd_log10_se": own.sd_se,
            }
        )
        for condition, own in conditions.items()
    ]
    return pd.concat(frames, ignore_index=True)


def replicate_table(conditions: Mapping[str, Condition]) -> pd.DataFrame:
    """Table ``fluorescence_replicates``, without the library."""
    rows = []
    for condition, own in conditions.items():
        once = own.combined.n_replicates > 0
        for number, (replicate, (sorting, found)) in enumerate(own.replicates.items()):
            n_cells = float(sorting.cells.sum())
            rows.append(
                {
                    "condition": condition,
                    "replicate": replicate,
                    "n_measured": int(np.isfinite(found.mean).sum()),
                    "n_contradicted": int((own.contradict & np.isin(found.fate, (BELOW, ABOVE))).sum()),
                    "n_cells": n_cells,
                    "counts_per_cell": float(sorting.counts.sum()) / n_cells,
                    "typical_sd": float(np.exp(found.prior.mean)),
                    "sd_spread": found.prior.sd,
                    "dispersion": found.dispersion,
                    "background": found.background,
                    "offset": float(own.combined.offsets[number]),
                    "mean_weight": float(own.combined.weights[once, number].mean()) if once.any() else np.nan,
                }
            )
    return pd.DataFrame(rows)


def agreement_table(conditions: Mapping[str, Condition]) -> pd.DataFrame:
    """Table ``fluorescence_agreement``, without the library; no row where each condition has one replicate."""
    rows = [(name, *pair) for name, own in conditions.items() for pair in own.agreement]
    return pd.DataFrame(rows, columns=["condition", *Agreement._fields])


def drop_table(conditions: Mapping[str, Condition]) -> pd.DataFrame:
    """Table ``fluorescence_drops``, without the library."""
    rows = [
        (condition, replicate, fate, int((found.fate == number).sum()), int(sorting.counts[found.fate == number].sum()))
        for condition, own in conditions.items()
        for replicate, (sorting, found) in own.replicates.items()
        for number, fate in enumerate(FATES)
    ]
    return pd.DataFrame(rows, columns=["condition", "replicate", "fate", "n_variants", "n_counts"])


def as_activity(combined: pd.DataFrame) -> pd.DataFrame:
    """Means of table ``combined_fluorescence`` in log2, under the names that effects know from ``combined_activity``.

    A variant of which only a bound is known counts as not measured.
    """
    return combined.assign(
        log2_ratio=LOG2_PER_LOG10 * combined["mean_log10"], log2_ratio_se=LOG2_PER_LOG10 * combined["mean_log10_se"]
    )
