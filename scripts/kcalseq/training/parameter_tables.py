"""Tables of the parameters of a fitted model: values with intervals, likelihood profiles, bootstraps."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.confidence import normal_reach
from kcalseq.models.network import Network
from kcalseq.models.spec import ModelSpec
from kcalseq.training.bootstrap import Bootstraps
from kcalseq.training.laplace import GaugeFixed, potential_differences
from kcalseq.training.profile import Profile
from kcalseq.training.reported import reported_parameters, unit_of_energies

ONE_SIGMA = 0.6827
"""Confidence of one standard error to either side, where errors are normal."""


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
    unit = unit_of_energies(spec)
    z = normal_reach(confidence)
    rows = []
    for name, number, fields in reported_parameters(spec, network):
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
        (name, (place,), fields.get("unit", unit_of_energies(spec)))
        for name, place, fields in reported_parameters(spec, network)
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
