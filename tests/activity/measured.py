"""Tables of invented libraries, and effects of every second variant against the one behind it by every method."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.activity import effectmethods, logtables
from kcalseq.activity.counted import Counted
from kcalseq.activity.effects import effects_table
from kcalseq.activity.errortables import error_tables
from kcalseq.activity.logratios import activities
from kcalseq.activity.settings import Settings

from .invented import Recipe, invent

METHODS = "combined", "moderated", "beta_binomial"


class Tables(NamedTuple):
    """Tables of one library, and the pairs of its variants."""

    variant_log_ratio: pd.DataFrame
    combined_activity: pd.DataFrame
    replicate_agreement: pd.DataFrame
    barcode_activity: pa.Table
    pairs: pd.DataFrame


def tables(recipe: Recipe, seed: int, effect: NDArray[np.float64]) -> Tables:
    """Tables of an invented library.

    Args:
        recipe: how it is made.
        seed: of its counts.
        effect: what each second variant has more than the one behind it, log2, shape (n_variants / 2,).
    """
    reference = np.random.default_rng([seed, 1]).normal(0.0, 1.0, recipe.n_variants // 2)
    library, _ = invent(recipe, seed, np.stack([reference + effect, reference], axis=1).ravel())
    return tables_of(library, recipe.one_dna)


def tables_of(library: Counted, one_dna: bool = False) -> Tables:
    """Tables of a library of which every second variant is compared with the one behind it."""
    settings = Settings(bootstraps=0, dna="by_condition" if one_dna else "by_replicate")
    found = activities(library, settings, np.zeros(len(library.names), dtype=bool), 1)
    return Tables(
        logtables.variant_table("l", library, found),
        logtables.combined_table("l", library, found),
        logtables.agreement_table("l", found),
        pa.concat_tables(logtables.barcode_pieces("l", library, found)),
        pd.DataFrame({"variant": library.names[::2], "reference": library.names[1::2]}),
    )


def effects(made: Tables, method: str, has_own_dna: bool = True) -> pd.DataFrame:
    """Effects of the pairs, in their order."""
    if method == "moderated":
        terms, _ = error_tables(made.variant_log_ratio, 1, has_own_dna)
        ratios, agreement = made.variant_log_ratio, made.replicate_agreement
        found = effectmethods.moderated_effects(ratios, terms, agreement, made.pairs, has_own_dna)
    elif method == "beta_binomial":
        barcodes, combined = made.barcode_activity, made.combined_activity
        found = effectmethods.beta_binomial_effects(barcodes, combined, made.pairs, has_own_dna)
    else:
        found = effectmethods.combined_effects(made.combined_activity, made.pairs, made.variant_log_ratio)
    found = effectmethods.without_unlevelled(found, made.pairs, made.variant_log_ratio)
    return effects_table(made.pairs, found, method, 0.95)
