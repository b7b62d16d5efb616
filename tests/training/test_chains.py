"""R-hat and effective sample size: equal to their definitions written out, and right where the answer is known."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from kcalseq.training.chains import bulk_ess, r_hat, summarise


def autoregressive(rho: float, n_chains: int, n_draws: int, seed: int) -> NDArray[np.float64]:
    """Chains of one number with unit variance and autocorrelation rho^lag, shape (n_chains, n_draws, 1)."""
    rng = np.random.default_rng(seed)
    chains = rng.normal(size=(n_chains, n_draws, 1))
    for draw in range(1, n_draws):
        chains[:, draw] = rho * chains[:, draw - 1] + math.sqrt(1 - rho**2) * chains[:, draw]
    return chains


def halves_of_scores(chains: NDArray[np.float64]) -> list[list[float]]:
    """Normal scores of the ranks in the halves of chains of one number (n_chains, n_draws), as lists."""
    half = chains.shape[1] // 2
    halves = [row for chain in chains for row in (chain[:half], chain[-half:])]
    ranks = rankdata(np.concatenate(halves)).reshape(len(halves), half)
    return [[float(norm.ppf((rank - 3 / 8) / (ranks.size + 1 / 4))) for rank in row] for row in ranks]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def variance(values: list[float]) -> float:
    return sum((value - mean(values)) ** 2 for value in values) / (len(values) - 1)


def pooled(chains: list[list[float]]) -> tuple[float, float]:
    """Variance within, and that estimated from within and between."""
    n, within = len(chains[0]), mean([variance(chain) for chain in chains])
    return within, (n - 1) / n * within + variance([mean(chain) for chain in chains])


def ess_written_out(chains: list[list[float]]) -> float:
    n, (within, total) = len(chains[0]), pooled(chains)

    def rho(lag: int) -> float:
        covariance = [sum((c[i] - mean(c)) * (c[i + lag] - mean(c)) for i in range(n - lag)) / n for c in chains]
        return 1 - (within - mean(covariance)) / total

    lag, smallest, time = 0, math.inf, -1.0
    while lag + 1 < n and rho(lag) + rho(lag + 1) > 0:
        smallest = min(smallest, rho(lag) + rho(lag + 1))
        time, lag = time + 2 * smallest, lag + 2
    time += max(rho(lag), 0.0)
    return len(chains) * n / max(time, 1 / math.log10(len(chains) * n))


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.8])
def test_both_equal_their_definitions_written_out(rho: float) -> None:
    chains = autoregressive(rho, 2, 61, seed=1)
    chains[1] *= 1.5
    scores = halves_of_scores(chains[:, :, 0])
    folded = np.abs(chains - np.median(np.concatenate([chains[:, :30], chains[:, -30:]])))
    expected = [
        math.sqrt(total / within) for within, total in (pooled(scores), pooled(halves_of_scores(folded[..., 0])))
    ]
    assert r_hat(chains)[0] == pytest.approx(max(expected), rel=1e-12)
    assert bulk_ess(chains)[0] == pytest.approx(ess_written_out(scores), rel=1e-9)


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.5, 0.9])
def test_effective_size_of_an_autoregression_is_known(rho: float) -> None:
    """n (1 - rho) / (1 + rho); the estimate is good to a tenth."""
    chains = autoregressive(rho, 4, 4000, seed=2)
    assert bulk_ess(chains)[0] == pytest.approx(16_000 * (1 - rho) / (1 + rho), rel=0.1)
    assert r_hat(chains)[0] < 1.02


def test_chains_that_never_met_have_a_high_r_hat_and_few_effective_draws() -> None:
    chains = autoregressive(0.0, 2, 500, seed=3)
    chains[1] += 5.0
    assert r_hat(chains)[0] > 1.5
    assert bulk_ess(chains)[0] < 10


def test_one_chain_that_drifts_disagrees_with_itself() -> None:
    chains = autoregressive(0.0, 1, 500, seed=4) + np.linspace(0.0, 3.0, 500)[None, :, None]
    assert r_hat(chains)[0] > 1.2


def test_chains_of_one_mean_and_different_widths_are_told_apart() -> None:
    chains = autoregressive(0.0, 2, 500, seed=5)
    chains[1] *= 4.0
    assert r_hat(chains)[0] > 1.1


def test_a_number_without_a_mean_is_judged_like_any_other() -> None:
    chains = np.random.default_rng(6).standard_cauchy((4, 1000, 1))
    assert r_hat(chains)[0] < 1.01
    assert bulk_ess(chains)[0] == pytest.approx(4000, rel=0.1)


def test_a_rising_map_of_the_numbers_changes_no_effective_size() -> None:
    chains = autoregressive(0.7, 3, 200, seed=7)
    assert bulk_ess(np.exp(3 * chains))[0] == pytest.approx(bulk_ess(chains)[0], rel=1e-12)
    assert r_hat(5.0 - 2.0 * chains)[0] == pytest.approx(r_hat(chains)[0], rel=1e-12)


def test_numbers_are_judged_one_by_one_and_a_constant_has_neither() -> None:
    chains = np.concatenate(
        [autoregressive(0.5, 2, 300, 8), np.full((2, 300, 1), 2.5), autoregressive(0.0, 2, 300, 9)], 2
    )
    found = summarise(chains)
    assert found.mean == pytest.approx(chains.reshape(600, 3).mean(0))
    assert found.sd == pytest.approx(chains.reshape(600, 3).std(0, ddof=1))
    assert np.isnan([found.r_hat[1], found.ess[1]]).all()
    for number in (0, 2):
        assert found.r_hat[number] == r_hat(chains[:, :, [number]])[0]
        assert found.ess[number] == pytest.approx(bulk_ess(chains[:, :, [number]])[0], rel=1e-12)


def test_three_draws_are_too_few() -> None:
    with pytest.raises(ValueError, match="3 draws in a chain"):
        r_hat(np.zeros((2, 3, 1)))
