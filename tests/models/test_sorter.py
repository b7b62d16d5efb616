"""The gated sorter: the shares between gates, far from them as well, and what comes back from simulated cells."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from likeliest import likeliest

from kcalseq.models.sorter import SorterWeights, log_probability, rising_gates, simulate
from kcalseq.models.tails import Distribution

NOISES = {
    "normal": (Distribution("normal"), scipy.stats.norm),
    "logistic": (Distribution("logistic"), scipy.stats.logistic),
    "Student": (Distribution("student_t", 4.0), scipy.stats.t(4.0)),
}
NORMAL = NOISES["normal"][0]


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def weights(n_members: int, seed: int = 0, extras: bool = True) -> SorterWeights:
    rng = np.random.default_rng(seed)
    intercept, log_slope, log_scale, logit = (torch.from_numpy(rng.normal(0.0, 0.4, n_members)) for _ in range(4))
    log_gaps = torch.from_numpy(rng.normal(-0.3, 0.3, (n_members, 2)))
    gates = rising_gates(torch.from_numpy(rng.normal(-1.0, 0.3, n_members)), log_gaps)
    depth = torch.from_numpy(rng.normal(0.0, 0.5, (n_members, 4)))
    plain = SorterWeights(gates, intercept, log_slope, log_scale)
    return plain._replace(log_depth=depth, unsorted_logit=logit) if extras else plain


def phenotypes(n_members: int, n: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).normal(0.0, 2.0, (n_members, n)))


def test_a_gate_in_the_middle_halves_the_cells() -> None:
    of = SorterWeights(tensor(2.0)[None], tensor(1.0), tensor(0.0), tensor(3.0))
    assert log_probability(tensor(1.0)[None], of, NORMAL).exp().flatten().tolist() == pytest.approx(
        [0.5, 0.5], rel=1e-14
    )


def test_gates_rise_by_their_gaps() -> None:
    found = rising_gates(tensor(-1.0), tensor(math.log(0.5), math.log(2.0))[None])
    assert found[0].tolist() == pytest.approx([-1.0, -0.5, 1.5])
    assert rising_gates(tensor(3.0), torch.empty(1, 0, dtype=torch.float64)).tolist() == [[3.0]]


@pytest.mark.parametrize("name", NOISES)
def test_probabilities_are_the_shares_between_the_gates(name: str) -> None:
    noise, theirs = NOISES[name]
    of, phi = weights(2), phenotypes(2, 50)
    found = log_probability(phi, of, noise).exp().numpy()
    for member in range(2):
        mean = of.intercept[member].item() + math.exp(of.log_slope[member]) * phi[member].numpy()
        z = (of.gates[member].numpy()[:, None] - mean) / math.exp(of.log_scale[member])
        below = np.vstack([np.zeros(50), theirs.cdf(z), np.ones(50)])
        share = np.diff(below, axis=0) * np.exp(of.log_depth[member].numpy())[:, None]
        unsorted = 1 / (1 + math.exp(-of.unsorted_logit[member]))
        assert np.allclose(found[member, 0], unsorted, rtol=1e-13)
        assert np.allclose(found[member, 1:], (1 - unsorted) * share / share.sum(0), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", NOISES)
@pytest.mark.parametrize("extras", [False, True])
def test_probabilities_add_up_to_one(name: str, extras: bool) -> None:
    phi = torch.cat([phenotypes(3, 100), torch.linspace(-300, 300, 61).double().expand(3, -1)], 1)
    total = log_probability(phi, weights(3, extras=extras), NOISES[name][0]).exp().sum(1)
    assert torch.allclose(total, torch.ones_like(total), rtol=0, atol=1e-13)


def test_the_unsorted_library_says_nothing_of_phi() -> None:
    phi = phenotypes(1, 20).requires_grad_()
    unsorted = log_probability(phi, weights(1), NORMAL)[:, 0]
    assert torch.equal(unsorted, unsorted[:, :1].expand(-1, 20))
    (gradient,) = torch.autograd.grad(unsorted.sum(), phi)
    assert torch.equal(gradient, torch.zeros_like(phi))


def test_depth_shared_by_all_bins_means_nothing() -> None:
    phi, of = phenotypes(1, 30), weights(1, extras=False)
    same = log_probability(phi, of._replace(log_depth=torch.full((1, 4), 2.5, dtype=torch.float64)), NORMAL)
    assert torch.allclose(same, log_probability(phi, of, NORMAL), rtol=1e-13, atol=1e-13)


def test_far_from_the_gates_the_normal_shares_are_those_of_log_ndtr() -> None:
    of = SorterWeights(tensor(-1.0, 0.5, 1.0)[None], tensor(0.0), tensor(0.0), tensor(math.log(0.5)))
    for phi in (20.0, 500.0, 1e5, -20.0, -500.0, -1e5):
        found = log_probability(tensor(phi)[None], of, NORMAL)[0, :, 0].tolist()
        tail = scipy.special.log_ndtr((np.array([-1.0, 0.5, 1.0]) - phi) / 0.5 * np.sign(phi)).tolist()
        # log(exp b - exp a) from the tails on phi's far side
        middle = [max(a, b) + math.log(-math.expm1(-abs(a - b))) for a, b in pairwise(tail)]
        expected = [tail[0], *middle] if phi > 0 else [*middle, tail[-1]]
        assert (found[:3] if phi > 0 else found[1:]) == pytest.approx(expected, rel=1e-12)
        assert (found[3] if phi > 0 else found[0]) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("name", NOISES)
def test_slopes_stay_finite_and_point_home_however_far_phi_is(name: str) -> None:
    phi = tensor(-1e6, -1e3, 1e3, 1e6)[None].requires_grad_()
    log_p = log_probability(phi, weights(1), NOISES[name][0])
    for number in (2, 3):  # bins between two gates
        (slope,) = torch.autograd.grad(log_p[0, number].sum(), phi, retain_graph=True)
        assert torch.isfinite(slope).all()
        assert (slope[0, :2] > 0).all() and (slope[0, 2:] < 0).all()


@pytest.mark.parametrize("name", NOISES)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    of, phi = weights(2), phenotypes(2, 5)
    rng = np.random.default_rng(2)
    first, log_gaps = (torch.from_numpy(rng.normal(-0.5, 0.3, shape)) for shape in ((2,), (2, 2)))

    def value(phi: torch.Tensor, first: torch.Tensor, log_gaps: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        return log_probability(phi, SorterWeights(rising_gates(first, log_gaps), *rest), NOISES[name][0])

    parameters = [item.clone().requires_grad_() for item in (phi, first, log_gaps, *of[1:])]
    assert torch.autograd.gradcheck(value, parameters, fast_mode=True)


def test_members_do_not_see_each_other() -> None:
    of, phi = weights(3), phenotypes(3, 40)
    together = log_probability(phi, of, NORMAL)
    for member in range(3):
        own = SorterWeights(*(item[member : member + 1] for item in of))
        alone = log_probability(phi[member : member + 1], own, NORMAL)
        assert torch.allclose(together[member], alone[0], rtol=1e-13, atol=1e-13)


def test_the_expected_log_probability_is_greatest_at_the_truth() -> None:
    """A proper scoring rule, in all parameters at once."""
    phi, truth = phenotypes(1, 200), weights(1)
    at_truth = [item.clone().requires_grad_() for item in truth]
    log_p = log_probability(phi, SorterWeights(*at_truth), NORMAL)
    expected = log_p.detach().exp()
    for gradient in torch.autograd.grad((expected * log_p).sum(), at_truth):
        assert torch.allclose(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-10)
    for seed in range(1, 25):
        other = SorterWeights(*(t + 0.1 * s for t, s in zip(truth, weights(1, seed), strict=True)))
        assert (expected * log_probability(phi, other, NORMAL)).sum() < (expected * log_p).sum()


@pytest.mark.parametrize("name", NOISES)
def test_simulated_cells_fall_where_their_fluorescence_puts_them(name: str) -> None:
    """Against cells whose fluorescence is drawn and compared with the gates one by one."""
    noise, theirs = NOISES[name]
    of, phi, rng = weights(1, extras=False), phenotypes(1, 3), np.random.default_rng(3)
    drawn = simulate(phi, np.full(3, 20_000), of, noise, rng)
    mean = of.intercept.item() + math.exp(of.log_slope.item()) * phi[0].numpy()
    for variant in range(3):
        z = mean[variant] + math.exp(of.log_scale.item()) * theirs.rvs(size=20_000, random_state=rng)
        expected = np.bincount(np.searchsorted(of.gates[0].numpy(), z), minlength=4)
        assert drawn[:, variant].sum() == 20_000
        assert np.all(np.abs(drawn[:, variant] - expected) < 5 * np.sqrt(expected + drawn[:, variant] + 1))


def fitted(log_likelihood: Callable[[torch.Tensor], torch.Tensor], size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Maximum from 0, and standard errors from the Hessian there."""
    flat = likeliest(log_likelihood, torch.zeros(size, dtype=torch.float64), 1e-11)
    hessian = torch.autograd.functional.hessian(lambda x: -log_likelihood(x), flat)
    return flat, torch.linalg.inv(hessian).diagonal().sqrt()


