"""Tables of a fitted model."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import norm

from kcalseq.dna import ALPHABET
from kcalseq.models.information import (
    Estimate,
    log_likelihood,
    outcome_entropy,
    predictive_information,
    variational_information,
)
from kcalseq.models.measurement import log_probability
from kcalseq.models.network import Network
from kcalseq.models.parameters import Block
from kcalseq.models.rank_information import rank_information, ross_information
from kcalseq.models.spec import ModelSpec, Site
from kcalseq.tables import SETS
from kcalseq.training.fitting import FittedModel
from kcalseq.training.laplace import GaugeFixed
from kcalseq.training.problem import Problem
from kcalseq.training.profile import Profile

_GRID_POINTS = 101


def log_probabilities(network: Network, flat: NDArray[np.float64], phi: NDArray[np.float64]) -> NDArray[np.float64]:
    """log p(bin) at standardised phi (n,), nats, shape (n_bins, n)."""
    member = torch.from_numpy(flat)[None]
    with torch.no_grad():
        result: NDArray[np.float64] = log_probability(torch.from_numpy(phi)[None], network.measurement(member))[
            0
        ].numpy()
    return result


def predictions_table(problem: Problem, phi: NDArray[np.float64], log_p: NDArray[np.float64]) -> pd.DataFrame:
    """Table ``predictions`` without library and model; phi (n_variants,), log_p (n_bins, n_variants)."""
    sorted_bins = problem.bins > 0
    p = np.exp(log_p[sorted_bins])
    mean_bin = (p * problem.bins[sorted_bins][:, None]).sum(0) / p.sum(0)
    columns = {"variant": problem.variants, "set": problem.sets, "phi": phi, "mean_bin": mean_bin}
    n_observations = problem.counts.sum(0).astype(np.int64)
    return pd.DataFrame(
        {**columns, "n_observations": n_observations, "log_likelihood": (problem.counts * log_p).sum(0)}
    )


def metrics_table(
    problem: Problem, phi: NDArray[np.float64], log_p: NDArray[np.float64], seed: int, confidence: float
) -> pd.DataFrame:
    """Table ``fit_metrics`` without library and model.

    Args:
        problem, phi, log_p: as for ``predictions_table``.
        seed: of the jitter in I_pred.
        confidence: level of the intervals, 0 to 1; normal, from the spread over observations.
    """
    rows: list[dict[str, Any]] = []
    for part in SETS:
        inside = problem.rows(part)
        counts, own_log_p = problem.counts[:, inside], log_p[:, inside]
        estimates = {
            "I_var": (variational_information(own_log_p, counts), "bits/read"),
            "I_pred": (predictive_information(phi[inside], counts, seed), "bits/read"),
            "I_pred_rank": (rank_information(phi[inside], counts, seed), "bits/read"),
            "I_pred_ross": (ross_information(phi[inside], counts, seed), "bits/read"),
            "log_likelihood": (log_likelihood(own_log_p, counts), "nats/read"),
        }
        numbers = {
            "bin_entropy": (outcome_entropy(counts), "bits"),
            "n_observations": (float(counts.sum()), "observations"),
            "n_variants": (float(len(inside)), "variants"),
        }
        rows += [_metric(part, name, estimate, unit, confidence) for name, (estimate, unit) in estimates.items()]
        rows += [{"set": part, "metric": name, "value": value, "unit": unit} for name, (value, unit) in numbers.items()]
    return pd.DataFrame(rows, columns=["set", "metric", "value", "lower", "upper", "confidence", "unit"])


def _metric(part: str, name: str, estimate: Estimate, unit: str, confidence: float) -> dict[str, Any]:
    reach = _z(confidence) * estimate.standard_error
    return {
        "set": part,
        "metric": name,
        "value": estimate.value,
        "lower": estimate.value - reach,
        "upper": estimate.value + reach,
        "confidence": confidence,
        "unit": unit,
    }


def _z(confidence: float) -> float:
    """Half width of a normal interval in standard errors."""
    return float(norm.ppf(0.5 + confidence / 2))


def measurement_table(
    network: Network, flat: NDArray[np.float64], problem: Problem, phi: NDArray[np.float64]
) -> pd.DataFrame:
    """Table ``measurement_process`` without library and model, over the range of phi of the training variants."""
    low, high = np.quantile(phi[problem.rows("training")], [0.001, 0.999])
    grid = np.linspace(low, high, _GRID_POINTS)
    p = np.exp(log_probabilities(network, flat, grid))
    bins, points = np.repeat(problem.bins, len(grid)), np.tile(grid, len(problem.bins))
    return pd.DataFrame({"phi": points, "bin": bins, "probability": p.ravel()})


def history_table(fitted: FittedModel) -> pd.DataFrame:
    """Table ``training_history`` without library and model."""
    frame = pd.DataFrame(fitted.fit.history, columns=["start", "iteration", "objective", "gradient_norm"])
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
        for item in spec.interactions:
            rows.append((start, item.name, float(member.flat[network.layout.blocks[item.name].start]), "kcal/mol"))
        for name in spec.free_rates:
            value = float(member.flat[network.layout.blocks[f"{name}.log_rate"].start])
            rows.append((start, f"{name}.log_rate", value, f"ln of {name}/{spec.rates[0]}"))
    return pd.DataFrame(rows, columns=["start", "quantity", "value", "unit"])


def profiles_table(profiles: dict[str, Profile]) -> pd.DataFrame:
    """Table ``profiles`` without library and model, from the profile of each parameter."""
    rows = [
        (name, point.value, point.objective - profile.minimum, point.converged)
        for name, profile in profiles.items()
        for point in profile.points
    ]
    return pd.DataFrame(rows, columns=["parameter", "value", "objective_difference", "converged"])


def parameters_table(
    spec: ModelSpec,
    network: Network,
    fixed: GaugeFixed,
    profiles: dict[str, Profile],
    confidence: float,
) -> pd.DataFrame:
    """Table ``parameters`` without library and model.

    Energies stand in kcal/mol exactly as they are stored. An additive model has no energy scale of its own, so its
    entries are told in standard deviations of phi.

    Args:
        spec, network: the model.
        fixed: values and errors in the zero-mean gauge.
        profiles: profile of each parameter that has one.
        confidence: level of the intervals, 0 to 1.
    """
    unit = "sd of phi" if spec.kind == "additive" else "kcal/mol"
    z = _z(confidence)
    rows = []
    for name, number, fields in _reported(spec, network):
        learned, value, error = bool(fixed.learned[number]), float(fixed.values[number]), float(fixed.errors[number])
        lower, upper, method = value - z * error, value + z * error, "laplace"
        if name in profiles:
            (low, high), method = profiles[name].interval(confidence), "profile"
            lower, upper = np.nan if low is None else low, np.nan if high is None else high
            # A profile that rises on neither side says that the data do not fix the number.
            learned = learned and not (low is None and high is None)
        row = {"parameter": name, "unit": unit, **fields, "identifiable": learned}
        if learned:
            row |= {"value": value, "lower": lower, "upper": upper, "confidence": confidence, "method": method}
        rows.append(row)
    place = ["parameter", "kind", "site", "position", "base", "second_position", "second_base"]
    numbers = ["value", "lower", "upper", "confidence", "method", "unit", "gauge", "identifiable"]
    return pd.DataFrame(rows, columns=[*place, *numbers])


def _reported(spec: ModelSpec, network: Network) -> list[tuple[str, int, dict[str, Any]]]:
    """Name, number in the flat vector and describing columns of every parameter that is reported."""
    blocks, rows = network.layout.blocks, []
    for site in spec.sites:
        first = blocks[f"{site.name}.theta"].start
        for number in range(site.length * len(ALPHABET)):
            position, base = site.start + number // len(ALPHABET), ALPHABET[number % len(ALPHABET)]
            fields = {
                "kind": "energy_matrix",
                "site": site.name,
                "position": position,
                "base": base,
                "gauge": "zero_mean",
            }
            rows.append((f"{site.name}.theta[{position},{base}]", first + number, fields))
        rows += _pairs(site, blocks)
        fields = {"kind": "chemical_potential", "site": site.name, "gauge": "zero_mean"}
        rows.append((f"{site.name}.mu", blocks[f"{site.name}.mu"].start, fields))
    for item in spec.interactions:
        rows.append((item.name, blocks[item.name].start, {"kind": "interaction", "gauge": "none"}))
    for name in spec.free_rates:
        fields = {"kind": "rate", "unit": f"ln of {name}/{spec.rates[0]}", "gauge": "none"}
        rows.append((f"{name}.log_rate", blocks[f"{name}.log_rate"].start, fields))
    return rows


def _pairs(site: Site, blocks: dict[str, Block]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for number, (one, two) in enumerate(site.pairs):
        first = blocks[f"{site.name}.pairs"].start + number * len(ALPHABET) ** 2
        for place, (base, other) in enumerate(product(ALPHABET, repeat=2)):
            fields = {
                "kind": "pair_energy",
                "site": site.name,
                "position": site.start + one,
                "base": base,
                "second_position": site.start + two,
                "second_base": other,
                "gauge": "zero_mean",
            }
            name = f"{site.name}.pairs[{site.start + one},{base},{site.start + two},{other}]"
            yield name, first + place, fields
