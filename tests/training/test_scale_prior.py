"""The prior on the scale of matrices: its gradient, its laws, and the integral that it stands for."""

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import norm

from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Published
from kcalseq.training.fitting import Setup
from kcalseq.training.scale_prior import ScalePrior

MEMBERS = torch.zeros(1, dtype=torch.long)


@pytest.fixture
def observed() -> NDArray[np.bool_]:
    """All bases everywhere, but three at the second position of CRP's site and one at the last of RNAP's."""
    seen = np.ones((12, 4), dtype=bool)
    seen[1, 3] = False
    seen[10, 1:] = False
    return seen


@pytest.fixture
def prior(spec: ModelSpec, setup: Setup, observed: NDArray[np.bool_]) -> ScalePrior:
    return ScalePrior(spec, setup.posterior.network.layout, observed)


def free_entries(observed: NDArray[np.bool_]) -> tuple[int, int]:
    """Free entries of the sites at 0..5 and 6..11."""
    return int(observed[0:5].sum()) - 5, int(observed[6:11].sum()) - 5


def test_the_gradient_is_that_of_the_value(prior: ScalePrior, beginnings: torch.Tensor) -> None:
    _, gradient = prior(beginnings, MEMBERS)
    generator = torch.Generator().manual_seed(3)
    for _ in range(3):
        step = 1e-5 * torch.randn(beginnings.shape, generator=generator, dtype=torch.float64)
        rise = prior(beginnings + step, MEMBERS)[0] - prior(beginnings - step, MEMBERS)[0]
        assert rise.numpy() == pytest.approx((2 * step * gradient).sum(1).numpy(), rel=1e-6)


def test_each_doubling_of_a_site_costs_ln_2_for_each_free_entry(
    prior: ScalePrior, spec: ModelSpec, setup: Setup, beginnings: torch.Tensor, observed: NDArray[np.bool_]
) -> None:
    assert free_entries(observed) == (14, 12)
    for site, n in zip(spec.sites, free_entries(observed), strict=True):
        doubled = beginnings.clone()
        doubled[:, setup.posterior.network.layout.blocks[f"{site.name}.theta"].slice] *= 2.0
        rise = prior(doubled, MEMBERS)[0] - prior(beginnings, MEMBERS)[0]
        assert rise.numpy() == pytest.approx(n * np.log(2.0), rel=1e-12)


def test_gauge_and_unseen_bases_and_everything_but_matrices_do_not_matter(
    prior: ScalePrior, spec: ModelSpec, setup: Setup, beginnings: torch.Tensor
) -> None:
    blocks, moved = setup.posterior.network.layout.blocks, beginnings.clone()
    energies = {number for site in spec.sites for number in range(*blocks[f"{site.name}.theta"].slice.indices(10**6))}
    rest = [number for number in range(moved.shape[1]) if number not in energies]
    moved[:, rest] += 3.0
    first = blocks["CRP.theta"].start
    moved[:, first : first + 4] += 7.0
    moved[:, first + 7] += 5.0
    value, gradient = prior(moved, MEMBERS)
    assert value.numpy() == pytest.approx(prior(beginnings, MEMBERS)[0].numpy(), rel=1e-12)
    assert (gradient[:, [*rest, first + 7]] == 0).all()


def test_it_is_a_normal_prior_of_unknown_width_integrated_out(
    prior: ScalePrior, spec: ModelSpec, setup: Setup, beginnings: torch.Tensor, observed: NDArray[np.bool_]
) -> None:
    """The integral of the product of n normal densities over d tau / tau, at two matrices, by quadrature."""
    blocks = setup.posterior.network.layout.blocks

    def written_out(flat: torch.Tensor) -> float:
        total = 0.0
        for site, n in zip(spec.sites, free_entries(observed), strict=True):
            theta = flat[blocks[f"{site.name}.theta"].slice].reshape(-1, 4).numpy()
            centred = [
                row[seen] - row[seen].mean() for row, seen in zip(theta, observed[site.start : site.stop], strict=True)
            ]
            length = float(np.sqrt(sum((row**2).sum() for row in centred)))
            # A point at that distance from the middle of n dimensions; any direction gives the same.
            peak = np.log(length / np.sqrt(n))

            def log_density(log_tau: float, length: float = length, n: int = n) -> float:
                tau = np.exp(log_tau)
                return float(norm.logpdf(length, scale=tau) + (n - 1) * norm.logpdf(0.0, scale=tau))

            top = log_density(peak)
            area, _ = quad(lambda s, top=top, f=log_density: np.exp(f(s) - top), peak - 5, peak + 5, limit=200)
            total -= top + np.log(area)
        return total

    one, other = beginnings[0], beginnings[1] * 1.7
    found = prior(torch.stack([one, other]), MEMBERS)[0]
    assert float(found[1] - found[0]) == pytest.approx(written_out(other) - written_out(one), abs=1e-6)


def test_a_site_with_published_energies_has_its_scale_from_them(
    spec: ModelSpec, setup: Setup, beginnings: torch.Tensor, observed: NDArray[np.bool_]
) -> None:
    crp, rnap = spec.sites
    known = dataclasses.replace(crp, published=Published(((0.0,) * 4,) * crp.length, 0.5))
    layout = setup.posterior.network.layout
    prior = ScalePrior(dataclasses.replace(spec, sites=(known, rnap)), layout, observed)
    doubled = beginnings.clone()
    doubled[:, layout.blocks["CRP.theta"].slice] *= 2.0
    assert (prior(doubled, MEMBERS)[0] == prior(beginnings, MEMBERS)[0]).all()
    assert (prior(doubled, MEMBERS)[1][:, layout.blocks["CRP.theta"].slice] == 0).all()
