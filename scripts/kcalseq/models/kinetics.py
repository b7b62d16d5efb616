"""Kinetic schemes out of equilibrium: rates to stationary distribution, activity and affinities, in log space.

Three evaluators give the same stationary distribution. State reduction (Grassmann, Taksar & Heyman 1985) is the one
to fit with: it never subtracts, so every probability keeps its digits however far the rates lie apart. The linear
solve of the generator is the textbook way. Spanning trees (King & Altman 1956) are the one to read: the trees are to
a kinetic scheme what states are to an ensemble, and their softmax gives the probabilities (Tareen & Kinney,
arXiv 2001.03560, Fig. 3; its formula for a cycle of three states lacks two of the six trees).

Rates are in one unit of inverse time throughout; log rates must be finite, absent transitions have no edge.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.rate_graph import RateGraph, fundamental_cycles, spanning_trees, unreachable

Evaluator = Literal["reduction", "solve", "trees"]


def log_rates(energies: torch.Tensor, base: torch.Tensor, nu: torch.Tensor, kt: float) -> torch.Tensor:
    """Log rate of each edge, a_e - sum_f nu_ef G_f / kT: Arrhenius' law with energies shared among barriers.

    Args:
        energies: of the terms, shape (..., n_terms, n_variants), kcal/mol; negative is favourable.
        base: a_e, log rates where all energies are 0, shape (..., n_edges), nats.
        nu: how much of each term each edge feels, shape (n_edges, n_terms); -1 where leaving breaks the bond,
            fractions where binding and unbinding share the energy.
        kt: thermal energy, kcal/mol.

    Returns:
        nats, shape (..., n_edges, n_variants).
    """
    return base[..., None] + (nu / -kt) @ energies


def log_stationary(log_rates: torch.Tensor, graph: RateGraph, evaluator: Evaluator = "reduction") -> torch.Tensor:
    """Log probability of each state once the scheme has settled.

    Args:
        log_rates: shape (..., n_edges, n_variants), nats, finite.
        graph: the scheme.
        evaluator: ``reduction`` keeps full precision for rates of any size; ``trees`` does too, for at most seven
            states; ``solve`` loses to rounding up to as many digits as the smallest probability has zeros.

    Returns:
        nats, shape (..., n_states, n_variants); the exponentials add up to 1 over states.

    Raises:
        ValueError: the graph is not strongly connected, there is not one rate for each edge, or more than seven
            states for ``trees``.
        torch.linalg.LinAlgError: ``solve``, where rates lie too far apart for floating point.
    """
    missing = unreachable(graph)
    if missing:
        raise ValueError(
            f"not strongly connected: states never entered ({', '.join(missing.not_entered) or 'none'}), "
            f"states without return ({', '.join(missing.no_return) or 'none'})"
        )
    if log_rates.shape[-2] != len(graph.edges):
        raise ValueError(f"{log_rates.shape[-2]} log rates for {len(graph.edges)} edges")
    return _EVALUATORS[evaluator](log_rates, graph)


def log_activity(
    log_rates: torch.Tensor, graph: RateGraph, initiating: tuple[int, ...], evaluator: Evaluator = "reduction"
) -> torch.Tensor:
    """Log rate of transcription: log of the sum over initiating edges of P(source of e) k_e.

    Args:
        log_rates, graph, evaluator: as in ``log_stationary``.
        initiating: numbers of the edges that start a transcript; without any the activity is 0, its log minus infinity.

    Returns:
        nats, shape (..., n_variants), in the unit of the rates.
    """
    sources = [graph.edges[number][1] for number in initiating]
    log_p = log_stationary(log_rates, graph, evaluator)
    return torch.logsumexp(log_p[..., sources, :] + log_rates[..., list(initiating), :], -2)


def log_tree_weights(log_rates: torch.Tensor, graph: RateGraph) -> torch.Tensor:
    """Log weight of each spanning tree: the sum of its log rates.

    Returns:
        nats, shape (..., n_trees, n_variants), in the order of ``spanning_trees``, those of the first root first; a
        softmax over trees gives the share of each.

    Raises:
        ValueError: more than seven states.
    """
    return torch.from_numpy(_tree_edges(graph)).to(log_rates) @ log_rates


def cycle_affinities(log_rates: torch.Tensor, graph: RateGraph) -> torch.Tensor:
    """Affinity of each fundamental cycle: log of the product of its rates forward over that of their reverses.

    All are 0 where the reversible part of the scheme obeys detailed balance; times kT an affinity is the free energy
    spent in one turn (Schnakenberg 1976).

    Returns:
        nats, shape (..., n_cycles, n_variants), in the order of ``fundamental_cycles``.

    Raises:
        ValueError: parallel edges whose reverse is ambiguous.
    """
    return torch.from_numpy(_cycle_edges(graph)).to(log_rates) @ log_rates


def _by_reduction(log_rates: torch.Tensor, graph: RateGraph) -> torch.Tensor:
    """Grassmann-Taksar-Heyman: remove the last state again and again, sending its traffic on to where it leads.

    Only transitions that exist have an entry, so no gradient ever meets the logarithm of 0.
    """
    ways: dict[tuple[int, int], list[torch.Tensor]] = {}  # log rates of all ways from one state to another
    for number, (_, source, target) in enumerate(graph.edges):
        ways.setdefault((source, target), []).append(log_rates[..., number, :])
    entering: list[dict[int, torch.Tensor]] = [{} for _ in graph.states]  # rate from each lower state over exit rate
    for last in reversed(range(1, len(graph.states))):
        leaving = {state: _log_sum(ways[last, state]) for state in range(last) if (last, state) in ways}
        log_exit = _log_sum(list(leaving.values()))
        for source in range(last):
            if (source, last) in ways:
                entering[last][source] = _log_sum(ways[source, last]) - log_exit
                for target in leaving.keys() - {source}:
                    ways.setdefault((source, target), []).append(entering[last][source] + leaving[target])
    log_p = [torch.zeros_like(log_rates[..., 0, :])]
    for sources in entering[1:]:
        log_p.append(_log_sum([log_p[source] + passing for source, passing in sources.items()]))
    return torch.log_softmax(torch.stack(log_p, -2), -2)


def _log_sum(terms: Sequence[torch.Tensor]) -> torch.Tensor:
    return terms[0] if len(terms) == 1 else torch.logsumexp(torch.stack(list(terms)), 0)


def _by_solve(log_rates: torch.Tensor, graph: RateGraph) -> torch.Tensor:
    """Stationary probabilities as the solution of generator^T p = 0, with p = 1 for the first state in row 0.

    Pinned that way the rest is an M-matrix: its elimination loses fewer digits than with a row of ones.
    """
    n = len(graph.states)
    # A common factor changes nothing, so its gradient is 0 and the shift may be a constant.
    rates = (log_rates - log_rates.detach().amax(-2, keepdim=True)).exp()
    pinned = torch.zeros(n * n, dtype=rates.dtype, device=rates.device)
    pinned[0] = 1.0
    matrix = rates.mT @ torch.from_numpy(_generator_entries(graph)).to(rates) + pinned
    p = torch.linalg.solve(matrix.reshape(*matrix.shape[:-1], n, n), pinned[:n].expand(*matrix.shape[:-1], n))
    return torch.log_softmax(p.log().mT, -2)


def _by_trees(log_rates: torch.Tensor, graph: RateGraph) -> torch.Tensor:
    """King-Altman: the softmax over all trees, added up over the trees of each root."""
    of_roots = torch.split_with_sizes(
        log_tree_weights(log_rates, graph), [len(trees) for trees in spanning_trees(graph)], -2
    )
    return torch.log_softmax(torch.stack([torch.logsumexp(weights, -2) for weights in of_roots], -2), -2)


_EVALUATORS: dict[Evaluator, Callable[[torch.Tensor, RateGraph], torch.Tensor]] = {
    "reduction": _by_reduction,
    "solve": _by_solve,
    "trees": _by_trees,
}


@lru_cache(maxsize=16)
def _tree_edges(graph: RateGraph) -> NDArray[np.float64]:
    """Which edges each tree has, shape (n_trees, n_edges), entries 0 or 1."""
    trees = [tree for of_root in spanning_trees(graph) for tree in of_root]
    found = np.zeros((len(trees), len(graph.edges)))
    for row, tree in enumerate(trees):
        found[row, list(tree)] = 1.0
    return found


@lru_cache(maxsize=16)
def _cycle_edges(graph: RateGraph) -> NDArray[np.float64]:
    """Direction in which each cycle walks each edge, shape (n_cycles, n_edges), -1 for the reverse edges."""
    cycles = fundamental_cycles(graph)
    found = np.zeros((len(cycles), len(graph.edges)))
    for row, cycle in enumerate(cycles):
        found[row, list(cycle.forward)], found[row, list(cycle.reverse)] = 1.0, -1.0
    return found


@lru_cache(maxsize=16)
def _generator_entries(graph: RateGraph) -> NDArray[np.float64]:
    """Which entries of the transposed generator each rate adds to, row 0 left free, shape (n_edges, n_states ** 2)."""
    found = np.zeros((len(graph.edges), len(graph.states), len(graph.states)))
    for number, (_, source, target) in enumerate(graph.edges):
        found[number, target, source], found[number, source, source] = 1.0, -1.0
    found[:, 0] = 0.0
    return found.reshape(len(graph.edges), -1)
