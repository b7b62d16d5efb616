"""Tables of a fitted model."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.confidence import normal_reach
from kcalseq.dna import ALPHABET
from kcalseq.models.barcodes import BarcodeCounts, BarcodeData
from kcalseq.models.bins import SortBins
from kcalseq.models.continuous import GlobalEpistasis, ValueData
from kcalseq.models.network import Network
from kcalseq.models.parameters import Block
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site
from kcalseq.training.barcode_metrics import log2_ratios
from kcalseq.training.bootstrap import Bootstraps
from kcalseq.training.fitting import Epoch, FittedModel, training_rows
from kcalseq.training.laplace import GaugeFixed, potential_differences
from kcalseq.training.metrics import bin_log_probabilities
from kcalseq.training.problem import Problem
from kcalseq.training.profile import Profile

ONE_SIGMA = 0.6827
"""Confidence of one standard error to either side, where errors are normal."""
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


def profiles_table(profiles: dict[str, Profile]) -> pd.DataFrame:
    """Table ``profiles`` without library and model, from the profile of each parameter."""
    rows = [
        (name, point.value, point.objective - profile.minimum, point.converged)
        for name, profile in profiles.items()
        for point in profile.points
    ]
    return pd.DataFrame(rows, columns=["parameter", "value", "objective_difference", "converged"])


def profile_intervals_table(profiles: dict[str, Profile], confidence: float) -> pd.DataFrame:
    """Table ``profile_intervals`` without library and model, at 68 % and at one more level.

    Args:
        profiles: profile of each parameter.
        confidence: the level up to which they were scanned, 0 to 1.
    """
    levels = sorted({min(ONE_SIGMA, confidence), confidence})
    rows = [(name, level, *profile.interval(level)) for name, profile in profiles.items() for level in levels]
    ends = {"lower": "float64", "upper": "float64"}
    return pd.DataFrame(rows, columns=["parameter", "confidence", *ends]).astype(ends)


def parameters_table(
    spec: ModelSpec,
    network: Network,
    fixed: GaugeFixed,
    profiles: dict[str, Profile],
    confidence: float,
) -> pd.DataFrame:
    """Table ``parameters`` without library and model.

    Energies stand in kcal/mol exactly as they are stored. An additive model has no energy scale of its own: its entries
    are told in standard deviations of phi, or in nats of activity where that is what is measured.

    Args:
        spec, network: the model.
        fixed: values and errors in the zero-mean gauge.
        profiles: profile of each parameter that has one.
        confidence: level of the intervals, 0 to 1.
    """
    unit = _unit(spec)
    z = normal_reach(confidence)
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
    for name, (value, error) in fixed.differences.items():
        fields = {"kind": "potential_difference", "site": name.split(".")[0], "unit": "kcal/mol", "gauge": "none"}
        ends = {"lower": value - z * error, "upper": value + z * error, "confidence": confidence, "method": "laplace"}
        rows.append({"parameter": name, **fields, "value": value, **ends, "identifiable": True})
    for name, (value, error) in fixed.affinities.items():
        ends = {"lower": value - z * error, "upper": value + z * error, "confidence": confidence, "method": "laplace"}
        fields = {"kind": "affinity", "unit": "kT", "gauge": "none"}
        rows.append({"parameter": name, **fields, "value": value, **ends, "identifiable": True})
    place = ["parameter", "kind", "site", "position", "base", "second_position", "second_base"]
    numbers = ["value", "lower", "upper", "confidence", "method", "unit", "gauge", "identifiable"]
    return pd.DataFrame(rows, columns=[*place, *numbers])


def bootstraps_table(
    spec: ModelSpec, network: Network, learned: NDArray[np.bool_], found: Bootstraps, kind: str, confidence: float
) -> pd.DataFrame:
    """Table ``bootstraps`` without library and model, of every parameter of ``parameters_table``.

    Args:
        spec, network: the model.
        learned: whether the data determine each number, shape (size,); the others get no values.
        found: the refits.
        kind: ``parametric`` or ``nonparametric``.
        confidence: level of the intervals, 0 to 1.
    """
    # One column a parameter: a number of the flat vector, or the difference of two.
    reported: list[tuple[str, tuple[int, ...], str]] = [
        (name, (place,), fields.get("unit", _unit(spec))) for name, place, fields in _reported(spec, network)
    ]
    differences = potential_differences(spec, network.layout).items()
    reported += [(name, places, "kcal/mol") for name, places in differences]
    pick = np.zeros((network.layout.size, len(reported)))
    for column, (_, places, _) in enumerate(reported):
        pick[places, column] = (1.0, -1.0)[: len(places)]
    own = found._replace(estimate=found.estimate @ pick, values=found.values @ pick)
    numbers = {
        "estimate": own.estimate,
        "mean": own.mean,
        "bias": own.bias,
        "standard_error": own.standard_error,
        **dict(zip(("lower", "upper"), own.percentile_interval(confidence), strict=True)),
        **dict(zip(("basic_lower", "basic_upper"), own.basic_interval(confidence), strict=True)),
        "confidence": np.full(len(reported), confidence),
    }
    told = np.array([len(places) == 2 or bool(learned[places[0]]) for _, places, _ in reported])
    frame = pd.DataFrame({name: np.where(told, values, np.nan) for name, values in numbers.items()})
    return frame.assign(
        parameter=[name for name, _, _ in reported],
        unit=[unit for _, _, unit in reported],
        kind=kind,
        n_members=len(found.values),
        n_converged=found.n_converged,
    )


def _unit(spec: ModelSpec) -> str:
    if spec.kind != "additive":
        return "kcal/mol"
    return "sd of phi" if spec.measurement.standardised else "nats"


def _reported(spec: ModelSpec, network: Network) -> list[tuple[str, int, dict[str, Any]]]:
    """Name, number in the flat vector and describing columns of every parameter that is reported."""
    blocks, rows = network.layout.blocks, []
    for site in spec.originals:
        first = blocks[f"{site.name}.theta"].start
        for number in range(site.length * len(ALPHABET)):
            # Bases of a scanned site have no place on the variant: they are counted within the site.
            first_position = site.start if site.scan is None else 0
            position, base = first_position + number // len(ALPHABET), ALPHABET[number % len(ALPHABET)]
            fields = {
                "kind": "energy_matrix",
                "site": site.name,
                "position": position,
                "base": base,
                "gauge": "zero_mean",
            }
            rows.append((f"{site.name}.theta[{position},{base}]", first + number, fields))
        rows += _pairs(site, blocks)
        for number, spacer in enumerate(site.spacers):
            name, place = f"{site.name}.spacers[{spacer}]", blocks[f"{site.name}.spacers"].start + number
            rows.append((name, place, {"kind": "spacer", "site": site.name, "gauge": "none"}))
        fields = {"kind": "chemical_potential", "site": site.name, "gauge": "zero_mean"}
        rows += [(name, place, fields) for name, place in network.layout.mu_names(site).items()]
    for name in spec.interaction_energies:
        rows.append((name, blocks[name].start, {"kind": "interaction", "gauge": "none"}))
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
