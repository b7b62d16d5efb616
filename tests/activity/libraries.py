"""Random libraries whose truth is known, as the activity floor receives them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.activity.outcomes import Outcomes
from kcalseq.dna import ALPHABET


def mutants(wildtype: str, n: int, rate: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Codes of variants of a wild type, each base mutated to one of the three others at that rate."""
    own = np.array([ALPHABET.index(letter) for letter in wildtype], dtype=np.uint8)
    shift = rng.integers(1, 4, (n, len(own))) * (rng.random((n, len(own))) < rate)
    return ((own + shift) % 4).astype(np.uint8)


def words(codes_nl: NDArray[np.uint8]) -> list[str]:
    """Codes as sequences."""
    return ["".join(ALPHABET[code] for code in row) for row in codes_nl]


def outcomes_of(activity: NDArray[np.float64], weight: NDArray[np.float64] | None = None) -> Outcomes:
    """One observation a variant, in the upper or the lower half of the activities."""
    n, high = len(activity), (activity > np.median(activity)).astype(np.int64)
    own = np.ones(n) if weight is None else weight
    return Outcomes(np.arange(n).astype(object), activity, own, np.arange(n), high, np.ones(n))


def sorted_counts(codes_nl: NDArray[np.uint8], activity: NDArray[np.float64], n_bins: int = 4) -> pd.DataFrame:
    """Rows of ``variant_counts``: each variant once, in the bin of its activity's rank."""
    rank = np.argsort(np.argsort(activity, kind="stable"), kind="stable")
    sort_bin = 1 + rank * n_bins // len(activity)
    rows = pd.DataFrame({"variant": words(codes_nl), "bin": sort_bin}).drop_duplicates("variant")
    missing = pd.array([pd.NA] * len(rows), dtype="Int64")
    named = rows.assign(library="lac", condition="M9", replicate="1", fraction="bin", n_reads=1)
    return named.assign(n_barcodes=missing, n_molecules=missing)


def listed(counts: pd.DataFrame) -> pd.DataFrame:
    """The ``variants`` of directly read counts."""
    names = counts["variant"].drop_duplicates().tolist()
    return pd.DataFrame({"library": "lac", "variant": names, "variant_sequence": names, "set": "training"})
