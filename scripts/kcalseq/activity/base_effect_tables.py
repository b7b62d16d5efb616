"""Effects of single changes as tables; see ``base_effects``."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from kcalseq.activity.base_effects import Background
from kcalseq.activity.base_replicates import CHANGE_FATES, UNIT_FATES, Found

Measured = list[tuple[Background, dict[str, Found]]]
"""Backgrounds, and what was found in each condition."""


class Identity(NamedTuple):
    """What all rows share.

    Attributes:
        library: its name.
        has_barcodes: whether variants carry barcodes.
    """

    library: str
    has_barcodes: bool

    def numbers(self, n_barcodes: np.ndarray) -> pd.arrays.IntegerArray:
        """Numbers of barcodes; missing where there are none."""
        return pd.array(n_barcodes if self.has_barcodes else [pd.NA] * len(n_barcodes), dtype="Int64")


def combined_table(identity: Identity, measured: Measured, confidence: float) -> pd.DataFrame:
    """Table ``base_effects``.

    Args:
        identity: the library.
        measured: its effects.
        confidence: level of the intervals, 0 to 1.
    """
    quantile = stats.norm.ppf(0.5 + confidence / 2)
    frames = []
    for background, conditions in measured:
        for condition, found in conditions.items():
            own, reach = found.combined, quantile * found.combined.se
            frames.append(
                _changes(identity, background, condition, found).assign(
                    fate=np.array(CHANGE_FATES, dtype=object)[found.fate],
                    together_with=pd.array(_together_with(found), dtype="str"),
                    n_replicates=own.n_replicates,
                    n_variants=found.n_variants,
                    n_barcodes=identity.numbers(found.n_barcodes),
                    effect=own.log2_ratio,
                    effect_se=own.se,
                    lower=own.log2_ratio - reach,
                    upper=own.log2_ratio + reach,
                    confidence=confidence,
                    between_replicates_sd=np.where(own.n_replicates > 1, np.sqrt(own.between), np.nan),
                    p=found.p,
                    q=found.q,
                )
            )
    return pd.concat(frames, ignore_index=True)


def replicate_table(identity: Identity, measured: Measured) -> pd.DataFrame:
    """Table ``replicate_base_effects``."""
    frames = [
        _changes(identity, background, condition, found).assign(
            replicate=name,
            fate=np.array(CHANGE_FATES, dtype=object)[own.fate],
            n_variants=own.n_variants,
            n_barcodes=identity.numbers(own.fitted.n_units),
            effect=own.fitted.effect,
            effect_se=own.fitted.se,
        )
        for background, conditions in measured
        for condition, found in conditions.items()
        for name, own in found.replicates.items()
    ]
    return pd.concat(frames, ignore_index=True)


def agreement_table(identity: Identity, measured: Measured) -> pd.DataFrame:
    """Table ``base_effect_agreement``; no row where each condition has one replicate."""
    numbers = ["n_shared", "pearson", "spearman", "noise_correlation", "deviation_sd"]
    rows = [
        (identity.library, condition, background.reference, *pair)
        for background, conditions in measured
        for condition, found in conditions.items()
        for pair in found.agreement
    ]
    return pd.DataFrame(rows, columns=["library", "condition", "reference", "replicate", "other_replicate", *numbers])


def drop_table(identity: Identity, measured: Measured) -> pd.DataFrame:
    """Table ``base_effect_drops``."""
    unit = "barcode" if identity.has_barcodes else "variant"
    rows = [
        (identity.library, condition, background.reference, name, unit, fate, int(n))
        for background, conditions in measured
        for condition, found in conditions.items()
        for name, own in found.replicates.items()
        for fate, n in zip(UNIT_FATES, own.fates, strict=True)
    ]
    return pd.DataFrame(rows, columns=["library", "condition", "reference", "replicate", "unit", "fate", "n"])


def _changes(identity: Identity, background: Background, condition: str, found: Found) -> pd.DataFrame:
    known = background.changes.reference
    return pd.DataFrame(
        {
            "library": identity.library,
            "condition": condition,
            "reference": background.reference,
            "position": [change.position for change in found.columns],
            "reference_base": [known.get(change.position) for change in found.columns],
            "base": [change.base for change in found.columns],
        }
    )


def _together_with(found: Found) -> list[str | None]:
    """What each confounded change is seen with, as the first replicate that says so has it."""
    confounded = found.fate == CHANGE_FATES.index("confounded")
    return [
        next((own.together[number] for own in found.replicates.values() if own.together[number]), None)
        if confounded[number]
        else None
        for number in range(len(found.columns))
    ]
