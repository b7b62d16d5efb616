"""Bootstraps: the draws are those they claim to be, refits are optima, and nothing depends on how they are computed."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize

from kcalseq.models.bins import BinData
from kcalseq.models.spec import ModelSpec
from kcalseq.simulate.sorting import SortedLibrary
from kcalseq.tablefile import conform
from kcalseq.training import bootstrap as bootstrapping
from kcalseq.training.bootstrap import Bootstraps, Kind, bootstrap, draw_variants, resampled
from kcalseq.training.fit import Fit, fit_batch, fit_members
from kcalseq.training.fitting import Setup, fit_problem, prepare
from kcalseq.training.laplace import GaugeFixed, gauge_fixed_errors, gauge_fixed_values
from kcalseq.training.parameter_tables import bootstraps_table, parameters_table
from kcalseq.training.problem import Problem, build_problem
from kcalseq.training.profile import Profile, ProfilePoint
from kcalseq.training.rounds import FitSettings, whitening

KINDS: list[Kind] = ["parametric", "nonparametric"]


@pytest.fixture
def fitted(spec: ModelSpec, problem: Problem) -> NDArray[np.float64]:
    return fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None).flat


def bootstraps_of(values: list[list[float]], estimate: list[float]) -> Bootstraps:
    n = len(values)
    fit = Fit(torch.tensor(values), torch.zeros(n), torch.ones(n), torch.ones(n, dtype=torch.bool), [], torch.zeros(n))
    return Bootstraps(np.array(estimate), np.array(values), np.array(values), fit)


def test_moments_and_intervals_of_known_refits() -> None:
    """Refits 0, 1, .. 100 of an estimate of 40: mean 50, bias 10; the basic interval is the other turned about 40."""
    found = bootstraps_of([[float(number)] for number in range(101)], [40.0])
    assert (found.mean[0], found.bias[0]) == (50.0, 10.0)
    assert found.standard_error[0] == pytest.approx(np.sqrt(101 * 102 / 12))
    assert found.percentile_interval(0.9)[:, 0] == pytest.approx([5.0, 95.0])
    assert found.basic_interval(0.9)[:, 0] == pytest.approx([-15.0, 75.0])


def test_one_refit_has_no_standard_error() -> None:
    found = bootstraps_of([[1.0, 2.0]], [1.0, 1.5])
    assert np.isnan(found.standard_error).all()
    assert found.bias.tolist() == [0.0, 0.5]


def test_variants_are_drawn_as_often_as_there_are_variants() -> None:
    rng, n = np.random.default_rng(3), 400
    drawn = np.stack([draw_variants(n, rng) for _ in range(500)])
    assert (drawn.sum(1) == n).all()
    assert drawn.mean() == 1.0
    # Multinomial: variance 1 - 1/n of each, and a share (1 - 1/n)^n of the variants is left out.
    assert drawn.var() == pytest.approx(1 - 1 / n, rel=0.02)
    assert (drawn == 0).mean() == pytest.approx((1 - 1 / n) ** n, rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refits_data_depend_on_its_number_alone(kind: Kind, setup: Setup, beginnings: torch.Tensor) -> None:
    together = resampled(setup.posterior, beginnings[0], range(4), kind, 5).training[0].data
    alone = resampled(setup.posterior, beginnings[0], [2], kind, 5).training[0].data
    other = resampled(setup.posterior, beginnings[0], [2], kind, 6).training[0].data
    assert isinstance(together, BinData) and isinstance(alone, BinData) and isinstance(other, BinData)
    assert torch.equal(together.counts[2:3], alone.counts)
    assert not torch.equal(alone.counts, other.counts)
    assert len(torch.unique(together.counts, dim=0)) == 4


def test_drawn_observations_are_as_many_as_there_were(setup: Setup, beginnings: torch.Tensor) -> None:
    (observations,) = setup.posterior.training
    (drawn,) = resampled(setup.posterior, beginnings[0], range(3), "parametric", 5).training
    assert isinstance(drawn.data, BinData)
    assert torch.equal(drawn.data.counts.sum(1), observations.data.n_observations.expand(3, -1))


@pytest.mark.parametrize("kind", KINDS)
def test_threads_chunks_and_company_change_nothing(
    kind: Kind,
    spec: ModelSpec,
    problem: Problem,
    setup: Setup,
    beginnings: torch.Tensor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bootstrapping, "_SETTINGS", FitSettings(15, 15, 1))
    flat = beginnings[0].numpy()
    few = bootstrap(spec, problem, setup, flat, 2, kind, 5, 1, lambda _: None)
    monkeypatch.setattr(bootstrapping, "_CHUNK", 2)
    more = bootstrap(spec, problem, setup, flat, 3, kind, 5, 2, lambda _: None)
    assert np.array_equal(few.flat, more.flat[:2]) and np.array_equal(few.values, more.values[:2])
    assert len(np.unique(more.values, axis=0)) == 3


def test_one_batch_ends_where_a_thread_each_does(setup: Setup, fitted: NDArray[np.float64]) -> None:
    flat = torch.from_numpy(fitted)
    posterior = resampled(setup.posterior, flat, range(4), "nonparametric", 5)
    metric = whitening(setup.posterior, flat, 0)
    # Few steps: in many, rounding alone may lead a refit to another optimum.
    start, settings = flat.expand(4, -1).clone(), FitSettings(15, 15, 1)
    batch = fit_batch(posterior, start, settings, lambda _: None, metric=metric)
    threads = fit_members(posterior, start, settings, 2, lambda _: None, metric)
    assert torch.allclose(batch.value, threads.value, rtol=0, atol=0.05)
    assert (batch.value < posterior.value(start) - 1.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_refits_are_no_worse_than_scipys(
    kind: Kind, spec: ModelSpec, problem: Problem, setup: Setup, fitted: NDArray[np.float64]
) -> None:
    found = bootstrap(spec, problem, setup, fitted, 1, kind, 8, 1, lambda _: None)
    own = resampled(setup.posterior, torch.from_numpy(fitted), [0], kind, 8)

    def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = own.value_and_gradient(torch.from_numpy(x)[None], torch.tensor([0]))
        return float(value), gradient[0].numpy()

    best = minimize(objective, fitted, jac=True, method="L-BFGS-B", options={"maxiter": 300}).fun
    assert found.n_converged == 1
    assert float(found.fit.value[0]) < best + 0.05
    # The canonical copy has the objective of the copy that was found.
    assert objective(found.flat[0])[0] == pytest.approx(float(found.fit.value[0]), abs=1e-6)


def test_values_are_those_of_the_laplace_gauge(
    spec: ModelSpec, problem: Problem, setup: Setup, beginnings: torch.Tensor
) -> None:
    values = gauge_fixed_values(spec, setup, problem, beginnings.numpy())
    for member, own in zip(beginnings.numpy(), values, strict=True):
        assert own == pytest.approx(gauge_fixed_errors(spec, setup, problem, member).values, abs=1e-12)


def test_the_table_tells_refits_by_name_and_leaves_out_what_was_not_learned(spec: ModelSpec, setup: Setup) -> None:
    network = setup.posterior.network
    size, stack = network.layout.size, network.layout.blocks["stack"].start
    values, learned = np.zeros((5, size)), np.ones(size, dtype=bool)
    values[:, stack], learned[network.layout.blocks["RNAP.mu"].start] = [-4.0, -3.0, -2.0, -1.0, 0.0], False
    estimate = np.zeros(size)
    estimate[stack] = -2.5
    found = bootstraps_of(values.tolist(), estimate.tolist())
    table = bootstraps_table(spec, network, learned, found, "parametric", 0.5).assign(library="tiny", model="tiny")
    table = conform("bootstraps", table, "bootstraps").set_index("parameter")
    row = table.to_dict("index")["stack"]
    assert (row["estimate"], row["mean"], row["bias"], row["unit"]) == (-2.5, -2.0, 0.5, "kcal/mol")
    assert row["standard_error"] == pytest.approx(np.sqrt(2.5))
    assert [row[name] for name in ("lower", "upper", "basic_lower", "basic_upper")] == [-3.0, -1.0, -4.0, -2.0]
    assert (row["n_members"], row["n_converged"]) == (5, 5)
    assert table.index[table["mean"].isna()].tolist() == ["RNAP.mu"]
    points = [ProfilePoint(-2.5, 1.0, True)]
    fixed = GaugeFixed(estimate, np.ones(size), learned, {})
    told = parameters_table(spec, network, fixed, {"stack": Profile(-2.5, points)}, 0.5)
    assert set(table.index) == set(told["parameter"])


@pytest.mark.slow
def test_both_kinds_give_the_errors_that_the_curvature_gives(
    spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary]
) -> None:
    """Of data that the model made, bootstraps and curvature agree on the shapes of the matrices."""
    made = simulate(4000, 33)
    problem = build_problem(spec, made.variants, made.counts, "raw")
    setup = prepare(spec, problem)
    flat = fit_problem(spec, problem, seed=1, n_starts=2, n_threads=2, progress=lambda _: None).flat
    fixed = gauge_fixed_errors(spec, setup, problem, flat)
    entries = np.flatnonzero(fixed.learned)[: spec.sites[0].length * 4]
    for kind in KINDS:
        found = bootstrap(spec, problem, setup, flat, 40, kind, 5, 2, lambda _: None)
        assert 0.6 < np.median(found.standard_error[entries] / fixed.errors[entries]) < 1.4
