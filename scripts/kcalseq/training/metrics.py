"""How well a fitted model predicts each part of the data split."""

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.confidence import normal_reach
from kcalseq.models import value_information
from kcalseq.models.barcodes import BarcodeCounts, BarcodeData
from kcalseq.models.bins import BinData, SortBins
from kcalseq.models.continuous import GlobalEpistasis, ValueData
from kcalseq.models.information import (
    NEIGHBOURS,
    Estimate,
    log_likelihood,
    outcome_entropy,
    predictive_information,
    variational_information,
)
from kcalseq.models.network import Network
from kcalseq.models.process import Weights
from kcalseq.models.rank_information import rank_information, ross_information
from kcalseq.tables import SETS
from kcalseq.training.barcode_metrics import Metrics, barcode_metrics
from kcalseq.training.problem import Experiment, Problem


def metrics_table(
    problem: Problem,
    network: Network,
    flat: NDArray[np.float64],
    phis: tuple[NDArray[np.float64], ...],
    seed: int,
    confidence: float,
) -> pd.DataFrame:
    """Table ``fit_metrics`` without library and model.

    Args:
        problem, network: the fit.
        flat: shape (size,).
        phis: phi of every variant in each experiment, shape (n_variants,) each.
        seed: of the jitter in I_pred.
        confidence: level of the intervals, 0 to 1; normal, from the spread over observations.
    """
    rows: list[dict[str, Any]] = []
    for number, (experiment, phi) in enumerate(zip(problem.experiments, phis, strict=True)):
        weights = network.weights(torch.from_numpy(flat)[None], number)
        for part, found in _by_part(problem, experiment, weights, phi, seed).items():
            rows += [{"condition": experiment.condition, "set": part, **row} for row in _rows(found, confidence)]
    columns = ["condition", "set", "metric", "value", "lower", "upper", "confidence", "unit"]
    return pd.DataFrame(rows, columns=columns)


def bin_log_probabilities(process: SortBins, weights: Weights, phi: NDArray[np.float64]) -> NDArray[np.float64]:
    """log p(bin) at standardised phi (n,), nats, shape (n_bins, n); weights of one member."""
    with torch.no_grad():
        return np.asarray(process.log_probabilities(torch.from_numpy(phi)[None], weights)[0].numpy())


def _by_part(
    problem: Problem, experiment: Experiment, weights: Weights, phi: NDArray[np.float64], seed: int
) -> dict[str, Metrics]:
    parts = {part: problem.rows(part) for part in SETS}
    if isinstance(experiment.process, BarcodeCounts) and isinstance(experiment.data, BarcodeData):
        return barcode_metrics(experiment.process, experiment.data, weights, phi, parts)
    return {part: _metrics(experiment, weights, phi, rows, seed) for part, rows in parts.items()}


def _metrics(
    experiment: Experiment, weights: Weights, phi: NDArray[np.float64], rows: NDArray[np.int64], seed: int
) -> Metrics:
    if isinstance(experiment.process, SortBins) and isinstance(experiment.data, BinData):
        log_p = bin_log_probabilities(experiment.process, weights, phi[rows])
        return _of_bins(experiment.data.table[:, rows], log_p, phi[rows], seed)
    if isinstance(experiment.process, GlobalEpistasis) and isinstance(experiment.data, ValueData):
        known = rows[experiment.n_observations()[rows] > 0]
        z = torch.from_numpy(phi[known])[None]
        with torch.no_grad():
            own = experiment.data.take(torch.from_numpy(known))
            expected = experiment.process.expectation(z, weights)[0].numpy()
            log_p = experiment.process.log_likelihoods(z, weights, own)[0].numpy()
        return _of_values(own.y[0].numpy(), expected, log_p, phi[known], seed)
    raise TypeError(f"no metrics are known for what {type(experiment.process).__name__} measures")


def _of_bins(counts: NDArray[np.float64], log_p: NDArray[np.float64], phi: NDArray[np.float64], seed: int) -> Metrics:
    return {
        "I_var": (variational_information(log_p, counts), "bits/read"),
        "I_pred": (predictive_information(phi, counts, seed), "bits/read"),
        "I_pred_rank": (rank_information(phi, counts, seed), "bits/read"),
        "I_pred_ross": (ross_information(phi, counts, seed), "bits/read"),
        "log_likelihood": (log_likelihood(log_p, counts), "nats/read"),
        "bin_entropy": (outcome_entropy(counts), "bits"),
        "n_observations": (float(counts.sum()), "observations"),
        "n_variants": (float((counts.sum(0) > 0).sum()), "variants"),
    }


def _of_values(
    y: NDArray[np.float64],
    expected: NDArray[np.float64],
    log_p: NDArray[np.float64],
    phi: NDArray[np.float64],
    seed: int,
) -> Metrics:
    found: Metrics = {"n_observations": (float(len(y)), "observations"), "n_variants": (float(len(y)), "variants")}
    # Of fewer values there is no estimate of an entropy.
    if len(y) > NEIGHBOURS:
        found |= {
            "r_squared": (value_information.r_squared(expected, y), "fraction"),
            "I_var": (value_information.variational_information(log_p, y, seed), "bits/value"),
            "I_pred": (value_information.predictive_information(phi, y, seed), "bits/value"),
            "log_likelihood": (value_information.mean_log_likelihood(log_p), "nats/value"),
            "value_entropy": (float(value_information.entropy_terms(y, seed).mean()), "bits"),
        }
    return found


def _rows(metrics: Metrics, confidence: float) -> list[dict[str, Any]]:
    rows = []
    for name, (found, unit) in metrics.items():
        row: dict[str, Any] = {"metric": name, "unit": unit}
        if isinstance(found, Estimate):
            reach = normal_reach(confidence) * found.standard_error
            row |= {"lower": found.value - reach, "upper": found.value + reach, "confidence": confidence}
            found = found.value
        rows.append({**row, "value": found})
    return rows
