"""Tables of how a model was fitted and of what the fit expects of the data."""

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.models.barcodes import BarcodeCounts, BarcodeData
from kcalseq.models.bins import SortBins
from kcalseq.models.continuous import GlobalEpistasis, ValueData
from kcalseq.models.network import Network
from kcalseq.models.spec import ModelSpec
from kcalseq.training.barcode_metrics import log2_ratios
from kcalseq.training.fitting import Epoch, FittedModel, training_rows
from kcalseq.training.metrics import bin_log_probabilities
from kcalseq.training.problem import Problem

_GRID_POINTS = 101
# Columns of table predictions that are missing where the measurement process does not expect such a thing.
_READOUTS = ("mean_bin", "value", "log2_activity", "log2_ratio")


def predictions_table(
    problem: Problem, network: Network, flat: NDArray[np.float64], phis: tuple[NDArray[np.float64], ...]
) -> pd.DataFrame:
    """Table ``predictions`` without library and model.

    Args:
        problem, network: the fit.
        flat: shape (size,).
        phis: phi of every variant in each experiment, shape (n_variants,) each, as from ``phenotypes``.
    """
    frames: list[pd.DataFrame] = []
    member, missing = torch.from_numpy(flat)[None], dict.fromkeys(_READOUTS, np.nan)
    for number, (experiment, phi) in enumerate(zip(problem.experiments, phis, strict=True)):
        weights, z = network.weights(member, number), torch.from_numpy(phi)[None]
        expected = {name: values.numpy() for name, values in experiment.process.readout(z, weights).items()}
        if isinstance(experiment.process, BarcodeCounts) and isinstance(experiment.data, BarcodeData):
            expected["log2_ratio"] = log2_ratios(experiment.process, experiment.data)
        frame = pd.DataFrame({"variant": problem.variants, "set": problem.sets, "phi": phi, **missing, **expected})
        log_likelihood = experiment.process.log_likelihoods(z, weights, experiment.data)[0].numpy()
        n_observations = experiment.n_observations().astype(np.int64)
        frames.append(
            frame.assign(condition=experiment.condition, n_observations=n_observations, log_likelihood=log_likelihood)
        )
    return pd.concat(frames, ignore_index=True)


def measurement_table(
    problem: Problem, network: Network, flat: NDArray[np.float64], phis: tuple[NDArray[np.float64], ...]
) -> pd.DataFrame:
    """Table ``measurement_process`` without library and model, over the range of phi of the training variants."""
    frames = []
    for number, (experiment, phi) in enumerate(zip(problem.experiments, phis, strict=True)):
        if not isinstance(experiment.process, SortBins):
            continue
        low, high = np.quantile(phi[training_rows(problem, experiment)], [0.001, 0.999])
        grid = np.unique(np.linspace(low, high, _GRID_POINTS))  # one point where phi is constant
        bins = np.array(experiment.process.bins)
        weights = network.weights(torch.from_numpy(flat)[None], number)
        p = np.exp(bin_log_probabilities(experiment.process, weights, grid))
        columns = {"phi": np.tile(grid, len(bins)), "bin": np.repeat(bins, len(grid)), "probability": p.ravel()}
        frames.append(pd.DataFrame(columns).assign(condition=experiment.condition))
    empty = pd.DataFrame(columns=["condition", "phi", "bin", "probability"])
    return pd.concat(frames, ignore_index=True) if frames else empty


def response_table(
    problem: Problem,
    network: Network,
    flat: NDArray[np.float64],
    phis: tuple[NDArray[np.float64], ...],
    confidence: float,
) -> pd.DataFrame:
    """Table ``response`` without library and model, over the range of phi of the training variants.

    Where the standard errors of values are given, the interval is that of a value of the median one.
    """
    frames = []
    for number, (experiment, phi) in enumerate(zip(problem.experiments, phis, strict=True)):
        process, data = experiment.process, experiment.data
        if not isinstance(process, GlobalEpistasis) or not isinstance(data, ValueData):
            continue
        rows = training_rows(problem, experiment)
        rows = rows[experiment.n_observations()[rows] > 0]
        low, high = np.quantile(phi[rows], [0.001, 0.999])
        grid = torch.from_numpy(np.unique(np.linspace(low, high, _GRID_POINTS)))[None]
        error = None if data.dy is None else data.dy[:, rows].median()[None, None]
        weights = network.weights(torch.from_numpy(flat)[None], number)
        ends = process.interval(grid, weights, error, confidence)
        columns = {
            "phi": grid[0].numpy(),
            "expected": process.expectation(grid, weights)[0].numpy(),
            "lower": ends.lower[0],
            "upper": ends.upper[0],
        }
        frames.append(pd.DataFrame(columns).assign(condition=experiment.condition, confidence=confidence))
    empty = pd.DataFrame(columns=["condition", "phi", "expected", "lower", "upper", "confidence"])
    return pd.concat(frames, ignore_index=True) if frames else empty


def history_table(fitted: FittedModel) -> pd.DataFrame:
    """Table ``training_history`` without library and model."""
    steps = pd.DataFrame(fitted.fit.history, columns=["start", "iteration", "objective", "gradient_norm"])
    frame = pd.DataFrame(fitted.epochs, columns=list(Epoch._fields)) if fitted.epochs else steps
    frame = frame.reindex(columns=[*steps.columns, "validation"])
    return frame.astype({"start": "int64", "iteration": "int64"})


def starts_table(spec: ModelSpec, network: Network, fitted: FittedModel) -> pd.DataFrame:
    """Table ``fit_starts`` without library and model."""
    fit, rows = fitted.fit, []
    for start, member in enumerate(fitted.starts):
        rows += [
            (start, "objective", float(fit.value[start]), "nats"),
            (start, "n_evaluations", float(fit.n_evaluations[start]), "evaluations"),
            (start, "converged", float(fit.converged[start]), "yes/no"),
            (start, "chosen", float(start == fitted.chosen), "yes/no"),
            (start, "swaps", float(len(member.swaps)), "swaps"),
        ]
        for name in spec.interaction_energies:
            rows.append((start, name, float(member.flat[network.layout.blocks[name].start]), "kcal/mol"))
        for name in spec.free_rates:
            value = float(member.flat[network.layout.blocks[f"{name}.log_rate"].start])
            rows.append((start, f"{name}.log_rate", value, f"ln of {name}/{spec.rates[0]}"))
    return pd.DataFrame(rows, columns=["start", "quantity", "value", "unit"])
