"""Stationary distributions three ways, against exact arithmetic, closed forms and equilibrium."""

import math
from fractions import Fraction
from itertools import permutations
from typing import get_args

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kcalseq.models.ensemble import log_occupancies
from kcalseq.models.kinetics import (
    Evaluator,
    cycle_affinities,
    log_activity,
    log_rates,
    log_stationary,
    log_tree_weights,
)
from kcalseq.models.rate_graph import RateGraph, fundamental_cycles, spanning_trees, unreachable
from kcalseq.models.spec import ModelSpec
from kcalseq.models.states import state_matrix
from kcalseq.units import thermal_energy

KT = thermal_energy(37.0)
EVALUATORS: tuple[Evaluator, ...] = get_args(Evaluator)
# Tareen & Kinney (arXiv 2001.03560, Fig. 3): unbound, closed and open complex; k3 starts a transcript.
PAPER = RateGraph(("U", "C", "O"), (("k1", 0, 1), ("k-1", 1, 0), ("k2", 1, 2), ("k-2", 2, 1), ("k3", 2, 0)))
INITIATING = (4,)
# The four states of simple recruitment in the order of the state table, each transition both ways.
SQUARE = RateGraph(
    ("empty", "CRP", "RNAP", "both"),
    tuple((f"{i}{j}", i, j) for i, j in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 3), (3, 1), (2, 3), (3, 2)]),
)


def numbered(n_states: int, pairs: list[tuple[int, int]]) -> RateGraph:
    edges = tuple((f"e{number}", source, target) for number, (source, target) in enumerate(pairs))
    return RateGraph(tuple(f"s{state}" for state in range(n_states)), edges)


@st.composite
def schemes(draw: st.DrawFn, spread: float) -> tuple[RateGraph, torch.Tensor]:
    """A strongly connected graph of two to six states, some edges parallel, and log rates (n_edges, 1) in +-spread."""
    n_states = draw(st.integers(2, 6))
    pairs = draw(st.lists(st.sampled_from(list(permutations(range(n_states), 2))), max_size=16))
    missing = unreachable(numbered(n_states, pairs))
    pairs += [(0, int(name[1:])) for name in missing.not_entered]
    pairs += [(int(name[1:]), 0) for name in missing.no_return]
    rates = draw(st.lists(st.floats(-spread, spread), min_size=len(pairs), max_size=len(pairs)))
    return numbered(n_states, pairs), torch.tensor(rates, dtype=torch.float64)[:, None]


def random_rates(graph: RateGraph, shape: tuple[int, ...], sd: float, seed: int) -> torch.Tensor:
    """Normal log rates of shape (*shape[:-1], n_edges, shape[-1])."""
    size = (*shape[:-1], len(graph.edges), shape[-1])
    return torch.from_numpy(np.random.default_rng(seed).normal(0.0, sd, size))


def generator(graph: RateGraph, rates: list[float]) -> NDArray[np.float64]:
    """Generator with entry [i, j] the total rate from i to j; rows add up to 0."""
    q = np.zeros((len(graph.states), len(graph.states)))
    for (_, source, target), rate in zip(graph.edges, rates, strict=True):
        q[source, target] += rate
        q[source, source] -= rate
    return q


def exact_log_stationary(graph: RateGraph, rates: list[Fraction]) -> list[float]:
    """Logs of the stationary probabilities, by elimination in rational arithmetic."""
    n = len(graph.states)
    a = [[Fraction(0)] * (n + 1) for _ in range(n)]  # transposed generator; the last column is the right-hand side
    for (_, source, target), rate in zip(graph.edges, rates, strict=True):
        a[target][source] += rate
        a[source][source] -= rate
    a[-1] = [Fraction(1)] * (n + 1)
    for k in range(n):
        pivot = next(row for row in range(k, n) if a[row][k])
        a[k], a[pivot] = a[pivot], a[k]
        a[k] = [value / a[k][k] for value in a[k]]
        for row in range(n):
            if row != k:
                a[row] = [value - a[row][k] * above for value, above in zip(a[row], a[k], strict=True)]
    return [math.log(row[-1].numerator) - math.log(row[-1].denominator) for row in a]


