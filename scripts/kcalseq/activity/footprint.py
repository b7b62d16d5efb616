"""Information footprint: where along the promoter a base tells something about expression (Kinney et al. 2010).

At each position the mutual information between base and sort bin, less its bias: a finite sample shows
(n_bases - 1)(n_bins - 1) / (2 N ln 2) bits where there is nothing (Treves & Panzeri 1995). Standard errors by the
delta method: the variance of log p(b, y) / (p(b) p(y)) over observations, divided by N.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.activity.mean_bin import independent_observations
from kcalseq.dna import ALPHABET, encode_sequences
from kcalseq.units import NATS_PER_BIT

_GROUP = ["library", "condition", "replicate"]


def information_footprint(counts: pd.DataFrame, variants: pd.DataFrame, observations: str) -> pd.DataFrame:
    """Footprint of each condition and replicate over the sorted cells.

    Args:
        counts: table ``variant_counts``.
        variants: table ``variants``; all sequences of one length.
        observations: ``presence`` or ``raw``.

    Returns:
        table ``information_footprint``.
    """
    seen = independent_observations(counts[counts["fraction"] == "bin"], observations)
    sequences = variants["variant_sequence"].tolist()
    codes_nl = encode_sequences(sequences, len(sequences[0]))
    number = pd.Index(variants["variant"])
    pieces = []
    for (name, condition, replicate), group in seen.groupby(_GROUP):
        rows = number.get_indexer(group["variant"])
        frame = footprint_of_codes(codes_nl[rows], group["bin"].to_numpy(), group["n"].to_numpy())
        pieces.append(frame.assign(library=str(name), condition=str(condition), replicate=str(replicate)))
    return pd.concat(pieces, ignore_index=True)


def footprint_of_codes(codes_nl: NDArray[np.uint8], y: NDArray[np.int64], n: NDArray[np.int64]) -> pd.DataFrame:
    """Footprint of observations.

    Args:
        codes_nl: bases 0..3 of each observed variant, shape (n_rows, length).
        y: sort bin of each row.
        n: observations of each row.

    Returns:
        columns position, information, information_se, bias (bits) and mutated_fraction.
    """
    bins, outcome = np.unique(y, return_inverse=True)
    total, rows = float(n.sum()), []
    for position in range(codes_nl.shape[1]):
        flat = codes_nl[:, position].astype(np.int64) * len(bins) + outcome
        joint = np.bincount(flat, weights=n.astype(float), minlength=len(ALPHABET) * len(bins))
        table = joint.astype(float).reshape(len(ALPHABET), len(bins))
        information, error, bias = corrected_information(table)
        rows.append((position, information, error, bias, 1.0 - table.sum(1).max() / total))
    return pd.DataFrame(rows, columns=["position", "information", "information_se", "bias", "mutated_fraction"])


def corrected_information(joint: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mutual information of a table of counts, corrected for its bias.

    Args:
        joint: counts, shape (n_rows, n_columns); empty rows and columns count as absent.

    Returns:
        information less bias, its standard error, and the bias, all in bits.
    """
    total = joint.sum()
    p = joint / total
    rows, columns = p.sum(1, keepdims=True), p.sum(0, keepdims=True)
    present = p > 0
    ratio = np.zeros_like(p)
    ratio[present] = np.log2(p[present] / (rows * columns)[present])
    information = float((p * ratio).sum())
    n_free = (np.count_nonzero(rows) - 1) * (np.count_nonzero(columns) - 1)
    bias = n_free / (2.0 * total * NATS_PER_BIT)
    variance = max(float((p * ratio**2).sum()) - information**2, 0.0) / total
    return information - bias, float(np.sqrt(variance)), bias
