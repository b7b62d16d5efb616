"""What is made of each barcode, from the evidence of all: the first rule that applies decides.

few_reads: fewer voting reads than the least. two_molecules: a second molecule is more likely than not, reads agree on
another base at one place beyond misreading, or purity is below the user's limit. unclear: a second molecule is not
unlikely enough, fewer reads than the least agree on one molecule, or the molecule can be several variants. no_match:
it resembles no oligo. mutated: it differs from its oligo, or is turned around. assigned: all others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.consensus import GAP, LENGTH, MAIN, MINORITY, TOTAL, VOTERS
from kcalseq.association.evidence import Evidence
from kcalseq.association.matching import EXACT, FAR, NEAR, SEVERAL
from kcalseq.association.purity import MixtureRates, chance_of_two, fit_rates, near_molecules
from kcalseq.association.settings import Settings

CALLS = ("few_reads", "two_molecules", "unclear", "no_match", "mutated", "assigned")


class Calls(NamedTuple):
    """Calls of the n barcodes that have reads after correction.

    Attributes:
        barcodes: their numbers, shape (n,).
        call: place in ``CALLS``, shape (n,).
        purity: share of the voting reads that agree on the molecule, shape (n,).
        chance_of_two: probability of a second molecule, shape (n,).
        turned: whether most molecules are reverse complements of the design.
        rates: of the mixture.
    """

    barcodes: NDArray[np.int64]
    call: NDArray[np.int64]
    purity: NDArray[np.float64]
    chance_of_two: NDArray[np.float64]
    turned: bool
    rates: MixtureRates


def call_barcodes(evidence: Evidence, settings: Settings, substitutions: float, gaps: float) -> Calls:
    """Decide.

    Args:
        evidence: of all barcodes of the library.
        settings: the user's rules.
        substitutions: bases misread in the reads, a base.
        gaps: bases too many or too few, a base.
    """
    barcodes = np.flatnonzero(evidence.numbers[:, TOTAL])
    numbers, kind = evidence.numbers[barcodes], evidence.kind[barcodes]
    first, second, further = numbers[:, MAIN], evidence.second[barcodes], evidence.further[barcodes]
    voting = first + second + further
    several = voting >= 2
    rates = fit_rates(first[several], second[several], further[several], _same_origin(evidence, barcodes))
    chance = chance_of_two(first, second, further, rates)
    near = near_molecules(numbers[:, MINORITY], numbers[:, VOTERS], 3 * numbers[:, LENGTH], substitutions / 3)
    near |= near_molecules(numbers[:, GAP], first, 2 * numbers[:, LENGTH], gaps / 2)
    purity = first / np.maximum(voting, 1)
    impure = purity < settings.min_purity if settings.min_purity is not None else np.zeros(len(first), dtype=np.bool_)
    exact = kind == EXACT
    turned = bool(2 * np.count_nonzero(evidence.reverse[barcodes][exact]) > np.count_nonzero(exact))
    against = (evidence.reverse[barcodes] != turned) & (evidence.oligo[barcodes] >= 0)
    rules = [
        voting < settings.min_reads,
        (chance > 0.5) | near | impure,
        (chance > settings.max_second) | (first < settings.min_reads) | (kind == SEVERAL),
        kind == FAR,
        (kind == NEAR) | against,
    ]
    call = np.select(rules, np.arange(len(rules)), len(rules))
    return Calls(barcodes, call, purity, chance, turned, rates)


def _same_origin(evidence: Evidence, barcodes: NDArray[np.int64]) -> float:
    """Chance that two reads drawn from all are of one variant: the sum of squared shares."""
    reads = evidence.numbers[barcodes, MAIN].astype(np.float64)
    known = evidence.oligo[barcodes] >= 0
    if known.any():
        by_variant = np.bincount(evidence.oligo[barcodes][known], reads[known])
    else:
        names = [evidence.molecules.get(number, "") for number in barcodes.tolist()]
        _, place = np.unique(np.array(names, dtype=object), return_inverse=True)
        by_variant = np.bincount(place, reads)[int("" in names) :]
    total = by_variant.sum()
    return float(min(max((by_variant**2).sum() / total**2, 1e-9), 0.5)) if total else 0.5
