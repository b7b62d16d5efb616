"""What the data themselves say of mutations at adjacent positions, and which observations are beyond suspicion."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.models.comparison import resampled_variants
from kcalseq.models.information import Estimate
from kcalseq.models.spec import ModelSpec
from kcalseq.training.problem import Problem

# Variants compared with the training set at a time.
_CHUNK = 1000


def mutations(spec: ModelSpec, problem: Problem, reference: NDArray[np.uint8]) -> NDArray[np.float64]:
    """1 where a variant differs from the reference (length,) inside a site, else 0; shape (n_variants, length)."""
    inside = np.zeros(problem.codes.shape[1], dtype=bool)
    for site in spec.sites:
        inside[site.start : site.stop] = True
    return np.asarray((problem.codes != reference) & inside, dtype=float)


def joint_frequency(mutated: NDArray[np.float64], distance: int, n_draws: int) -> Estimate:
    """How often two positions at a distance are both mutated, over how often if positions were independent.

    Args:
        mutated: 1 or 0, shape (n_variants, length).
        distance: between the positions.
        n_draws: bootstrap samples of the variants, for the standard error.
    """
    both = (mutated[:, distance:] * mutated[:, :-distance]).sum(1)

    def ratio(times: NDArray[np.int64]) -> float:
        p = times @ mutated / times.sum()
        return float((times @ both / times.sum()) / (p[distance:] @ p[:-distance]))

    draws = [ratio(times) for times in resampled_variants(len(mutated), 1, n_draws)]
    return Estimate(ratio(np.ones(len(mutated), dtype=np.int64)), float(np.std(draws, ddof=1)))


def excess_of_pairs(mutated: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log ratio of observed and independent double mutations of each two neighbours, shape (length - 1,)."""
    p = mutated.mean(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log((mutated[:, 1:] * mutated[:, :-1]).mean(0) / (p[1:] * p[:-1])))


def distance_to_training(problem: Problem) -> NDArray[np.int64]:
    """Fewest bases by which each variant differs from a variant of the training set, shape (n_variants,).

    A read with an error next to its true sequence is one or two bases away from it.
    """

    def hot(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(np.eye(4, dtype=np.float32)[codes].reshape(len(codes), -1))

    training = hot(problem.codes[problem.rows("training")]).T
    same = [
        (hot(problem.codes[first : first + _CHUNK]) @ training).max(1) for first in range(0, len(problem.codes), _CHUNK)
    ]
    return np.asarray(problem.codes.shape[1] - np.concatenate(same).round(), dtype=np.int64)


def reads_of_observations(path: Path, problem: Problem, bins: Sequence[int]) -> NDArray[np.int64]:
    """Reads behind each observation, shape (n_bins, n_variants).

    Args:
        path: table of a variant a row: its sequence x and its reads ct_0 (before sorting), ct_1, ... in each bin.
        bins: numbers of the bins wanted.
        problem: its variants are named by their sequences.
    """
    table = pd.read_csv(path).set_index("x").reindex(problem.variants)
    return np.asarray(table[[f"ct_{number}" for number in bins]].to_numpy(dtype=np.int64).T)
