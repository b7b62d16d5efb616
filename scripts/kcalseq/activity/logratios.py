"""Activities of a library: each replicate measured, replicates combined, all as tables.

The order of things: ``counted`` puts DNA and RNA of each barcode side by side, ``ratios`` measures a replicate,
``replicates`` combines those of a condition, ``controls`` and ``conditions`` compare. Here they are called one after
the other; ``logtables`` writes down what they found.
"""

import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.agreement import pearson, spearman
from kcalseq.activity.controls import AgainstControls, against_controls
from kcalseq.activity.counted import Counted, Place
from kcalseq.activity.groups import Floats
from kcalseq.activity.ratios import Measured, measure
from kcalseq.activity.replicates import Combined, combine, of_common, shared_influence
from kcalseq.activity.settings import Settings
from kcalseq.activity.shrinkage import Shrunken, shrink


class Agreement(NamedTuple):
    """Two replicates of a condition; numbers NaN where they cannot be told."""

    replicate: str
    other: str
    n_shared: int
    pearson: float
    spearman: float
    median_difference: float
    barcode_correlation: float


class Condition(NamedTuple):
    """One condition.

    Attributes:
        replicates: those that were measured, in order.
        combined: of these.
        shrunken: of the combined log ratios.
        n_barcodes: barcodes of each variant used in any replicate, shape (n_variants,).
        controls: compared with the negative controls.
        agreement: of each two replicates.
    """

    replicates: list[str]
    combined: Combined
    shrunken: Shrunken
    n_barcodes: NDArray[np.int64]
    controls: AgainstControls
    agreement: list[Agreement]


class Activities(NamedTuple):
    """All of a library: what was measured, by condition and replicate, and what was combined, by condition."""

    measured: dict[Place, Measured]
    conditions: dict[str, Condition]
    is_control: NDArray[np.bool_]


def activities(counted: Counted, settings: Settings, is_control: NDArray[np.bool_], seed: int) -> Activities:
    """Measure a library.

    Args:
        counted: its counts, DNA shared as the settings say.
        settings: the rules.
        is_control: which variants are negative controls, shape (n_variants,).
        seed: of the bootstrap; each replicate draws from a generator of its own.
    """
    measured = {}
    for place, (dna, rna) in counted.replicates.items():
        if dna is not None and rna is not None:
            rng = np.random.default_rng([seed, *(zlib.crc32(name.encode("utf-8")) for name in place)])
            measured[place] = measure(dna, rna, counted.variant, len(counted.names), settings, rng)
    names = sorted({condition for condition, _ in measured})
    has_own_dna = settings.dna == "by_replicate"
    found = {name: _condition(name, measured, counted, is_control, has_own_dna) for name in names}
    return Activities(measured, found, is_control)


def _condition(
    name: str, measured: dict[Place, Measured], counted: Counted, is_control: NDArray[np.bool_], has_own_dna: bool
) -> Condition:
    own = {replicate: found for (condition, replicate), found in measured.items() if condition == name}
    ratios = np.stack([found.variants.log2_ratio for found in own.values()], axis=1)
    errors = np.stack([found.variants.se for found in own.values()], axis=1)
    if len(own) > 1:
        # Where no variant has two barcodes, counting is the least error, and replicates tell what scatters beyond it.
        counting = np.stack([found.variants.counting_se for found in own.values()], axis=1)
        errors = np.where(np.isfinite(errors).any(0), errors, counting)
    # Where replicates use different barcodes, the least of the errors is what all have in common.
    common = (
        None
        if has_own_dna or len(own) == 1
        else np.fmin.reduce([found.variants.dna_variance for found in own.values()])
    )
    agreement = [
        _agreement(one, other, own[one], own[other], counted.variant, common)
        for place, one in enumerate(own)
        for other in list(own)[place + 1 :]
    ]
    told = [pair.barcode_correlation for pair in agreement if not np.isnan(pair.barcode_correlation)]
    combined = combine(ratios, errors, float(np.mean(told)) if told else float("nan"), common)
    used = np.any([found.barcodes.seen & (found.barcodes.fate == 0) for found in own.values()], axis=0)
    n_barcodes = np.bincount(counted.variant[used], minlength=len(counted.names))
    return Condition(
        list(own),
        combined,
        shrink(combined.log2_ratio, combined.se),
        n_barcodes,
        against_controls(combined.log2_ratio, is_control),
        agreement,
    )


def _agreement(
    one: str, other: str, first: Measured, second: Measured, variant: NDArray[np.int64], common: Floats | None
) -> Agreement:
    x, y = first.variants.log2_ratio, second.variants.log2_ratio
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    influences = first.barcodes.influence, second.barcodes.influence
    known = (0.0, 0.0, 0.0)
    if common is not None:
        used = (influences[0] != 0) & (influences[1] != 0)
        known = of_common(used, variant, common, first.variants.se, second.variants.se)
    return Agreement(
        one,
        other,
        len(x),
        pearson(x, y),
        spearman(x, y),
        float(np.median(y - x)) if len(x) else float("nan"),
        shared_influence(*influences, known),
    )
