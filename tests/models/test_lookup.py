"""The table of log p(bin | phi): cubics come out exactly, curves to a small error, and the gradient is of the value."""

import numpy as np
import pytest
import torch

from kcalseq.models import bins, lookup, measurement
from kcalseq.models.bins import BinData, TanhBins
from kcalseq.models.measurement import MeasurementWeights

N_BINS, N_UNITS = 5, 4


def weights(slope: float) -> MeasurementWeights:
    rng = np.random.default_rng(0)
    a, b, d = rng.normal(size=(1, N_BINS)), rng.normal(size=(1, N_BINS, N_UNITS)), rng.normal(size=(1, N_UNITS))
    found = (torch.from_numpy(item) for item in (a, b, np.full((1, N_UNITS), slope), slope * d))
    return MeasurementWeights(*found)


def phenotypes(n: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(5).normal(size=(1, n)))


def counts(n: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(6).poisson(0.3, (1, N_BINS, n)).astype(float))


def value(z: torch.Tensor, of: MeasurementWeights, data: lookup.Observed) -> torch.Tensor:
    nodes = lookup.lattice(z[0])
    assert nodes is not None
    return lookup.negative_log_likelihood(z, of, data, nodes)


def tracked(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return tuple(tensor.clone().requires_grad_() for tensor in tensors)


def test_observed_are_the_counts_that_are_not_zero() -> None:
    found = lookup.observed(torch.tensor([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]]))
    assert list(zip(*(item.tolist() for item in found), strict=True)) == [(0, 1, 2.0), (1, 0, 1.0), (1, 2, 3.0)]


@pytest.mark.parametrize(("power", "slopes"), [(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0)])
def test_interpolation_is_exact_for_cubics(power: int, slopes: float) -> None:
    t = torch.linspace(0.0, 1.0, 11, dtype=torch.float64)
    nodes = torch.tensor([-1.0, 0.0, 1.0, 2.0], dtype=torch.float64) ** power
    shares, by_t = lookup._cubic(t)
    assert torch.allclose(sum(s * node for s, node in zip(shares, nodes, strict=True)), t**power, atol=1e-15)
    expected = slopes * t ** max(power - 1, 0)
    assert torch.allclose(sum(s * node for s, node in zip(by_t, nodes, strict=True)), expected, atol=1e-14)


@pytest.mark.parametrize("z", [[0.0], [-0.5, 0.25], [3.0 * lookup.STEP, -2.5 * lookup.STEP]])
def test_lattice_has_a_node_below_and_two_above_each_phenotype(z: list[float]) -> None:
    nodes = lookup.lattice(torch.tensor(z))
    assert nodes is not None
    for one in z:
        below = int(np.floor(one / lookup.STEP))
        assert below - 1 in nodes and below + 2 in nodes
    assert lookup.lattice(torch.tensor([*z, torch.nan])) is None
    assert lookup.lattice(torch.tensor([*z, torch.inf])) is None


# The error goes with the fourth power of the slope of the steepest unit.
@pytest.mark.parametrize(("slope", "most"), [(1.0, 1e-9), (3.0, 1e-7), (10.0, 1e-5)])
def test_value_and_gradient_are_those_of_every_variant_to_a_small_error(slope: float, most: float) -> None:
    n, of = 3000, weights(slope)
    z, data = phenotypes(n), counts(n)
    table, direct = tracked(z, *of), tracked(z, *of)
    found = value(table[0], MeasurementWeights(*table[1:]), lookup.observed(data[0]))
    expected = measurement.negative_log_likelihood(direct[0], MeasurementWeights(*direct[1:]), data)
    assert found.item() == pytest.approx(expected.item(), abs=most * float(data.sum()))
    wanted = torch.autograd.grad(expected.sum(), direct)
    for one, other in zip(torch.autograd.grad(found.sum(), table), wanted, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e3 * most * (1 + float(other.abs().max())))


def test_gradient_is_that_of_finite_differences() -> None:
    # Phenotypes in the middle between nodes: at a node the slope has a step of the size of the error.
    z, of, data = (phenotypes(6) / lookup.STEP).round() * lookup.STEP + 0.5 * lookup.STEP, weights(1.0), counts(6)

    def of_all(z: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        return value(z, MeasurementWeights(*rest), lookup.observed(data[0]))

    assert torch.autograd.gradcheck(of_all, tracked(z, *of))


def test_the_table_is_for_many_variants_of_few_observations(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    own = lookup.negative_log_likelihood
    monkeypatch.setattr(lookup, "negative_log_likelihood", lambda *args: used.append(len(args[3])) or own(*args))
    process = TanhBins(tuple(range(N_BINS)), N_UNITS, 1.0)

    def negative_log_likelihood(z: torch.Tensor, data: torch.Tensor) -> float:
        return process.negative_log_likelihood(z, weights(1.0)._asdict(), BinData(data)).item()

    few, many = phenotypes(100), phenotypes(2 * bins._TABLE_FROM)
    negative_log_likelihood(few, counts(100))
    negative_log_likelihood(many, counts(many.shape[1]) + 1.0)
    far = many.clone()
    far[0, 0] = 1e3
    negative_log_likelihood(far, counts(many.shape[1]))
    assert used == []
    negative_log_likelihood(many, counts(many.shape[1]))
    assert len(used) == 1
    broken = many.clone()
    broken[0, 0] = torch.nan
    assert np.isnan(negative_log_likelihood(broken, counts(many.shape[1])))
