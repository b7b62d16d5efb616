"""A fit depends on its starts alone: not on threads, not on company, not on order."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from kcalseq.errors import KcalseqError
from kcalseq.models.canonical import canonicalise
from kcalseq.models.spec import ModelSpec
from kcalseq.training import rounds
from kcalseq.training.fit import Fit, fit_members, polish
from kcalseq.training.fitting import Setup, fit_problem, phenotypes, reference_codes
from kcalseq.training.objective import LogPosterior
from kcalseq.training.problem import Problem
from kcalseq.training.rounds import FitSettings, whitening

QUICK = FitSettings(first_iterations=40, round_iterations=40, max_rounds=3)


def fit(setup: Setup, start: torch.Tensor, n_threads: int = 1, settings: FitSettings = QUICK) -> Fit:
    return fit_members(setup.posterior, start, settings, n_threads, lambda _: None)


def test_threads_change_nothing(setup: Setup, beginnings: torch.Tensor) -> None:
    one, two = fit(setup, beginnings), fit(setup, beginnings, 2)
    assert torch.equal(one.flat, two.flat) and torch.equal(one.value, two.value)
    assert torch.equal(one.n_evaluations, two.n_evaluations)
    assert one.history == two.history


def test_the_order_of_starts_changes_nothing(setup: Setup, beginnings: torch.Tensor) -> None:
    forward, backward = fit(setup, beginnings), fit(setup, beginnings.flip(0))
    assert torch.equal(forward.flat, backward.flat.flip(0))
    assert torch.equal(forward.value, backward.value.flip(0))


def test_the_history_is_one_unbroken_walk_of_each_start(setup: Setup, beginnings: torch.Tensor) -> None:
    found = polish(setup.posterior, fit(setup, beginnings), 0, lambda _: None)
    for member in range(len(beginnings)):
        rows = [row for row in found.history if row.member == member]
        assert [row.iteration for row in rows] == list(range(len(rows)))
        assert rows[-1].objective == pytest.approx(float(found.value[member]), rel=1e-12)
        assert all(b.objective <= a.objective + 1e-9 for a, b in pairwise(rows))


def test_progress_counts_every_step(setup: Setup, beginnings: torch.Tensor) -> None:
    told: list[int] = []
    found = fit_members(setup.posterior, beginnings, QUICK, 1, told.append)
    assert sum(told) == len(found.history)


def test_polishing_touches_the_best_alone(setup: Setup, beginnings: torch.Tensor) -> None:
    before = fit(setup, beginnings)
    after = polish(setup.posterior, before, int(before.value.argmin()), lambda _: None)
    others = torch.arange(len(beginnings)) != int(before.value.argmin())
    assert torch.equal(after.flat[others], before.flat[others])
    assert after.value[int(before.value.argmin())] <= before.value[int(before.value.argmin())]
    assert torch.allclose(setup.posterior.value(after.flat), after.value, rtol=1e-12)


def test_the_optimum_is_scipys(setup: Setup, beginnings: torch.Tensor) -> None:
    found = fit(setup, beginnings, settings=FitSettings())
    best = polish(setup.posterior, found, int(found.value.argmin()), lambda _: None)
    members = torch.zeros(1, dtype=torch.long)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = setup.posterior.value_and_gradient(torch.from_numpy(x)[None], members)
        return float(value), gradient[0].numpy()

    reference = minimize(
        objective, best.flat[int(best.value.argmin())].numpy(), jac=True, method="BFGS", options={"maxiter": 300}
    )
    assert float(best.value.min()) - reference.fun < 0.05


def test_a_fitted_model_is_whole(spec: ModelSpec, problem: Problem, setup: Setup) -> None:
    fitted = fit_problem(spec, problem, seed=3, n_starts=2, n_threads=2, progress=lambda _: None)
    again = fit_problem(spec, problem, seed=3, n_starts=2, n_threads=1, progress=lambda _: None)
    assert np.array_equal(fitted.flat, again.flat)
    assert fitted.objective == float(fitted.fit.value.min())
    layout = setup.posterior.network.layout
    for member, start in zip(fitted.fit.flat, fitted.starts, strict=True):
        home = canonicalise(spec, layout, member.numpy(), reference_codes(spec, problem), True)
        assert np.array_equal(start.flat, home.flat) and start.swaps == home.swaps


def test_phi_is_standardised_over_the_training_variants(spec: ModelSpec, problem: Problem, setup: Setup) -> None:
    flat = np.random.default_rng(70).normal(size=setup.posterior.network.layout.size)
    (phi,) = phenotypes(spec, setup, problem, flat)
    training = phi[problem.rows("training")]
    assert training.mean() == pytest.approx(0.0, abs=1e-12) and training.std(ddof=1) == pytest.approx(1.0)
    raw = setup.posterior.network.phenotype(torch.from_numpy(flat)[None], setup.posterior.training[0].design, 0)[0]
    assert np.allclose((raw.numpy() - raw.numpy().mean()) / raw.numpy().std(ddof=1), training, rtol=0, atol=1e-10)


def test_a_fit_begun_at_its_own_end_takes_few_steps(spec: ModelSpec, problem: Problem) -> None:
    """The same optimum within 0.01 nats, for fewer evaluations; and the other starts are as ever."""
    first = fit_problem(spec, problem, seed=3, n_starts=2, n_threads=2, progress=lambda _: None)
    again = fit_problem(spec, problem, 3, 2, 2, lambda _: None, earlier=first.flat)
    assert again.objective < first.objective + 0.01
    assert int(again.fit.n_evaluations[0]) < int(first.fit.n_evaluations[first.chosen])
    assert float(again.fit.value[1]) == pytest.approx(float(first.fit.value[1]), abs=0.1)
    assert {row.member for row in again.fit.history} == {0, 1}
    alone = fit_problem(spec, problem, 3, 1, 1, lambda _: None, earlier=first.flat)
    assert alone.chosen == 0 and alone.objective < first.objective + 0.01


def test_what_an_earlier_fit_does_not_know_begins_as_ever(spec: ModelSpec, problem: Problem, setup: Setup) -> None:
    layout = setup.posterior.network.layout
    earlier = np.full(layout.size, np.nan)
    plain = fit_problem(spec, problem, 3, 1, 1, lambda _: None)
    found = fit_problem(spec, problem, 3, 1, 1, lambda _: None, earlier=earlier)
    assert abs(found.objective - plain.objective) < 1.0


def test_a_start_that_cannot_move_is_no_fit(spec: ModelSpec, problem: Problem, setup: Setup) -> None:
    earlier = np.full(setup.posterior.network.layout.size, np.nan)
    earlier[0] = np.inf
    with pytest.raises(KcalseqError, match="model 'tiny': start 0 has an objective of nan and no slope by CRP.theta"):
        fit_problem(spec, problem, 3, 1, 1, lambda _: None, earlier=earlier)


@pytest.mark.parametrize(
    ("gain", "moved", "rests"),
    [(0.05, 3.0, True), (0.3, 0.04, True), (0.3, 0.06, False), (0.6, 0.04, False), (0.3, float("inf"), False)],
)
def test_a_member_rests_when_nothing_is_gained_or_no_energy_moves(gain: float, moved: float, rests: bool) -> None:
    found = FitSettings(tolerance=0.1, rest=0.05).at_rest(torch.tensor([gain]), torch.tensor([moved]))
    assert found.tolist() == [rests]


def test_how_far_energies_moved_is_told_in_standard_errors(
    spec: ModelSpec, setup: Setup, beginnings: torch.Tensor
) -> None:
    """By the covariance matrix, beside a twin in numpy; a step of the measurement process alone moves no energy."""
    posterior, layout = setup.posterior, setup.posterior.network.layout
    transform = whitening(posterior, beginnings[0], 0)
    covariance, n = (transform.T @ transform).numpy(), layout.n_energies
    step = np.random.default_rng(3).normal(size=layout.size) * 1e-2
    whole = np.sqrt(step[:n] @ np.linalg.solve(covariance[:n, :n], step[:n]) / n)
    names = [item.name for item in spec.interactions]
    places = [layout.blocks[name].start for name in names]
    single = [abs(step[place]) / covariance[place, place] ** 0.5 for place in places]
    assert names
    found = rounds._moved(posterior, torch.from_numpy(step), transform)
    assert found.item() == pytest.approx(max(whole, *single), rel=1e-5)
    step[:n] = 0.0
    assert rounds._moved(posterior, torch.from_numpy(step), transform).item() == 0.0


def test_a_fit_whose_slope_is_no_number_has_not_converged(setup: Setup, beginnings: torch.Tensor) -> None:
    class Broken(LogPosterior):
        """No slope by one number."""

        def value_and_gradient(self, flat: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            value, gradient = super().value_and_gradient(flat, members)
            return value, gradient.index_fill(1, torch.tensor([0]), torch.nan)

    broken = Broken(setup.posterior.network, setup.posterior.training)
    found = fit_members(broken, beginnings[:1], QUICK, 1, lambda _: None)
    assert not found.converged.any()
    assert torch.equal(found.flat, beginnings[:1])
