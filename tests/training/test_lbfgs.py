"""L-BFGS finds what scipy finds, member by member, and walks only downhill."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize, rosen, rosen_der

from kcalseq.training.lbfgs import Minimum, Objective, minimise

STARTS = np.random.default_rng(40).normal(0.0, 1.0, (5, 6))


def rosenbrock(x: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    rows = x.numpy()
    return torch.tensor([rosen(row) for row in rows]), torch.from_numpy(np.stack([rosen_der(row) for row in rows]))


def run(objective: Objective, start: np.ndarray, n: int = 500, **settings: object) -> Minimum:
    options = {"tolerance": 1e-13, "patience": 5, **settings}
    return minimise(objective, torch.from_numpy(start), max_iterations=n, **options)  # type: ignore[arg-type]


def test_rosenbrock_as_scipy_does() -> None:
    found = run(rosenbrock, STARTS)
    assert found.converged.all()
    for member, start in enumerate(STARTS):
        reference = minimize(rosen, start, jac=rosen_der, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-9})
        assert float(found.value[member]) == pytest.approx(reference.fun, abs=1e-9)
        assert np.allclose(found.x[member].numpy(), reference.x, atol=1e-4)


def test_an_ill_conditioned_quadratic() -> None:
    rng = np.random.default_rng(41)
    rotation, _ = np.linalg.qr(rng.normal(size=(30, 30)))
    hessian = torch.from_numpy(rotation @ np.diag(np.logspace(-3, 3, 30)) @ rotation.T)
    optimum = torch.from_numpy(rng.normal(size=30))

    def objective(x: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gradient = (x - optimum) @ hessian
        return 0.5 * ((x - optimum) * gradient).sum(1), gradient

    found = run(objective, rng.normal(size=(2, 30)), n=2000, tolerance=1e-15)
    assert torch.allclose(found.value, torch.zeros(2, dtype=torch.float64), atol=1e-10)
    assert torch.allclose(found.x, optimum.expand(2, -1), atol=1e-3)


def test_a_member_does_not_see_its_company() -> None:
    together = run(rosenbrock, STARTS, n=25)
    for member in range(len(STARTS)):
        alone = run(rosenbrock, STARTS[member : member + 1], n=25)
        assert torch.allclose(together.x[member], alone.x[0], rtol=1e-6, atol=1e-8)
        assert together.n_evaluations[member] == alone.n_evaluations[0]


def test_every_step_goes_downhill_and_is_told_in_order() -> None:
    steps: dict[int, list[tuple[int, float]]] = {member: [] for member in range(len(STARTS))}

    def listener(iteration: int, members: torch.Tensor, value: torch.Tensor, norm: torch.Tensor) -> None:
        assert (norm >= 0).all()
        for member, objective in zip(members.tolist(), value.tolist(), strict=True):
            steps[member].append((iteration, objective))

    found = run(rosenbrock, STARTS, listener=listener)
    for member, told in steps.items():
        iterations, values = zip(*told, strict=True)
        assert list(iterations) == list(range(len(told)))
        assert np.all(np.diff([rosen(STARTS[member]), *values]) <= 0)
        assert values[-1] == float(found.value[member])


def test_it_reports_value_and_gradient_of_where_it_ended() -> None:
    found = run(rosenbrock, STARTS, n=7)
    value, gradient = rosenbrock(found.x, torch.arange(5))
    assert torch.equal(found.value, value) and torch.equal(found.gradient, gradient)
    assert not found.converged.any()


@pytest.mark.parametrize("outside", [float("nan"), float("inf")])
def test_a_step_off_the_domain_is_halved(outside: float) -> None:
    def objective(x: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        inside = x > 0
        value = torch.where(inside, x - torch.log(x.clamp_min(1e-300)), outside)
        return value.sum(1), torch.where(inside, 1 - 1 / x, float("nan"))

    found = run(objective, np.array([[0.01, 3.0], [50.0, 0.2]]), n=200)
    assert torch.allclose(found.x, torch.ones(2, 2, dtype=torch.float64), atol=1e-5)


@pytest.mark.parametrize("history", [2, 100])
def test_a_short_memory_still_arrives(history: int) -> None:
    found = run(rosenbrock, STARTS, n=3000, history=history)
    assert torch.allclose(found.value, found.value.clamp(max=5.0))
    assert found.gradient.abs().max() < 1e-3


def test_numbers_without_gradient_stay() -> None:
    def held(x: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        value, gradient = rosenbrock(x, members)
        mask = torch.ones_like(gradient)
        mask[:, 2] = 0.0
        return value, gradient * mask

    found = run(held, STARTS)
    assert np.array_equal(found.x[:, 2].numpy(), STARTS[:, 2])
    assert (found.value < torch.tensor([rosen(row) for row in STARTS])).all()
