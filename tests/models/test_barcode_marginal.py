"""The integral over a barcode's abundance and effect: against sums over fine grids, and by its limits."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from kcalseq.models.barcode_marginal import Reads, log_marginal

ONE = torch.tensor([0])


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def maybe_log(value: float) -> torch.Tensor | None:
    """None for 0: Poisson counts, or no effect."""
    return tensor(math.log(value)) if value > 0 else None


def single(dna: float, rna: float, eta: float, alphas: tuple[float, float], sigma: float = 0.0) -> float:
    """log L of one observation whose RNA is exp(eta) of its DNA."""
    reads = Reads(tensor(dna), tensor(0.0)[None], maybe_log(alphas[0]))
    others = Reads(tensor(rna), tensor(eta)[None], maybe_log(alphas[1]))
    return float(log_marginal(reads, others, maybe_log(sigma), ONE, 1))


def log_probability(count: float, log_mean: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
    if alpha == 0:
        return np.asarray(scipy.stats.poisson.logpmf(count, np.exp(log_mean)))
    return np.asarray(scipy.stats.nbinom.logpmf(count, 1 / alpha, 1 / (1 + alpha * np.exp(log_mean))))


def grid_sum(dna: list[float], rna: list[float], etas: list[float], alphas: tuple[float, float], sigma: float) -> float:
    """The same integral for one barcode, observed once for every entry of the lists, as a sum over a grid."""
    delta = np.arange(-15.0, 12.0, 0.02)
    u = np.arange(-8.0, 8.0, 0.05) * sigma if sigma > 0 else np.zeros(1)
    total = scipy.stats.norm.logpdf(u, 0.0, sigma) + math.log(0.05 * sigma) if sigma > 0 else np.zeros(1)
    total = np.broadcast_to(total, (len(delta), len(u)))
    for one, other, eta in zip(dna, rna, etas, strict=True):
        total = total + log_probability(one, delta, alphas[0])[:, None]
        total = total + log_probability(other, delta[:, None] + u + eta, alphas[1])
    return float(logsumexp(total) + math.log(0.02))


# From one read on; the error falls with reads because the integrand becomes a Gaussian.
@pytest.mark.parametrize(
    ("dna", "rna", "alphas", "error"),
    [
        (1, 0, (0.0, 0.0), 2e-3),
        (2, 3, (0.0, 0.0), 1e-5),
        (10, 0, (0.1, 0.2), 1e-6),
        (5, 10, (0.0, 0.1), 1e-6),
        (30, 60, (0.1, 0.1), 1e-7),
        (300, 100, (0.01, 0.02), 1e-9),
        (300, 100, (0.5, 0.3), 1e-5),
        (20, 40, (2.0, 1.0), 1e-3),
    ],
)
@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_the_integral_is_that_over_a_grid(
    dna: float, rna: float, alphas: tuple[float, float], error: float, sigma: float
) -> None:
    exact = grid_sum([dna], [rna], [0.4], alphas, sigma)
    assert single(dna, rna, 0.4, alphas, sigma) == pytest.approx(exact, abs=2 * error if sigma > 0 else error)


def test_observations_of_one_barcode_share_abundance_and_effect() -> None:
    dna, rna, etas = [20.0, 3.0, 11.0], [33.0, 0.0, 40.0], [0.3, -0.2, 0.8]
    log_alphas = tensor(math.log(0.1)), tensor(math.log(0.2))
    reads = Reads(tensor(*dna), torch.zeros(1, 3, dtype=torch.float64), log_alphas[0])
    others = Reads(tensor(*rna), tensor(*etas)[None], log_alphas[1])
    # Barcode 1 was seen in observations 0 and 2, barcode 0 in observation 1.
    found = log_marginal(reads, others, tensor(math.log(0.4)), torch.tensor([1, 0, 1]), 2)
    alone = grid_sum(dna[1:2], rna[1:2], etas[1:2], (0.1, 0.2), 0.4)
    shared = grid_sum(dna[::2], rna[::2], etas[::2], (0.1, 0.2), 0.4)
    assert found[0].tolist() == pytest.approx([alone, shared], abs=1e-4)
    apart = grid_sum(dna[:1], rna[:1], etas[:1], (0.1, 0.2), 0.4) + grid_sum(
        dna[2:], rna[2:], etas[2:], (0.1, 0.2), 0.4
    )
    assert abs(shared - apart) > 0.1


def test_poisson_counts_give_the_binomial_over_n() -> None:
    for dna, rna, eta in ((20, 30, 0.0), (100, 10, -2.0), (5, 400, 4.0)):
        binomial = scipy.stats.binom.logpmf(rna, dna + rna, 1 / (1 + math.exp(-eta)))
        assert single(dna, rna, eta, (0.0, 0.0)) == pytest.approx(binomial - math.log(dna + rna), abs=1e-8)


def test_small_dispersion_is_poisson_and_a_small_effect_is_none() -> None:
    for dna, rna in ((1, 0), (3, 8), (70, 50)):
        poisson = single(dna, rna, 0.2, (0.0, 0.0))
        assert single(dna, rna, 0.2, (1e-12, 1e-12)) == pytest.approx(poisson, abs=1e-8)
        assert single(dna, rna, 0.2, (1e-12, 0.0), 1e-6) == pytest.approx(poisson, abs=1e-8)
        assert single(dna, rna, 0.2, (0.1, 0.1), 1e-6) == pytest.approx(single(dna, rna, 0.2, (0.1, 0.1)), abs=1e-8)
        assert abs(single(dna, rna, 0.2, (0.5, 0.5)) - poisson) > 1e-3


def test_a_common_shift_of_all_means_is_taken_up_by_the_abundance() -> None:
    before = (
        Reads(tensor(4, 70), tensor(0.1, -0.4)[None], tensor(-1.0)),
        Reads(tensor(9, 20), tensor(0.5, 0.2)[None], tensor(-2.0)),
    )
    after = [reads._replace(log_mean=reads.log_mean + 7.3) for reads in before]
    barcode, log_sigma = torch.tensor([0, 1]), tensor(-0.7)
    moved = log_marginal(after[0], after[1], log_sigma, barcode, 2)
    assert torch.allclose(moved, log_marginal(*before, log_sigma, barcode, 2), rtol=0, atol=1e-11)


def test_the_mode_is_found_from_anywhere() -> None:
    """Counts that contradict the means by a factor of e^10 still integrate to the sum over the grid."""
    for dna, rna, eta in ((1000, 1, 8.0), (1, 1000, -8.0), (0, 200, -9.0), (200, 0, 9.0)):
        exact = grid_sum([dna], [rna], [eta], (0.3, 0.3), 1.5)
        assert single(dna, rna, eta, (0.3, 0.3), 1.5) == pytest.approx(exact, abs=2e-3)


@pytest.mark.parametrize("with_u", [False, True])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_gradient_is_that_of_finite_differences(with_u: bool, with_alpha: bool) -> None:
    dna, rna, barcode = tensor(3, 40, 0, 12), tensor(1, 10, 5, 60), torch.tensor([0, 1, 1, 2])

    def value(eta_dna: torch.Tensor, eta_rna: torch.Tensor, *spread: torch.Tensor) -> torch.Tensor:
        alphas = (spread[0], spread[1]) if with_alpha else (None, None)
        reads = Reads(dna, eta_dna, alphas[0]), Reads(rna, eta_rna, alphas[1])
        return log_marginal(*reads, spread[2] if with_u else None, barcode, 3) + 0.0 * sum(spread)[:, None]

    rng = np.random.default_rng(4)
    shapes = ((2, 4), (2, 4), (2,), (2,), (2,))
    parameters = [torch.from_numpy(rng.normal(-0.5, 0.5, shape)).requires_grad_() for shape in shapes]
    assert torch.autograd.gradcheck(value, parameters, fast_mode=True)


def test_gradient_is_that_of_the_returned_number_also_where_the_quadrature_is_rough() -> None:
    """Nodes move with the parameters: with one read and large dispersion, leaving that out would show."""
    reads = tensor(1, 0, 7), tensor(0, 1, 0)

    def value(*x: torch.Tensor) -> torch.Tensor:
        dna, rna = (Reads(count, of, spread) for count, of, spread in zip(reads, x[:2], x[2:4], strict=True))
        return log_marginal(dna, rna, x[4], torch.arange(3), 3)

    etas = tensor(0.3, -0.5, 1.0)[None], tensor(1.3, 0.5, -1.0)[None]
    parameters = [item.clone().requires_grad_() for item in (*etas, tensor(-0.5), tensor(0.7), tensor(0.2))]
    assert torch.autograd.gradcheck(value, parameters, eps=1e-5, atol=1e-8, rtol=1e-7)


def test_members_do_not_see_each_other() -> None:
    rng = np.random.default_rng(5)
    counts = [torch.from_numpy(rng.integers(1, 30, 12).astype(float)) for _ in range(2)]
    etas = [torch.from_numpy(rng.normal(size=(3, 12))) for _ in range(2)]
    spread = [torch.from_numpy(rng.normal(-1.0, 0.5, 3)) for _ in range(3)]
    barcode = torch.arange(12) // 2

    def value(members: slice) -> torch.Tensor:
        of = [Reads(counts[kind], etas[kind][members], spread[kind][members]) for kind in range(2)]
        return log_marginal(of[0], of[1], spread[2][members], barcode, 6)

    alone = torch.cat([value(slice(member, member + 1)) for member in range(3)])
    assert torch.allclose(value(slice(None)), alone, rtol=1e-11, atol=1e-11)


def test_a_barcode_without_reads_is_refused() -> None:
    with pytest.raises(ValueError, match="a barcode has no reads"):
        single(0, 0, 0.0, (0.1, 0.1))
    reads = Reads(tensor(3), tensor(0.0)[None], None)
    with pytest.raises(ValueError, match="a barcode has no reads"):
        log_marginal(reads, reads, None, ONE, 2)
