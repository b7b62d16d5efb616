"""Continuous measurements: laws that hold for every curve and every noise model."""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats

from kcalseq.models.continuous import Curve, GlobalEpistasis, NoiseModel, ValueData, ValueScale

N = 12
SCALE = ValueScale(3.0, 2.0)
CURVES: tuple[Curve, ...] = ("linear", "monotone", "free")
NOISES: tuple[NoiseModel, ...] = ("gaussian", "cauchy", "skew_t", "empirical")
ALL = list(itertools.product(CURVES, NOISES, (0, 2)))
each = pytest.mark.parametrize(("curve", "noise", "order"), ALL)


def process(curve: Curve, noise: NoiseModel, order: int, scale: ValueScale = SCALE) -> GlobalEpistasis:
    return GlobalEpistasis(curve, 3, 1.0, noise, order, scale)


def weights_of(of: GlobalEpistasis, n_members: int, seed: int = 1) -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(seed)
    return {block.letter: torch.from_numpy(rng.normal(0.0, 0.3, (n_members, *block.shape))) for block in of.blocks}


def phenotypes(n_members: int, n: int = N) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(2).normal(size=(n_members, n)))


def data(n: int = N) -> ValueData:
    rng = np.random.default_rng(3)
    y, dy = rng.normal(3.0, 2.0, (1, n)), rng.uniform(0.1, 0.5, (1, n))
    weight = np.ones((1, n))
    weight[0, 4], y[0, 4] = 0.0, 0.0
    return ValueData(torch.from_numpy(y), torch.from_numpy(weight), torch.from_numpy(dy))


def curve_by_hand(of: GlobalEpistasis, w: dict[str, np.ndarray], z: float) -> float:
    if of.curve == "linear":
        return float(w["a"] + w["b"] * z)
    b, c = (np.exp(w["b"]) / 3.0, np.exp(w["c"])) if of.curve == "monotone" else (w["b"], w["c"])
    return float(w["a"] + sum(b[k] * np.tanh(c[k] * z + w["d"][k]) for k in range(3)))


def log_density_by_hand(of: GlobalEpistasis, w: dict[str, np.ndarray], z: float, y: float, dy: float) -> float:
    """With the distributions of scipy, in the units of y."""
    u = curve_by_hand(of, w, z)

    def number(letter: str) -> float:
        return float(np.exp(np.polyval([*w.get(f"{letter}_change", np.zeros(0))[::-1], w[letter][0]], u)))

    y_hat, s = 3.0 + 2.0 * u, 2.0 * (number("log_s") + 0.01)
    if of.noise_model == "gaussian":
        return float(stats.norm.logpdf(y, y_hat, s))
    if of.noise_model == "cauchy":
        return float(stats.cauchy.logpdf(y, y_hat, s))
    if of.noise_model == "empirical":
        return float(stats.norm.logpdf(y, y_hat, np.hypot(s, dy)))
    a, b = number("log_a"), number("log_b")
    mode = (a - b) * np.sqrt(a + b) / np.sqrt((2 * a + 1) * (2 * b + 1))
    return float(stats.jf_skew_t.logpdf(mode + (y - y_hat) / s, a, b) - np.log(s))


@each
def test_likelihoods_are_those_written_by_hand(curve: Curve, noise: NoiseModel, order: int) -> None:
    of, z, measured = process(curve, noise, order), phenotypes(2), data()
    w = weights_of(of, 2)
    found = of.log_likelihoods(z, w, measured)
    for member in range(2):
        own = {letter: values[member].numpy() for letter, values in w.items()}
        for number in range(N):
            y, dy = float(measured.y[0, number]), float(measured.dy[0, number])  # type: ignore[index]
            hand = log_density_by_hand(of, own, float(z[member, number]), y, dy) if number != 4 else 0.0
            assert float(found[member, number]) == pytest.approx(hand, rel=1e-9, abs=1e-9)
    assert torch.allclose(of.negative_log_likelihood(z, w, measured), -found.sum(1))
    assert torch.allclose(of.readout(z[:1], {k: v[:1] for k, v in w.items()})["value"], of.expectation(z, w)[0])


@each
def test_gradients_are_those_of_finite_differences(curve: Curve, noise: NoiseModel, order: int) -> None:
    of, measured = process(curve, noise, order), data(5)
    w = weights_of(of, 2)

    def value(z: torch.Tensor, *blocks: torch.Tensor) -> torch.Tensor:
        return of.negative_log_likelihood(z, dict(zip(w, blocks, strict=True)), measured)

    leaves = [leaf.clone().requires_grad_() for leaf in (phenotypes(2, 5), *w.values())]
    assert torch.autograd.gradcheck(value, leaves, atol=1e-6)


