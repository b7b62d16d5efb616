"""Profile likelihood: known intervals come out, open ends say so, and every point is a true optimum."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from kcalseq.models.spec import ModelSpec
from kcalseq.simulate.sorting import SortedLibrary
from kcalseq.tablefile import conform
from kcalseq.training.fit import fit_members, polish
from kcalseq.training.fitting import Setup, prepare
from kcalseq.training.parameter_tables import profile_intervals_table
from kcalseq.training.problem import build_problem
from kcalseq.training.profile import Profile, ProfilePoint, profile_parameter
from kcalseq.training.rounds import FitSettings


def profile_of(estimate: float, values: list[float], rise: list[float]) -> Profile:
    return Profile(estimate, [ProfilePoint(v, 1000.0 + r, True) for v, r in zip(values, rise, strict=True)])


@pytest.mark.parametrize(("confidence", "z"), [(0.95, 1.959964), (0.68, 0.994458), (0.9, 1.644854)])
def test_interval_of_a_normal_likelihood(confidence: float, z: float) -> None:
    estimate, error = -2.7, 0.4
    values = [estimate + 0.3 * step for step in range(-4, 5)]
    profile = profile_of(estimate, values, [0.5 * ((v - estimate) / error) ** 2 for v in values])
    lower, upper = profile.interval(confidence)
    assert lower == pytest.approx(estimate - z * error, abs=1e-6)
    assert upper == pytest.approx(estimate + z * error, abs=1e-6)


def test_interval_of_a_skewed_likelihood() -> None:
    """The rise is half the square of log(value): the ends are exp(-z) and exp(z)."""
    values = list(np.exp(np.linspace(-2.5, 2.5, 21)))
    lower, upper = profile_of(1.0, values, [0.5 * math.log(v) ** 2 for v in values]).interval(0.95)
    assert lower == pytest.approx(math.exp(-1.96), rel=0.01)
    assert upper == pytest.approx(math.exp(1.96), rel=0.01)


def test_an_end_that_the_likelihood_does_not_close_is_open() -> None:
    values = [float(v) for v in range(-5, 6)]
    rise = [0.3 * (1 - math.exp(v)) if v < 0 else 0.5 * v**2 for v in values]
    lower, upper = profile_of(0.0, values, rise).interval(0.95)
    assert lower is None
    assert upper == pytest.approx(1.96, abs=1e-3)
    assert profile_of(0.0, [-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]).interval(0.95) == (None, None)


@pytest.mark.slow
def test_points_of_a_fitted_model_are_no_worse_than_scipys(
    spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary], beginnings: torch.Tensor
) -> None:
    made = simulate(4000, 33)
    setup = prepare(spec, build_problem(spec, made.variants, made.counts, "raw"))
    fit = fit_members(setup.posterior, beginnings, FitSettings(), 2, lambda _: None)
    best = int(fit.value.argmin())
    fit = polish(setup.posterior, fit, best, lambda _: None)
    flat = fit.flat[best]
    index = setup.posterior.network.layout.blocks["CRP.theta"].start + 1
    told: list[int] = []
    profile = profile_parameter(setup.posterior, flat, index, 0.1, 0.95, 2, told.append)
    assert [point.value for point in profile.points] == sorted(point.value for point in profile.points)
    assert sum(told) == len(profile.points) - 1
    assert profile.minimum >= float(fit.value[best]) - 0.05
    for point in (profile.points[0], profile.points[-1]):
        assert point.objective < constrained_optimum(setup, flat, index, point.value) + 0.15


def constrained_optimum(setup: Setup, flat: torch.Tensor, index: int, value: float) -> float:
    """Objective with one number held, minimised by scipy."""
    members, start = torch.zeros(1, dtype=torch.long), flat.numpy().copy()
    start[index] = value

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        found, gradient = setup.posterior.value_and_gradient(torch.from_numpy(x)[None], members)
        gradient[0, index] = 0.0
        return float(found), gradient[0].numpy()

    return float(minimize(objective, start, jac=True, method="BFGS", options={"maxiter": 2000}).fun)


@pytest.mark.parametrize(("confidence", "levels"), [(0.95, [0.6827, 0.95]), (0.6, [0.6])])
def test_intervals_of_one_standard_error_stand_beside_those_of_the_configuration(
    confidence: float, levels: list[float]
) -> None:
    values = [-5.0, -4.0, -3.0, -2.0, -1.0]
    normal = profile_of(-3.0, values, [2.0, 0.5, 0.0, 0.5, 2.0])
    table = profile_intervals_table({"crp_rnap": normal}, confidence).assign(library="lac", model="m")
    table = conform("profile_intervals", table, "test")
    assert table["confidence"].tolist() == levels
    if confidence == 0.95:
        assert table["lower"].tolist() == pytest.approx([-4.0, -4.96], abs=0.01)
        assert table["upper"].tolist() == pytest.approx([-2.0, -1.04], abs=0.01)
    assert conform("profile_intervals", profile_intervals_table({}, 0.95).assign(library="a", model="b"), "test").empty
