"""Draws come from the density that was asked for: known moments, sums over a grid, and the same from the same seed."""

import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import NoReturn

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.training.chains import summarise
from kcalseq.training.fisher import information
from kcalseq.training.fitting import Setup
from kcalseq.training.objective import LogPosterior
from kcalseq.training.rounds import FitSettings, whitened_round
from kcalseq.training.sampling import Samples, sample_posterior, sample_whitened, whitening

MEAN = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
COVARIANCE = torch.tensor([[4.0, 1.5, 0.0], [1.5, 1.0, -0.2], [0.0, -0.2, 0.25]], dtype=torch.float64)
MEMBERS = torch.zeros(1, dtype=torch.long)
Normal = Callable[..., Samples]


def normal(x: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Negative log density of the normal with that mean and covariance, up to a constant, and its gradient."""
    gradient = (x - MEAN) @ torch.linalg.inv(COVARIANCE)
    return 0.5 * (gradient * (x - MEAN)).sum(1), gradient


def ignore(_: int) -> None:
    pass


@pytest.fixture
def sampler(missing_tool: Callable[[str], NoReturn]) -> None:
    """Pyro, the optional package that draws."""
    if find_spec("pyro") is None:
        missing_tool("no Python package pyro; requirements-test.txt has it")


@pytest.fixture
def draw(sampler: None) -> Normal:
    """Draws from the normal in coordinates that do not whiten it: seed, chains, draws, warm-up, progress."""

    def run(
        seed: int, n_chains: int, n_samples: int, n_warmup: int, progress: Callable[[int], None] = ignore
    ) -> Samples:
        origin, transform = torch.zeros(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)
        return sample_whitened(normal, origin, transform, n_samples, n_warmup, n_chains, seed, progress)

    return run


def test_mean_and_covariance_of_a_normal_come_back_within_their_errors(draw: Normal) -> None:
    """Of a mean sd / sqrt(ESS), of a variance about sqrt(2 / ESS) of it; four of these are allowed."""
    samples = draw(1, 2, 250, 60)
    found = summarise(samples.draws)
    assert (found.r_hat < 1.05).all()
    assert (found.ess > 100).all()
    assert (np.abs(found.mean - MEAN.numpy()) < 4 * found.sd / np.sqrt(found.ess)).all()
    sd = COVARIANCE.diagonal().sqrt().numpy()
    error = np.cov(samples.draws.reshape(-1, 3).T) - COVARIANCE.numpy()
    assert (np.abs(error) / np.outer(sd, sd) < 4 * np.sqrt(2 / found.ess.min())).all()
    assert not samples.divergent.any()
    assert (samples.acceptance > 0.6).all() and (samples.acceptance <= 1.0).all()
    assert (samples.n_gradients >= 1).all()


def test_the_seed_decides_and_chains_do_not_see_each_other(draw: Normal) -> None:
    told: list[int] = []
    state = torch.random.get_rng_state()
    two = draw(5, 2, 6, 10, told.append)
    assert sum(told) == 2 * (6 + 10)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.rand(3)
    again, other = draw(5, 1, 6, 10), draw(6, 1, 6, 10)
    assert (again.draws[0] == two.draws[0]).all()
    assert (again.draws[0] != other.draws[0]).all()
    assert (two.draws[0] != two.draws[1]).all()
    assert two.draws.shape == (2, 6, 3)
    assert two.divergent.shape == two.n_gradients.shape == (2, 6)
    assert two.acceptance.shape == two.step_size.shape == (2,)


def test_a_cliff_shows_as_divergent_trajectories(sampler: None) -> None:
    """Draws beside a wall of 10,000 nats, which no step size sees coming."""

    def cliff(x: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return 0.5 * x.square().sum(1) + 1e4 * (x[:, 0] > 0.5), x

    one = torch.eye(1, dtype=torch.float64)
    samples = sample_whitened(cliff, one[0] - 1.0, one, 60, 30, 1, 2, ignore)
    assert samples.divergent.any()
    assert (samples.draws < 0.5).all()


@pytest.fixture
def two_free(setup: Setup, beginnings: torch.Tensor) -> tuple[LogPosterior, torch.Tensor, list[int]]:
    """A posterior of which two numbers are free, its mode, and their places."""
    posterior, blocks = setup.posterior, setup.posterior.network.layout.blocks
    free = [blocks["CRP.theta"].start + 1, blocks["RNAP.theta"].start + 2]
    held = beginnings[0].clone()
    held[free] = torch.nan
    posterior = LogPosterior(posterior.network, posterior.training, held[None])
    mode = whitened_round(posterior, beginnings[:1], MEMBERS, FitSettings()).flat[0]
    return posterior, mode, free


def test_coordinates_whiten_what_is_free_and_leave_the_rest(
    two_free: tuple[LogPosterior, torch.Tensor, list[int]],
) -> None:
    posterior, mode, free = two_free
    transform = whitening(posterior, mode)
    precision = information(posterior, mode) + torch.diag(posterior.precision_at(mode))
    within = transform[:, free]
    assert (within.mT @ within).numpy() == pytest.approx(torch.linalg.inv(precision[free][:, free]).numpy(), rel=1e-6)
    held = sorted(set(range(len(mode))) - set(free))
    assert (transform[:, held] == 0).all()


def test_draws_of_a_posterior_agree_with_sums_over_a_grid(
    two_free: tuple[LogPosterior, torch.Tensor, list[int]], sampler: None
) -> None:
    posterior, mode, free = two_free
    samples = sample_posterior(posterior, mode, 100, 30, 1, 9, ignore)
    held = [number for number in range(len(mode)) if number not in free]
    assert (samples.draws[:, :, held] == mode[held].numpy()).all()
    found = summarise(samples.draws[:, :, free])
    mean, sd = grid_moments(posterior, mode, free)
    assert (np.abs(found.mean - mean) < 4 * sd / np.sqrt(found.ess)).all()
    assert (np.abs(found.sd / sd - 1) < 4 / np.sqrt(2 * found.ess)).all()


def test_a_further_prior_is_added_to_the_objective(
    two_free: tuple[LogPosterior, torch.Tensor, list[int]], sampler: None
) -> None:
    posterior, mode, _ = two_free

    def steep(x: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return 50 * x.square().sum(1), 100 * x

    def both(x: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        value, gradient = posterior.value_and_gradient(x, members)
        return value + 50 * x.square().sum(1), gradient + 100 * x

    found = sample_posterior(posterior, mode, 3, 3, 1, 4, ignore, steep)
    expected = sample_whitened(both, mode, whitening(posterior, mode), 3, 3, 1, 4, ignore)
    assert found.draws == pytest.approx(expected.draws, rel=1e-9)
    assert (found.draws != sample_posterior(posterior, mode, 3, 3, 1, 4, ignore).draws).any()


def grid_moments(
    posterior: LogPosterior, mode: torch.Tensor, free: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and sd of two numbers, by sums over a grid of 6 sd by curvature to either side."""
    sd = whitening(posterior, mode)[:, free].square().sum(0).sqrt()
    axes = [
        mode[number] + width * torch.linspace(-6, 6, 31, dtype=torch.float64)
        for number, width in zip(free, sd, strict=True)
    ]
    points, members = torch.cartesian_prod(*axes), torch.zeros(31, dtype=torch.long)
    rows = []
    for some in points.split(31):
        flat = mode.repeat(31, 1)
        flat[:, free] = some
        rows.append(posterior.value_and_gradient(flat, members)[0])
    values = torch.cat(rows).numpy()
    weight = np.exp(values.min() - values)
    mean = (weight[:, None] * points.numpy()).sum(0) / weight.sum()
    return mean, np.sqrt((weight[:, None] * (points.numpy() - mean) ** 2).sum(0) / weight.sum())


def test_without_the_optional_package_the_error_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyro", None)
    with pytest.raises(KcalseqError, match="the package pyro-ppl is not installed") as caught:
        sample_whitened(normal, MEAN, COVARIANCE, 1, 1, 1, 1, ignore)
    assert "pip install kcalseq[sampling]" in str(caught.value)


def test_the_module_loads_without_the_optional_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyro", None)
    monkeypatch.delitem(sys.modules, "kcalseq.training.sampling")
    assert importlib.import_module("kcalseq.training.sampling").sample_posterior is not sample_posterior