@pytest.mark.parametrize("name", NOISES)
def test_known_gates_give_intercept_slope_and_scale_back(name: str) -> None:
    rng, phi, noise = np.random.default_rng(4), phenotypes(1, 150), NOISES[name][0]
    gates, truth = tensor(-1.0, 0.0, 1.5)[None], tensor(0.4, -0.3, -0.5)
    counts = torch.from_numpy(simulate(phi, np.full(150, 100), SorterWeights(gates, *truth.split(1)), noise, rng))
    found, errors = fitted(
        lambda flat: (counts * log_probability(phi, SorterWeights(gates, *flat.split(1)), noise)).sum(), 3
    )
    assert float(((found - truth) / errors).abs().max()) < 3.5
    assert float(errors.max()) < 0.03


def test_learned_gates_and_phenotypes_come_back() -> None:
    """Half of the phenotypes are known; the others are found together with gates, slope and the unsorted share."""
    rng, n = np.random.default_rng(5), 60
    phi, zero = phenotypes(1, n), tensor(0.0)
    depth, of_gates = tensor(0.0, 0.5, -0.4, 0.3)[None], tensor(-1.0, math.log(0.8), math.log(1.4))
    wanted = torch.cat([phi[0, : n // 2], of_gates, tensor(-0.4, -1.5)])

    def with_parameters(flat: torch.Tensor) -> SorterWeights:
        first, log_gaps, log_slope, logit = flat[n // 2 :].split([1, 2, 1, 1])
        return SorterWeights(rising_gates(first, log_gaps[None]), zero, log_slope, zero, depth, logit)

    counts = torch.from_numpy(simulate(phi, np.full(n, 1000), with_parameters(wanted), NORMAL, rng))

    def log_likelihood(flat: torch.Tensor) -> torch.Tensor:
        places = torch.cat([flat[: n // 2], phi[0, n // 2 :]])[None]
        return (counts * log_probability(places, with_parameters(flat), NORMAL)).sum()

    found, errors = fitted(log_likelihood, n // 2 + 5)
    z = (found - wanted) / errors
    assert float(z.abs().max()) < 3.5
    assert 0.5 < float(z.square().mean()) < 1.6
    assert float(errors[n // 2 :].max()) < 0.06
