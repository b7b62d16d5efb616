"""Energies fitted to one experiment on the lac promoter, tried on another: only the sorting's part is refitted.

The other experiments of Kinney et al. (2010) were grown, sorted and sequenced apart, so a mistake of one of them says
nothing about the bins of another.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pair_fits import Fitted, at
from scipy.optimize import minimize

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fitting import prepare
from kcalseq.training.objective import LogPosterior
from kcalseq.training.problem import Problem, build_problem


def read_experiment(path: Path, spec: ModelSpec, leave_out: set[str]) -> Problem:
    """Another experiment, a third of its variants for training, two thirds held out.

    Args:
        path: table of a variant a row: its sequence x and its reads ct_0 (before sorting), ct_1, ... in each bin.
        spec: the model.
        leave_out: sequences to leave out.
    """
    table = pd.read_csv(path)
    table = table[~table["x"].isin(leave_out)].sort_values("x", ignore_index=True)
    parts = np.random.default_rng(1).choice(["training", "validation", "test"], len(table))
    variants = pd.DataFrame({"library": "lac", "variant": table["x"], "variant_sequence": table["x"], "set": parts})
    columns = [name for name in table.columns if name.startswith("ct_")]
    counts = table.melt("x", columns, "column", "n_reads").query("n_reads > 0")
    bins = counts["column"].str.removeprefix("ct_").astype(int)
    fraction = np.where(bins > 0, "bin", "input")
    rows = counts.rename(columns={"x": "variant"}).assign(library="lac", condition=path.name, replicate="1")
    rows = rows.assign(fraction=fraction, bin=bins)
    return build_problem(spec, variants, rows, "presence")


def shared_sequences(path: Path, sequences: set[str]) -> tuple[int, int]:
    """How many variants of another experiment are among the sequences, and how many it has."""
    table = pd.read_csv(path, usecols=["x"])
    return int(table["x"].isin(sequences).sum()), len(table)


def transferred(source: Fitted, problem: Problem) -> Fitted:
    """The model with all energies held, its measurement process and CRP's chemical potential fitted to other data."""
    setup = prepare(source.spec, problem)
    layout, given = setup.posterior.network.layout, source.setup.posterior.network.layout
    start = initial_parameters(setup.posterior.network, 1, 0)
    held = np.full(layout.size, np.nan)
    for name, block in layout.blocks.items():
        if not name.startswith("mpa."):
            start[block.slice] = source.flat[given.blocks[name].slice]
            if name != "CRP.mu":
                held[block.slice] = start[block.slice]
    posterior = LogPosterior(setup.posterior.network, setup.posterior.training, torch.from_numpy(held)[None])
    free, member = np.isnan(held), torch.tensor([0])

    def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        flat = start.copy()
        flat[free] = x
        value, gradient = posterior.value_and_gradient(torch.from_numpy(flat)[None], member)
        return float(value[0]), gradient[0].numpy()[free]

    found = minimize(objective, start[free], jac=True, method="L-BFGS-B", options={"maxiter": 600, "maxfun": 800})
    start[free] = found.x
    return at(source.spec, problem, start)
