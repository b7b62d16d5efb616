"""One simulated experiment, fitted and held against its truth."""

from typing import Any

import numpy as np
import pandas as pd
import torch
from coverage_truths import Truth
from numpy.typing import NDArray

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.canonical import swap_site, swappable_sites
from kcalseq.training.fit import fit_members, polish
from kcalseq.training.fitting import FittedModel, Setup, canonical_member, fit_problem, phenotypes, prepare
from kcalseq.training.laplace import gauge_fixed_errors, gauge_fixed_values
from kcalseq.training.metrics import metrics_table
from kcalseq.training.parameter_tables import parameters_table
from kcalseq.training.problem import Problem, binned
from kcalseq.training.profile import Profile, profile_scalars
from kcalseq.training.rounds import FitSettings

SEED, N_STARTS = 1, 2


def measured(truth: Truth, seed: int) -> dict[str, Any]:
    """The row of one experiment; see ``interval_coverage`` for the columns."""
    spec, problem = truth.spec, truth.draw(seed)
    fitted = fit_problem(spec, problem, SEED, N_STARTS, 1, lambda _: None)
    setup = prepare(spec, problem)
    fixed = gauge_fixed_errors(spec, setup, problem, fitted.flat)
    number = _number(truth, setup)
    profiles: dict[str, Profile] = {}
    if truth.headline in truth.energies.interactions:
        profiles = profile_scalars(spec, setup, fitted.flat, fixed, 0.95, 1, lambda _: None)
    told = {
        level: parameters_table(spec, setup.posterior.network, fixed, profiles, level).set_index("parameter")
        for level in (0.90, 0.95)
    }
    true = truth.parameters
    row: dict[str, Any] = {"seed": seed, "parameter": truth.headline, "truth": true[truth.headline]}
    row["estimate"] = float(fixed.values[number])
    for level, table in told.items():
        ends = table.loc[truth.headline, ["lower", "upper"]].to_numpy(dtype=float)
        row |= {f"{name}_{level:.0%}"[:-1]: end for name, end in zip(("lower", "upper"), ends, strict=True)}
        row[f"held_{level:.0%}"[:-1]] = not (ends[0] > row["truth"] or ends[1] < row["truth"])
    se = float(fixed.errors[number])
    row["identifiable"] = bool(told[0.95].loc[truth.headline, "identifiable"])
    row |= {"se": se, "z": (row["estimate"] - row["truth"]) / se if row["identifiable"] else np.nan}
    return (
        row
        | _entries(told[0.95], true)
        | _starts(truth, problem, setup, fitted, seed)
        | _information(truth, problem, setup, fitted)
    )


def _number(truth: Truth, setup: Setup) -> int:
    """Place of the headline in the flat vector."""
    blocks = setup.posterior.network.layout.blocks
    if truth.headline in blocks:
        return blocks[truth.headline].start
    entries = [name for name in truth.parameters if name.startswith(truth.headline.split("[")[0])]
    return blocks[truth.headline.split("[")[0]].start + entries.index(truth.headline)


def _entries(told: pd.DataFrame, true: dict[str, float]) -> dict[str, float]:
    """How the matrices' entries fare."""
    own = told[(told["kind"] == "energy_matrix") & told["identifiable"]]
    truth = own.index.map(true).to_numpy()
    held = (own["lower"] < truth) & (truth < own["upper"])
    z = (own["value"] - truth) / ((own["upper"] - own["lower"]) / (2 * 1.96))
    return {"entries_held": float(held.mean()), "entries_z_mean": float(z.mean()), "entries_z_sd": float(z.std())}


def _starts(truth: Truth, problem: Problem, setup: Setup, fitted: FittedModel, seed: int) -> dict[str, Any]:
    """Where all starts ended, one that began in an exchanged copy of the labels among them."""
    exchanged = _exchanged_start(truth, problem, setup, seed)
    flats = [start.flat for start in fitted.starts] + [flat for flat, _ in exchanged]
    values = [float(value) for value in fitted.fit.value] + [value for _, value in exchanged]
    estimates = gauge_fixed_values(truth.spec, setup, problem, np.stack(flats))[:, _number(truth, setup)]
    return {"converged": fitted.converged, "start_spread": np.ptp(estimates), "objective_spread": np.ptp(values)}


def _exchanged_start(
    truth: Truth, problem: Problem, setup: Setup, seed: int
) -> list[tuple[NDArray[np.float64], float]]:
    """A further start, its labels exchanged at one site or more, by the seed.

    Returns:
        where it ended, in its canonical copy, and its objective, nats.
    """
    if not truth.exchanged:
        return []
    posterior, sites = setup.posterior, list(swappable_sites(truth.spec))
    begun = initial_parameters(posterior.network, SEED, N_STARTS)
    copy = 1 + seed % (2 ** len(sites) - 1)
    for bit, site in enumerate(sites):
        if copy & (1 << bit):
            begun = swap_site(truth.spec, posterior.network.layout, begun, site)
    fit = fit_members(posterior, torch.from_numpy(begun)[None], FitSettings(), 1, lambda _: None)
    fit = polish(posterior, fit, 0, lambda _: None)
    return [(canonical_member(truth.spec, posterior, problem, fit.flat[0]).flat, float(fit.value[0]))]


def _information(truth: Truth, problem: Problem, setup: Setup, fitted: FittedModel) -> dict[str, float]:
    """Of the test set, bits an observation."""
    if not binned(problem):
        return {}
    phis = phenotypes(truth.spec, setup, problem, fitted.flat)
    table = metrics_table(problem, setup.posterior.network, fitted.flat, phis, SEED, 0.95)
    test = table[table["set"] == "test"].set_index("metric")["value"]
    return {name: float(test[name]) for name in ("I_var", "I_pred")}