@given(schemes(spread=1.0))
@settings(max_examples=80, deadline=None)
def test_three_evaluators_and_the_null_space_agree(scheme: tuple[RateGraph, torch.Tensor]) -> None:
    graph, rates = scheme
    found = [log_stationary(rates, graph, evaluator)[:, 0] for evaluator in EVALUATORS]
    null = scipy.linalg.null_space(generator(graph, rates[:, 0].exp().tolist()).T)[:, 0]
    for log_p in found:
        assert torch.allclose(log_p, found[0], rtol=0, atol=1e-10)
        assert log_p.exp().numpy() == pytest.approx(null / null.sum(), abs=1e-10)


@given(schemes(spread=35.0))
@settings(max_examples=80, deadline=None)
def test_reduction_and_trees_agree_over_thirty_decades(scheme: tuple[RateGraph, torch.Tensor]) -> None:
    graph, rates = scheme
    reduced, trees = log_stationary(rates, graph), log_stationary(rates, graph, "trees")
    assert torch.allclose(reduced, trees, rtol=0, atol=1e-12 * (1 + float(trees.abs().max())))


@given(schemes(spread=1.0), st.data())
@settings(max_examples=60, deadline=None)
def test_reduction_is_exact_over_thirty_decades(scheme: tuple[RateGraph, torch.Tensor], data: st.DataObject) -> None:
    graph, _ = scheme
    n = len(graph.edges)
    decades = data.draw(st.lists(st.integers(-15, 15), min_size=n, max_size=n))
    exact = exact_log_stationary(graph, [Fraction(10) ** decade for decade in decades])
    rates = torch.tensor(decades, dtype=torch.float64)[:, None] * math.log(10)
    assert log_stationary(rates, graph)[:, 0].tolist() == pytest.approx(exact, rel=1e-13, abs=1e-12)


def test_a_probability_of_1e_minus_150_keeps_its_digits() -> None:
    ladder = numbered(6, [pair for step in range(5) for pair in ((step, step + 1), (step + 1, step))])
    rates = torch.tensor([-15.0, 15.0] * 5, dtype=torch.float64)[:, None] * math.log(10)
    log10_p = log_stationary(rates, ladder)[:, 0] / math.log(10)
    assert log10_p.tolist() == pytest.approx([0, -30, -60, -90, -120, -150], abs=1e-12)


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_a_long_time_leads_to_the_stationary_distribution(evaluator: Evaluator) -> None:
    for graph in (PAPER, SQUARE):
        rates = random_rates(graph, (1,), 1.0, 3)
        settled = scipy.linalg.expm(generator(graph, rates[:, 0].exp().tolist()) * 1e3)
        for beginning in settled:
            assert log_stationary(rates, graph, evaluator)[:, 0].exp().numpy() == pytest.approx(beginning, abs=1e-11)


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_activity_of_the_paper_is_that_of_six_trees_not_of_the_four_printed(evaluator: Evaluator) -> None:
    log_k = random_rates(PAPER, (2, 100), 2.0, 1)
    k1, b1, k2, b2, k3 = log_k.exp().unbind(-2)
    six = k3 * k1 * k2 / (b1 * b2 + b1 * k3 + k2 * k3 + k1 * b2 + k1 * k3 + k1 * k2)
    four = k3 * k1 * k2 / (k2 * k3 + b2 * b1 + k3 * k1 + k1 * k2)
    found = log_activity(log_k, PAPER, INITIATING, evaluator)
    assert torch.allclose(found, six.log(), rtol=0, atol=1e-10)
    assert bool((four.log() > found + 1e-6).all())


def test_with_all_rates_one_the_cycle_of_the_paper_fires_once_in_six() -> None:
    log_k = torch.zeros(5, 1, dtype=torch.float64)
    assert log_stationary(log_k, PAPER)[:, 0].exp().tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 6], abs=1e-15)
    assert float(log_activity(log_k, PAPER, INITIATING).exp()) == pytest.approx(1 / 6, abs=1e-15)


