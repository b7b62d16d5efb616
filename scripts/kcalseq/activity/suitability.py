"""Whether a library can show a footprint: one wild type, mutated at random all along, in many variants."""

from typing import NamedTuple

import pandas as pd

from kcalseq.activity.footprint_rules import DEFAULTS, FootprintRules
from kcalseq.dna import encode_sequences, most_common_bases

MOST_MUTATED = 0.5
# So large a share of positions must be measured.
LEAST_MEASURED = 0.5


class Check(NamedTuple):
    """What was found of a library.

    Attributes:
        call: a word of ``definitions.activity.FOOTPRINT_CALLS``.
        n_variants: measured variants.
        length: positions in a variant; None where lengths differ or sequences are unknown.
        mutated_fraction: mean share of a variant's bases that differ from the most common ones; None likewise.
        n_positions: positions mutated in at least ``min_mutated`` variants; None likewise.
    """

    call: str
    n_variants: int
    length: int | None = None
    mutated_fraction: float | None = None
    n_positions: int | None = None


def check_library(sequences: pd.Series, rules: FootprintRules = DEFAULTS) -> Check:
    """Look at the sequences of the measured variants of a library.

    Args:
        sequences: one a variant; missing where it is unknown.
        rules: of footprints.
    """
    n_variants = len(sequences)
    if sequences.isna().any():
        return Check("no_sequences", n_variants)
    if sequences.str.len().nunique() > 1:
        return Check("lengths_differ", n_variants)
    if n_variants == 0:
        return Check("few_variants", 0)
    length = len(sequences.iloc[0])
    codes = encode_sequences(sequences.tolist(), length)
    mutated = (codes != most_common_bases(codes)).sum(0)
    share, n_positions = float(mutated.mean() / n_variants), int((mutated >= rules.min_mutated).sum())
    call = "random"
    if n_variants < rules.min_variants:
        call = "few_variants"
    elif share > MOST_MUTATED:
        call = "no_wildtype"
    elif n_positions < LEAST_MEASURED * length:
        call = "few_positions"
    return Check(call, n_variants, length, share, n_positions)