@each
def test_slopes_of_variants_add_up_to_the_gradient(curve: Curve, noise: NoiseModel, order: int) -> None:
    of, measured = process(curve, noise, order), data()
    w = {letter: values.requires_grad_() for letter, values in weights_of(of, 1).items()}
    z = phenotypes(1).requires_grad_()
    by_z, *by_weights = torch.autograd.grad(of.negative_log_likelihood(z, w, measured).sum(), [z, *w.values()])
    found = of.slopes(z, w, measured)
    assert torch.allclose(found.by_z, by_z[0], rtol=1e-12, atol=1e-12)
    whole = torch.cat([part.reshape(-1) for part in by_weights])
    assert torch.allclose(found.by_weights.sum(0), whole, rtol=1e-10, atol=1e-10)
    assert (found.by_weights[4] == 0).all(), "a variant without a value has no say"


@pytest.mark.parametrize("curve", CURVES)
def test_turning_phi_over_is_undone_by_the_blocks_that_say_so(curve: Curve) -> None:
    of, z = process(curve, "gaussian", 0), phenotypes(2)
    w = weights_of(of, 2)
    turned = {letter: -values if letter in of.turned else values for letter, values in w.items()}
    same = torch.allclose(of.expectation(-z, turned), of.expectation(z, w), rtol=1e-12)
    assert same == (curve != "monotone")
    if curve == "monotone":
        assert (of.expectation(z + 0.1, w) > of.expectation(z, w)).all()


def test_a_change_of_units_changes_the_density_as_units_do() -> None:
    w, z, measured = weights_of(process("free", "skew_t", 1), 1), phenotypes(1), data()
    plain = process("free", "skew_t", 1).log_likelihoods(z, w, measured)
    larger = ValueData(measured.y * 10.0, measured.weight, measured.dy)
    found = process("free", "skew_t", 1, ValueScale(30.0, 20.0)).log_likelihoods(z, w, larger)
    assert torch.allclose(found, plain - np.log(10.0) * measured.weight, rtol=1e-10)


@each
def test_what_is_simulated_lies_in_its_intervals(curve: Curve, noise: NoiseModel, order: int) -> None:
    of, n = process(curve, noise, order), 4000
    w, z = weights_of(of, 2), phenotypes(2, n)
    measured = ValueData(torch.zeros(1, n), torch.ones(1, n), torch.full((1, n), 0.4, dtype=torch.float64))
    drawn = of.simulate(z, w, measured, np.random.default_rng(5))
    assert drawn.y.shape == (2, n) and drawn.weight.shape == (2, n)
    lower, upper = of.interval(z, w, measured.dy, 0.8)
    inside = ((drawn.y.numpy() > lower) & (drawn.y.numpy() < upper)).mean(1)
    assert np.abs(inside - 0.8).max() < 4.0 * np.sqrt(0.8 * 0.2 / n)


def test_members_may_have_data_of_their_own() -> None:
    of, measured = process("monotone", "empirical", 0), data()
    w, z = weights_of(of, 2), phenotypes(2)
    weights = torch.from_numpy(np.random.default_rng(6).integers(0, 3, (2, N)).astype(float))
    own = measured.reweighted(weights)
    found = of.negative_log_likelihood(z, w, own)
    assert torch.allclose(found, -(of.log_likelihoods(z, w, measured) * weights).sum(1))
    one = own.of_members(torch.tensor([1]))
    second = {letter: values[1:] for letter, values in w.items()}
    assert torch.allclose(of.negative_log_likelihood(z[1:], second, one), found[1:])
    assert torch.equal(measured.of_members(torch.tensor([1])).y, measured.y)
    rows = torch.tensor([3, 7])
    assert torch.equal(own.take(rows).y, own.y[:, rows]) and torch.equal(own.n_observations, own.weight[0])


@each
def test_starts_fill_every_block(curve: Curve, noise: NoiseModel, order: int) -> None:
    of = process(curve, noise, order)
    found = of.initial(np.random.default_rng(1))
    assert {letter: values.shape for letter, values in found.items()} == {b.letter: b.shape for b in of.blocks}
    w = {letter: torch.from_numpy(values)[None] for letter, values in found.items()}
    ends = of.expectation(torch.tensor([[-2.0, 2.0]], dtype=torch.float64), w)[0]
    assert 0.5 < float(ends[1] - ends[0]) < 10.0, "a start rises with phi by about what the values vary"
