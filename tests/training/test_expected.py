"""Expected information of candidates: against the analytic scores of the fit, and put to use."""

import numpy as np
import pytest
import torch

from kcalseq.models.bins import BinData
from kcalseq.training.expected import posterior_precision, variant_information
from kcalseq.training.fisher import scores
from kcalseq.training.fitting import Setup
from kcalseq.training.next_library import choose_library, expected_fall
from kcalseq.training.objective import LogPosterior


@pytest.fixture
def flat(beginnings: torch.Tensor) -> torch.Tensor:
    return beginnings[0]


@pytest.fixture
def codes() -> np.ndarray:
    """Random candidates, most of which are not in the training set."""
    return np.random.default_rng(33).integers(0, 4, (60, 12)).astype(np.uint8)


def scores_of_outcome(posterior: LogPosterior, flat: torch.Tensor, outcome: int) -> np.ndarray:
    """Score of one observation in a bin for each training variant."""
    (training,) = posterior.training
    n_bins, n = training.data.table.shape
    one = torch.zeros(1, n_bins, n, dtype=torch.float64)
    one[:, outcome] = 1.0
    return -scores(LogPosterior(posterior.network, (training._replace(data=BinData(one)),)), flat).numpy()


def test_rows_are_the_scores_of_the_outcomes(setup: Setup, flat: torch.Tensor) -> None:
    (training,) = setup.posterior.training
    found = variant_information(setup.posterior, flat, training.codes.numpy())
    network = setup.posterior.network
    phi = network.phenotype(flat[None], training.design, 0)
    scale = network.scale(phi, 0)
    p = network.processes[0].log_probabilities((phi - scale.mean) / scale.sd, network.weights(flat[None], 0))[0].exp()
    for outcome in range(len(p)):
        expected = p[outcome].sqrt().numpy()[:, None] * scores_of_outcome(setup.posterior, flat, outcome)
        assert np.allclose(found[:, outcome], expected, rtol=0, atol=1e-7)
        assert np.abs(expected).max() > 0.01
    # The outcomes' scores cancel in the mean, whatever the sequence.
    assert np.allclose((p.sqrt().T.numpy()[:, :, None] * found).sum(1), 0.0, atol=1e-7)


def test_information_grows_with_the_observations(setup: Setup, flat: torch.Tensor, codes: np.ndarray) -> None:
    one, nine = (variant_information(setup.posterior, flat, codes, n_observations=n) for n in (1.0, 9.0))
    assert np.allclose(nine, 3.0 * one)


def test_a_candidate_does_not_depend_on_its_company(setup: Setup, flat: torch.Tensor, codes: np.ndarray) -> None:
    together, alone = (variant_information(setup.posterior, flat, some) for some in (codes, codes[7:8]))
    assert np.allclose(together[7], alone[0], rtol=0, atol=1e-9)


def test_a_library_chosen_for_the_interaction_tells_more_of_it_than_chance(
    setup: Setup, flat: torch.Tensor, codes: np.ndarray
) -> None:
    precision = posterior_precision(setup.posterior, flat)
    number = setup.posterior.network.layout.blocks["stack"].start
    roots = variant_information(setup.posterior, flat, codes, n_observations=20.0)
    chosen = choose_library(roots, precision, 10, number)
    before = np.linalg.inv(precision)[number, number]

    def left(some: np.ndarray) -> float:
        after = precision + np.einsum("nki,nkj->ij", roots[some], roots[some])
        return float(np.linalg.inv(after)[number, number])

    rng = np.random.default_rng(34)
    assert left(chosen.indices) == pytest.approx(before - chosen.gain[-1], rel=1e-6)
    assert left(chosen.indices) < min(left(rng.choice(60, 10, replace=False)) for _ in range(50))
    assert left(chosen.indices) < left(choose_library(roots, precision, 10).indices)
    assert chosen.indices[0] == expected_fall(roots, precision, number).argmax()
