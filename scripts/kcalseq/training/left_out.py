"""What refits say of the variants that they left out: tables ``cross_validation`` and ``left_out``."""

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.models.bins import BinData
from kcalseq.models.continuous import ValueData
from kcalseq.models.information import NEIGHBOURS, outcome_entropy
from kcalseq.models.network import standardise
from kcalseq.models.process import Data
from kcalseq.models.value_information import entropy_terms
from kcalseq.training.folds import Folds
from kcalseq.training.problem import Problem
from kcalseq.units import NATS_PER_BIT


def left_out_table(problem: Problem, folds: Folds) -> pd.DataFrame:
    """Table ``left_out`` without library and model: each variant of a fold, by the refit that did not see it."""
    network, frames = folds.setup.posterior.network, []
    for place, experiment in enumerate(problem.experiments):
        rows, design = folds.setup.training[place], folds.setup.posterior.training[place].design
        for fold, flat in enumerate(folds.fit.flat):
            own = np.flatnonzero(folds.number[rows] == fold)
            with torch.no_grad():
                phi = network.phenotype(flat[None], design, place)
                z = standardise(phi, network.scale(phi, place))[:, torch.from_numpy(own).to(flat.device)]
                data = experiment.data.take(torch.from_numpy(rows[own]))
                log_p = experiment.process.log_likelihoods(z, network.weights(flat[None], place), data.to(flat.device))
            numbers = {"phi": z[0].cpu().numpy(), "log_likelihood": log_p[0].cpu().numpy()}
            n_observations = data.n_observations.numpy().astype(np.int64)
            frame = pd.DataFrame({"variant": problem.variants[rows[own]], **numbers, "n_observations": n_observations})
            frames.append(frame.assign(condition=experiment.condition, fold=fold))
    return pd.concat(frames, ignore_index=True)


def cross_validation_table(problem: Problem, folds: Folds, left_out: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Table ``cross_validation`` without library and model.

    Args:
        problem, folds: what was fitted.
        left_out: as from ``left_out_table``.
        seed: of the jitter in the entropy of continuous values.
    """
    rows: list[dict[str, Any]] = []
    for place, experiment in enumerate(problem.experiments):
        numbers, own = folds.setup.training[place], left_out[left_out["condition"] == experiment.condition]
        for fold in range(folds.n_folds):
            frame = own[own["fold"] == fold]
            n = int(frame["n_observations"].sum())
            log_likelihood = float(frame["log_likelihood"].sum()) / n
            data = experiment.data.take(torch.from_numpy(numbers[folds.number[numbers] == fold]))
            row = {
                "condition": experiment.condition,
                "fold": fold,
                "n_variants": int((frame["n_observations"] > 0).sum()),
                "n_observations": n,
                "log_likelihood": log_likelihood,
                "information": _entropy(data, seed) + log_likelihood / NATS_PER_BIT,
                "converged": bool(folds.fit.converged[fold]),
            }
            rows.append(row)
    return pd.DataFrame(rows)


def _entropy(data: Data, seed: int) -> float:
    """Entropy of what was measured, bits an observation; NaN where none is told."""
    if isinstance(data, BinData):
        return outcome_entropy(data.table)
    if isinstance(data, ValueData):
        y: NDArray[np.float64] = data.y[0, data.weight[0] > 0].numpy()
        return float(entropy_terms(y, seed).mean()) if len(y) > NEIGHBOURS else np.nan
    return np.nan
