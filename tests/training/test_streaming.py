"""A fit in batches: as good as one of all variants at once, up to what batches cannot see; the same on every run."""

import numpy as np
import pytest
import torch
from binned import counts_of, data_of

from kcalseq.models.beginnings import beginnings
from kcalseq.models.process import Data
from kcalseq.models.spec import ModelSpec
from kcalseq.training.adam import AdamSettings
from kcalseq.training.fitting import Setup, fit_problem
from kcalseq.training.objective import LogPosterior
from kcalseq.training.problem import Problem
from kcalseq.training.streaming import Stream, fit_stream, settings_for


def stream(problem: Problem, part: str) -> Stream:
    codes, counts = problem.codes[problem.rows(part)], counts_of(problem)[:, problem.rows(part)]

    def data(rows: np.ndarray) -> Data:
        return data_of(np.ascontiguousarray(counts[:, rows]))

    return Stream(len(codes), codes.__getitem__, data)


def fitted(setup: Setup, problem: Problem, batch: int, epochs: int) -> torch.Tensor:
    settings = AdamSettings(n_epochs=epochs, patience=epochs, first_rate=0.03)
    network, training = setup.posterior.network, [stream(problem, "training")]
    start = beginnings(network, 1, 2)
    return fit_stream(network, training, training, start, 1, settings, lambda _: None, batch).flat


def test_batches_come_near_the_optimum(spec: ModelSpec, problem: Problem, setup: Setup) -> None:
    """Within 0.02 nats per variant of a fit of all variants at once."""
    best = fit_problem(spec, problem, seed=1, n_starts=2, n_threads=2, progress=lambda _: None).objective
    found = setup.posterior.value(fitted(setup, problem, 150, 150)).min()
    assert best - 1e-6 < float(found) < best + 0.02 * len(problem.rows("training"))


def test_one_batch_of_everything_is_the_objective_itself(problem: Problem, setup: Setup) -> None:
    """A single step of Adam moves every number by the learning rate against its gradient's sign."""
    flat = fitted(setup, problem, 10_000, 1)
    start = torch.from_numpy(beginnings(setup.posterior.network, 1, 2))
    _, gradient = setup.posterior.value_and_gradient(start, torch.arange(2))
    moved = gradient.abs() > 0.1
    assert torch.allclose((flat - start)[moved], -0.03 * gradient[moved].sign(), atol=2e-6)


def test_the_same_seed_gives_the_same_bits(problem: Problem, setup: Setup) -> None:
    assert torch.equal(fitted(setup, problem, 100, 3), fitted(setup, problem, 100, 3))


def test_parts_add_up(setup: Setup, beginnings: torch.Tensor) -> None:
    posterior: LogPosterior = setup.posterior
    fit, prior = posterior.parts(beginnings)
    assert torch.equal(fit + prior, posterior.value(beginnings)) and (prior > 0).all()


@pytest.mark.parametrize(("n", "epochs"), [(1_000, 4_000), (16_384, 4_000), (163_840, 400), (10**8, 4)])
def test_steps_not_epochs_make_a_fit(n: int, epochs: int) -> None:
    assert settings_for(n).n_epochs == epochs
