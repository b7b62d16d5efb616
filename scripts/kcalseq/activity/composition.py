"""Whether counts follow base composition: the slope against GC content, and bases that are favoured at a position."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.activity.agreement import spearman
from kcalseq.activity.groups import Floats
from kcalseq.dna import ALPHABET, encode_sequences

_SAMPLE = ["condition", "replicate", "fraction"]
BEFORE_EXPRESSION = ("dna", "input")
"""Fractions whose counts should not depend on the sequence."""
_STEP = 0.1


def gc_table(library: str, counts: pd.DataFrame, ratios: pd.DataFrame, sequences: pd.Series) -> pd.DataFrame:
    """Table ``gc_bias`` of one library.

    Args:
        library: its name.
        counts: its table ``variant_counts``; samples of DNA and of sort inputs are looked at.
        ratios: its table ``variant_log_ratio``; empty where it has none.
        sequences: by variant; variants without are left out.
    """
    gc = _gc_content(sequences)
    rows = []
    for place, reads in _before_expression(counts):
        rows.append((library, *place, *_against(np.log2(1e6 * reads / reads.sum()), gc)))
    for (condition, replicate), own in ratios.groupby(["condition", "replicate"]):
        ratio = own.set_index("variant")["log2_ratio"].dropna()
        rows.append((library, str(condition), str(replicate), "ratio", *_against(ratio, gc)))
    numbers = ["n_variants", "slope", "slope_se", "spearman"]
    return pd.DataFrame(rows, columns=["library", "condition", "replicate", "quantity", *numbers])


def composition_table(library: str, counts: pd.DataFrame, sequences: pd.Series) -> pd.DataFrame:
    """Table ``base_composition`` of one library; no row where the variants seen have several lengths.

    Args:
        library, counts, sequences: as for ``gc_table``.
    """
    columns = ["library", *_SAMPLE, "position", "base", "share_of_variants", "share_of_reads"]
    frames = [pd.DataFrame(columns=columns)]
    for place, reads in _before_expression(counts):
        codes, weight = _coded(reads, sequences)
        if len(codes):
            shares = _shares(codes, np.ones(len(weight))), _shares(codes, weight)
            position, base = (index.ravel() for index in np.indices(shares[0].shape))
            told = {"position": position, "base": np.array(list(ALPHABET))[base]}
            told |= {"share_of_variants": shares[0].ravel(), "share_of_reads": shares[1].ravel()}
            frames.append(pd.DataFrame({"library": library, **dict(zip(_SAMPLE, place, strict=True)), **told}))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def composition_shift(reads: pd.Series, sequences: pd.Series) -> float:
    """How far reads shift the share of a base at a position, beyond chance; NaN with several lengths, or no reads.

    The root of the mean square of share among reads less share among variants, over all bases and positions, after that
    is subtracted which variants of uneven abundance, but whatever sequence, are expected to show: with weights
    w of n variants, p (1 - p) (sum w^2 / (sum w)^2 - 1 / n) n / (n - 1) (sampling without replacement).

    Args:
        reads: by variant, above 0.
        sequences: by variant; variants without are left out.
    """
    codes, weight = _coded(reads, sequences)
    n = len(codes)
    if n < 2:
        return float("nan")
    share = _shares(codes, np.ones(n))
    uneven = (float((weight**2).sum() / weight.sum() ** 2) - 1.0 / n) * n / (n - 1)
    excess = float(((_shares(codes, weight) - share) ** 2 - share * (1.0 - share) * uneven).mean())
    return float(np.sqrt(max(0.0, excess)))


def _before_expression(counts: pd.DataFrame) -> Iterator[tuple[tuple[str, str, str], pd.Series]]:
    seen = counts[counts["fraction"].isin(BEFORE_EXPRESSION) & (counts["n_reads"] > 0)]
    for (condition, replicate, fraction), own in seen.groupby(_SAMPLE):
        yield (str(condition), str(replicate), str(fraction)), own.set_index("variant")["n_reads"].astype("float64")


def _gc_content(sequences: pd.Series) -> pd.Series:
    known = sequences.dropna()
    return known.str.count("[GC]") / known.str.len()


def _against(values: pd.Series, gc: pd.Series) -> tuple[int, float, float, float]:
    """Variants, slope of values for 10 % more GC, its standard error, and Spearman's correlation; NaN if not told."""
    both = pd.concat([values.rename("y"), gc.rename("x")], axis=1, join="inner").to_numpy(float)
    n, nothing = len(both), float("nan")
    if n < 3 or np.ptp(both[:, 1]) == 0:
        return n, nothing, nothing, nothing
    y, x = (both - both.mean(0)).T
    slope = float((x * y).sum() / (x * x).sum())
    error = float(np.sqrt(((y - slope * x) ** 2).sum() / (n - 2) / (x * x).sum()))
    return n, _STEP * slope, _STEP * error, spearman(both[:, 1], both[:, 0])


def _coded(reads: pd.Series, sequences: pd.Series) -> tuple[NDArray[np.uint8], Floats]:
    """Base codes of the variants with reads, shape (n, length), and their reads; none where lengths differ."""
    both = pd.concat([reads.rename("reads"), sequences.rename("sequence")], axis=1, join="inner").dropna()
    if both.empty or both["sequence"].str.len().nunique() > 1:
        return np.zeros((0, 0), dtype=np.uint8), np.zeros(0)
    letters = both["sequence"].tolist()
    return encode_sequences(letters, len(letters[0])), both["reads"].to_numpy(float)


def _shares(codes: NDArray[np.uint8], weight: Floats) -> Floats:
    shares = [(weight[:, None] * (codes == code)).sum(0) for code in range(len(ALPHABET))]
    found: Floats = np.stack(shares, axis=1) / weight.sum()
    return found
