"""What a fit is worth on the test set: one code for every program, from its log probabilities."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.models.information import differential_entropy, jittered, log_likelihood, variational_information
from kcalseq.units import NATS_PER_BIT


def bin_counts(table: pd.DataFrame) -> NDArray[np.float64]:
    """Columns ct_0, ct_1, ... of a Sort-Seq table, shape (n_bins, n_rows)."""
    return table.filter(regex=r"^ct_\d+$").to_numpy(dtype=float).T


def sorted_scores(log_p: NDArray[np.float64], counts: NDArray[np.float64]) -> dict[str, float]:
    """Log-likelihood (nats) and I_var (bits) per observation of sorted sequences.

    Args:
        log_p: log p(bin) of the test set, nats, shape (n_bins, n_variants).
        counts: its observations, shape (n_bins, n_variants).
    """
    information = variational_information(log_p, counts)
    return {
        "log_likelihood": log_likelihood(log_p, counts).value,
        "I_var_bits": information.value,
        "I_var_se": information.standard_error,
    }


def measured_scores(
    log_p: NDArray[np.float64], predicted: NDArray[np.float64], measured: NDArray[np.float64]
) -> dict[str, float]:
    """Log-likelihood (nats), I_var (bits) and R^2 of sequences with one measured number each.

    The entropy of the measured numbers is estimated once they are jittered by 1 % of their sd, as MAVE-NN does, for
    many are equal; it is the same for all models.

    Args:
        log_p: log density of each measured number, nats, shape (n_variants,).
        predicted: the model's number for each variant, shape (n_variants,).
        measured: shape (n_variants,).
    """
    entropy = differential_entropy(jittered(measured, np.random.default_rng(1)))
    error = log_p.std(ddof=1) / np.sqrt(len(log_p)) / NATS_PER_BIT
    return {
        "log_likelihood": float(log_p.mean()),
        "I_var_bits": float(entropy + log_p.mean() / NATS_PER_BIT),
        "I_var_se": float(error),
        "r_squared": float(np.corrcoef(predicted, measured)[0, 1] ** 2),
    }


def write_row(path: Path, row: dict[str, object]) -> None:
    """Write what a program found, for the driver to read."""
    path.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")
