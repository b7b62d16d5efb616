"""Tables of a fit: over the range of what was fitted, told by that alone, and the start that was chosen."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fit_tables import measurement_table, response_table, starts_table
from kcalseq.training.fitting import Setup, fit_problem, prepare
from kcalseq.training.problem import Problem
from kcalseq.training.values import build_value_problem

from .test_values import model as model  # the fixture
from .test_values import tables


def test_the_measurement_process_is_told_over_the_range_of_training_variants(problem: Problem, setup: Setup) -> None:
    network = setup.posterior.network
    phi = np.random.default_rng(1).normal(size=len(problem.variants))
    training = problem.rows("training")
    phi[np.setdiff1d(np.arange(len(phi)), training)] = 50.0
    table = measurement_table(problem, network, initial_parameters(network, 1, 0), (phi,))
    assert [table["phi"].min(), table["phi"].max()] == pytest.approx(list(np.quantile(phi[training], [0.001, 0.999])))
    assert table["phi"].max() < phi[training].max()
    assert table.groupby("phi")["probability"].sum().to_numpy() == pytest.approx(1.0)


def response(spec: ModelSpec, variants: pd.DataFrame, values: pd.DataFrame, phi: np.ndarray) -> pd.DataFrame:
    """Table ``response`` of a model as it begins, for this phi of each variant."""
    problem = build_value_problem(spec, variants, values)
    network = prepare(spec, problem).posterior.network
    return response_table(problem, network, initial_parameters(network, 1, 0), (phi,), 0.9)


def test_the_response_is_told_over_what_was_measured_with_its_own_errors(
    model: Callable[[str], ModelSpec],
) -> None:
    """Neither the phi of training variants without a value nor the errors of other variants play a part."""
    spec, (variants, values, _) = model("curve: linear, noise: empirical"), tables(80, 1)
    training = np.flatnonzero(variants["set"] == "training")
    rng = np.random.default_rng(2)
    values = values.assign(value_se=rng.uniform(0.1, 0.4, len(values))).drop(index=training[:5]).reset_index(drop=True)
    phi = rng.normal(size=len(variants))
    found = response(spec, variants, values, phi)
    low, high = np.quantile(phi[training[5:]], [0.001, 0.999])
    assert [found["phi"].min(), found["phi"].max()] == pytest.approx([low, high])
    phi[training[:5]] = 1000.0
    others = ~values["variant"].isin(variants["variant"].iloc[training])
    assert others.sum() > 10
    changed = values.assign(value_se=values["value_se"].mask(others, 9.0))
    pd.testing.assert_frame_equal(response(spec, variants, changed, phi), found)


def test_one_start_is_the_chosen_one_and_the_best(spec: ModelSpec, problem: Problem, setup: Setup) -> None:
    fitted = fit_problem(spec, problem, seed=3, n_starts=2, n_threads=1, progress=lambda _: None)
    table = starts_table(spec, setup.posterior.network, fitted).pivot(index="start", columns="quantity", values="value")
    assert table["chosen"].sum() == 1 and table["chosen"].idxmax() == table["objective"].idxmin() == fitted.chosen