def test_weights_of_trees_are_products_of_their_rates() -> None:
    log_k = torch.tensor([2.0, 3.0, 5.0, 7.0, 11.0], dtype=torch.float64).log()[:, None]
    order = [tuple(PAPER.edges[edge][0] for edge in tree) for trees in spanning_trees(PAPER) for tree in trees]
    found = dict(zip(order, log_tree_weights(log_k, PAPER)[:, 0].exp().tolist(), strict=True))
    by_hand = {("k1", "k2"): 10, ("k1", "k-2"): 14, ("k1", "k3"): 22} | {
        ("k-1", "k-2"): 21,
        ("k-1", "k3"): 33,
        ("k2", "k3"): 55,
    }
    assert found == pytest.approx(by_hand)
    assert log_stationary(log_k, PAPER)[:, 0].exp().tolist() == pytest.approx([109 / 155, 36 / 155, 10 / 155])


@given(schemes(spread=20.0), st.floats(-1e3, 1e3))
@settings(max_examples=60, deadline=None)
def test_a_common_factor_of_all_rates_scales_activity_only(
    scheme: tuple[RateGraph, torch.Tensor], shift: float
) -> None:
    graph, rates = scheme
    assert torch.allclose(log_stationary(rates + shift, graph), log_stationary(rates, graph), rtol=0, atol=1e-11)
    scaled = log_activity(rates + shift, graph, (0, 1))
    assert torch.allclose(scaled, log_activity(rates, graph, (0, 1)) + shift, rtol=0, atol=1e-11)


@given(schemes(spread=20.0))
@settings(max_examples=60, deadline=None)
def test_as_much_flows_into_each_state_as_out_of_it(scheme: tuple[RateGraph, torch.Tensor]) -> None:
    graph, rates = scheme
    log_p = log_stationary(rates, graph)
    assert float(log_p.exp().sum()) == pytest.approx(1.0, abs=1e-14)
    for state in range(len(graph.states)):
        flows = [
            torch.logsumexp(
                torch.stack([log_p[edge[1]] + rates[e] for e, edge in enumerate(graph.edges) if edge[end] == state]), 0
            )
            for end in (1, 2)
        ]
        assert float(flows[0]) == pytest.approx(float(flows[1]), abs=1e-11)


def test_activity_is_the_net_flow_of_binding() -> None:
    log_k = random_rates(PAPER, (50,), 1.0, 4)
    p, k = log_stationary(log_k, PAPER).exp(), log_k.exp()
    assert torch.allclose(log_activity(log_k, PAPER, INITIATING).exp(), p[0] * k[0] - p[1] * k[1], rtol=1e-12)


def test_parallel_edges_add_their_rates_and_only_initiating_ones_make_transcripts() -> None:
    double = RateGraph(PAPER.states, (*PAPER.edges, ("k4", 2, 0)))
    log_k = random_rates(double, (20,), 1.5, 5)
    single = torch.cat([log_k[:4], torch.logaddexp(log_k[4], log_k[5])[None]])
    for evaluator in EVALUATORS:
        log_p = log_stationary(log_k, double, evaluator)
        assert torch.allclose(log_p, log_stationary(single, PAPER), rtol=0, atol=1e-12)
        assert torch.allclose(log_activity(log_k, double, (4,), evaluator), log_p[2] + log_k[4], rtol=0, atol=1e-12)
    both = log_activity(log_k, double, (4, 5))
    assert torch.allclose(both, log_activity(single, PAPER, INITIATING), rtol=0, atol=1e-12)


@pytest.mark.parametrize("evaluator", EVALUATORS)
@pytest.mark.parametrize("graph", [PAPER, SQUARE, RateGraph(PAPER.states, (*PAPER.edges, ("k4", 2, 0)))])
def test_gradients_are_those_of_finite_differences(graph: RateGraph, evaluator: Evaluator) -> None:
    log_k = random_rates(graph, (2, 3), 1.0, 6).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: log_stationary(x, graph, evaluator), log_k)
    assert torch.autograd.gradcheck(lambda x: log_activity(x, graph, (2, 4), evaluator), log_k)


