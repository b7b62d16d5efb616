"""Effects of pairs in every condition of a library, by the method that its configuration chooses."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from kcalseq.activity.barcodesums import sum_barcodes
from kcalseq.activity.betabinomialeffects import by_beta_binomial
from kcalseq.activity.effects import Estimates, by_combined_activity
from kcalseq.activity.moderated import by_moderated_model, ratios
from kcalseq.activity.replicates import LEAST_SHARED

Estimated = dict[str, Estimates]


def combined_effects(combined: pd.DataFrame, pairs: pd.DataFrame, log_ratios: pd.DataFrame | None = None) -> Estimated:
    """By differences of combined activities.

    Args:
        combined: table ``combined_activity`` of the library.
        pairs: columns variant and reference.
        log_ratios: table ``variant_log_ratio``, which tells with how many degrees of freedom errors are known; None =
            they are known, and the normal distribution tests.
    """
    if log_ratios is None:
        known = pd.Series(dtype=float)
        return _each(combined, lambda _, own: by_combined_activity(own, known, pairs))
    degrees = log_ratios.groupby(["condition", "variant"])["degrees"].min()
    return _each(combined, lambda condition, own: by_combined_activity(own, degrees.loc[condition], pairs))


def moderated_effects(
    log_ratios: pd.DataFrame,
    error_model: pd.DataFrame,
    agreement: pd.DataFrame,
    pairs: pd.DataFrame,
    has_own_dna: bool = True,
) -> Estimated:
    """By a linear model of each pair.

    Args:
        log_ratios: table ``variant_log_ratio`` of the library.
        error_model: table of that name.
        agreement: table ``replicate_agreement``, which tells how much of what is peculiar to barcodes is shared.
        pairs: columns variant and reference.
        has_own_dna: whether each replicate has its own DNA sample.
    """
    names = pd.Index(sorted(log_ratios["variant"].unique()))

    def estimate(condition: str, own: pd.DataFrame) -> Estimates:
        terms = error_model[error_model["condition"] == condition]
        shared = agreement.loc[agreement["condition"] == condition, "barcode_correlation"].mean()
        return by_moderated_model(ratios(own, names, terms, has_own_dna), names, float(shared), pairs)

    return _each(log_ratios, estimate)


def beta_binomial_effects(
    barcodes: pa.Table, combined: pd.DataFrame, pairs: pd.DataFrame, has_own_dna: bool = True
) -> Estimated:
    """By counts of barcodes.

    Args:
        barcodes: table ``barcode_activity`` of the library, with ``barcodesums.COLUMNS``.
        combined: table ``combined_activity``, which tells what scatters between replicates beyond barcodes, and which
            variants were measured.
        pairs: columns variant and reference.
        has_own_dna: whether each replicate has its own DNA sample.
    """

    def estimate(condition: str, own: pd.DataFrame) -> Estimates:
        between = own["between_replicates_sd"].dropna()
        squared = float(between.iloc[0] ** 2) if len(between) else float("nan")
        measured = own.set_index("variant")["log2_ratio"].notna()
        return by_beta_binomial(sum_barcodes(barcodes, condition, has_own_dna), squared, measured, pairs)

    return _each(combined, estimate)


def without_unlevelled(estimates: Estimated, pairs: pd.DataFrame, log_ratios: pd.DataFrame) -> Estimated:
    """Take back effects that hold a difference between replicates whose levels were never compared.

    Where too few variants were measured in all replicates of a condition to put these on one level, two variants can be
    compared within a replicate alone.

    Args:
        estimates: effects of the pairs in each condition.
        pairs: columns variant and reference.
        log_ratios: table ``variant_log_ratio`` of the library.
    """
    measured = log_ratios.assign(there=log_ratios["log2_ratio"].notna())
    kept = {}
    for condition, found in estimates.items():
        rows = measured[measured["condition"] == condition]
        there = rows.pivot(index="variant", columns="replicate", values="there").fillna(False).astype(bool)
        one, two = (there.reindex(pairs[name], fill_value=False).to_numpy() for name in ("variant", "reference"))
        levelled = there.shape[1] < 2 or int(there.all(axis=1).sum()) >= LEAST_SHARED
        apart = np.isfinite(found.effect) & ~(one & two).any(1) & (not levelled)
        kept[condition] = found._replace(
            n_replicates=np.where(apart, 0, found.n_replicates),
            effect=np.where(apart, np.nan, found.effect),
            se=np.where(apart, np.nan, found.se),
            fate=np.where(apart, "never_together", found.fate),
        )
    return kept


def _each(table: pd.DataFrame, estimate: Callable[[str, pd.DataFrame], Estimates]) -> Estimated:
    return {str(condition): estimate(str(condition), own) for condition, own in table.groupby("condition")}