@given(schemes(spread=1.0))
@settings(max_examples=60, deadline=None)
def test_evaluators_have_one_gradient(scheme: tuple[RateGraph, torch.Tensor]) -> None:
    graph, rates = scheme
    weights = torch.linspace(-1.0, 2.0, len(graph.states), dtype=torch.float64)[:, None]
    found = [gradient(rates, graph, weights, evaluator) for evaluator in EVALUATORS]
    for one in found:
        assert torch.allclose(one, found[0], rtol=0, atol=1e-9)
    assert float(found[0].sum()) == pytest.approx(0.0, abs=1e-12)  # a common factor of all rates changes nothing


@given(schemes(spread=35.0))
@settings(max_examples=60, deadline=None)
def test_gradients_stay_right_over_thirty_decades(scheme: tuple[RateGraph, torch.Tensor]) -> None:
    graph, rates = scheme
    weights = torch.linspace(-1.0, 2.0, len(graph.states), dtype=torch.float64)[:, None]
    reduced = gradient(rates, graph, weights, "reduction")
    assert torch.allclose(reduced, gradient(rates, graph, weights, "trees"), rtol=0, atol=1e-11)


def gradient(rates: torch.Tensor, graph: RateGraph, weights: torch.Tensor, evaluator: Evaluator) -> torch.Tensor:
    """Derivative of a weighted sum of log probabilities by the log rates, shape (n_edges, 1)."""
    leaf = rates.clone().requires_grad_()
    (found,) = torch.autograd.grad((weights * log_stationary(leaf, graph, evaluator)).sum(), leaf)
    assert bool(found.isfinite().all())
    return found


def square_exponents(omega: torch.Tensor, share: float) -> torch.Tensor:
    """nu of SQUARE under detailed balance, (n_edges, n_terms): of each energy difference, first edges feel a share."""
    rows = []
    for number, (_, source, target) in enumerate(SQUARE.edges):
        rows.append((share if number % 2 == 0 else 1.0 - share) * (omega[target] - omega[source]))
    return torch.stack(rows)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_detailed_balance_gives_the_thermodynamic_ensemble(lac: ModelSpec, share: float, evaluator: Evaluator) -> None:
    omega, rng = torch.from_numpy(state_matrix(lac)), np.random.default_rng(7)
    g = torch.from_numpy(rng.normal(0.0, 1.0, (2, len(lac.terms), 40)))
    barriers = torch.from_numpy(rng.normal(0.0, 1.5, (2, 4))).repeat_interleave(2, -1)
    log_k = log_rates(g, barriers, square_exponents(omega, share), KT)
    state_energies = omega @ g
    for number, (_, source, target) in enumerate(SQUARE.edges[::2]):
        ratio = log_k[:, 2 * number] - log_k[:, 2 * number + 1]
        difference = state_energies[:, target] - state_energies[:, source]
        assert torch.allclose(ratio, -difference / KT, rtol=0, atol=1e-12)
    expected = log_occupancies(g, omega, KT)
    assert torch.allclose(log_stationary(log_k, SQUARE, evaluator), expected, rtol=0, atol=1e-10)
    affinities = cycle_affinities(log_k, SQUARE)
    assert torch.allclose(affinities, torch.zeros(2, 1, 40, dtype=torch.float64), rtol=0, atol=1e-12)


def test_a_driven_cycle_leaves_equilibrium_by_its_affinity(lac: ModelSpec) -> None:
    omega = torch.from_numpy(state_matrix(lac))
    g = torch.from_numpy(np.random.default_rng(8).normal(0.0, 1.0, (len(lac.terms), 10)))
    base = torch.zeros(8, dtype=torch.float64)
    base[SQUARE.edges.index(("23", 2, 3))] = 3.0
    log_k = log_rates(g, base, square_exponents(omega, 0.5), KT)
    (cycle,) = fundamental_cycles(SQUARE)
    walked = [SQUARE.edges[edge][0] for edge in cycle.forward]
    sign = 1.0 if "23" in walked else -1.0
    assert torch.allclose(cycle_affinities(log_k, SQUARE), torch.full((1, 10), sign * 3.0, dtype=torch.float64))
    moved = log_stationary(log_k, SQUARE) - log_occupancies(g, omega, KT)
    assert bool((moved.abs().amax(0) > 1e-2).all())


@pytest.mark.parametrize("n_states", [3, 4, 6])
def test_rates_from_a_potential_have_no_affinity_anywhere(n_states: int) -> None:
    graph, rng = numbered(n_states, list(permutations(range(n_states), 2))), np.random.default_rng(11)
    energy, barrier = rng.normal(0.0, 3.0, n_states), rng.normal(0.0, 3.0, (n_states, n_states))
    log_k = [energy[i] - max(barrier[i, j], barrier[j, i]) for _, i, j in graph.edges]
    found = cycle_affinities(torch.tensor(log_k, dtype=torch.float64)[:, None], graph)
    assert found.shape == ((n_states - 1) * (n_states - 2) // 2, 1)
    assert torch.allclose(found, torch.zeros_like(found), rtol=0, atol=1e-12)


def test_slow_initiation_reads_the_occupancy_at_equilibrium() -> None:
    g = torch.tensor([[-1.0, 0.5], [2.0, -0.7]], dtype=torch.float64)  # U to C, C to O; kcal/mol by variant
    nu = torch.tensor([[0, 0], [-1, 0], [0, 0], [0, -1], [0, 0]], dtype=torch.float64)
    base = torch.tensor([0.0, 0.0, 0.0, 0.0, -30.0], dtype=torch.float64)
    activity = log_activity(log_rates(g, base, nu, KT), PAPER, INITIATING)
    omega = torch.tensor([[0, 0], [1, 0], [1, 1]], dtype=torch.float64)
    assert torch.allclose(activity + 30.0, log_occupancies(g, omega, KT)[2], rtol=0, atol=1e-10)


def test_log_rates_by_hand() -> None:
    g = torch.tensor([[KT, -2 * KT], [0.0, KT]], dtype=torch.float64)
    nu = torch.tensor([[1.0, 0.0], [-0.5, 2.0]], dtype=torch.float64)
    found = log_rates(g, torch.tensor([[0.0, 1.0], [10.0, 20.0]], dtype=torch.float64), nu, KT)
    assert found.shape == (2, 2, 2)
    assert found[0].tolist() == [pytest.approx([-1.0, 2.0]), pytest.approx([1.5, -2.0])]
    assert found[1].tolist() == [pytest.approx([9.0, 12.0]), pytest.approx([20.5, 17.0])]


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_members_and_variants_do_not_see_their_company(evaluator: Evaluator) -> None:
    log_k = random_rates(SQUARE, (3, 5), 1.0, 9)
    together = log_stationary(log_k, SQUARE, evaluator)
    assert together.shape == (3, 4, 5)
    for member in range(3):
        for variant in range(5):
            alone = log_stationary(log_k[member, :, variant : variant + 1], SQUARE, evaluator)
            assert torch.allclose(together[member, :, variant], alone[:, 0], rtol=0, atol=1e-13)


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_numbers_of_the_states_do_not_matter(evaluator: Evaluator) -> None:
    log_k = random_rates(SQUARE, (6,), 1.0, 10)
    expected = log_stationary(log_k, SQUARE, evaluator)
    for order in permutations(range(4)):
        graph = numbered(4, [(order[source], order[target]) for _, source, target in SQUARE.edges])
        assert torch.allclose(log_stationary(log_k, graph, evaluator)[list(order)], expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_sinks_and_missing_rates_are_refused(evaluator: Evaluator) -> None:
    sink = RateGraph(("free", "bound", "stuck"), (("on", 0, 1), ("off", 1, 0), ("jam", 1, 2)))
    with pytest.raises(ValueError, match=r"states never entered \(none\), states without return \(stuck\)"):
        log_stationary(torch.zeros(3, 1, dtype=torch.float64), sink, evaluator)
    with pytest.raises(ValueError, match="6 log rates for 5 edges"):
        log_stationary(torch.zeros(6, 1, dtype=torch.float64), PAPER, evaluator)


def test_the_linear_solve_says_when_rates_lie_too_far_apart() -> None:
    rates = torch.tensor([-800.0, 800.0], dtype=torch.float64)[:, None]
    graph = numbered(2, [(1, 0), (0, 1)])
    with pytest.raises(torch.linalg.LinAlgError):
        log_stationary(rates, graph, "solve")
    assert log_stationary(rates, graph)[:, 0].tolist() == [-1600.0, 0.0]
