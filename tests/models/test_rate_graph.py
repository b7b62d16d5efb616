"""Spanning trees, connection and cycles of small graphs, against enumeration and against the matrix-tree theorem."""

import subprocess
import sys
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.models.rate_graph import (
    Cycle,
    RateGraph,
    Unreachable,
    fundamental_cycles,
    spanning_trees,
    tree_count,
    unreachable,
)

# Tareen & Kinney (arXiv 2001.03560, Fig. 3): unbound, closed and open complex; k3 starts a transcript.
PAPER = RateGraph(("U", "C", "O"), (("k1", 0, 1), ("k-1", 1, 0), ("k2", 1, 2), ("k-2", 2, 1), ("k3", 2, 0)))


def numbered(n_states: int, pairs: list[tuple[int, int]]) -> RateGraph:
    """Graph with states named s0, s1, ... and edges named e0, e1, ..."""
    edges = tuple((f"e{number}", source, target) for number, (source, target) in enumerate(pairs))
    return RateGraph(tuple(f"s{state}" for state in range(n_states)), edges)


def complete(n_states: int) -> RateGraph:
    return numbered(n_states, list(permutations(range(n_states), 2)))


@st.composite
def graphs(draw: st.DrawFn, parallel: bool = True) -> RateGraph:
    """Any graph of two to five states and up to ten edges, connected or not."""
    n_states = draw(st.integers(2, 5))
    pair = st.sampled_from(list(permutations(range(n_states), 2)))
    return numbered(n_states, draw(st.lists(pair, max_size=10, unique=not parallel)))


def walks_to(graph: RateGraph, edges: tuple[int, ...], root: int) -> bool:
    """Whether these edges lead from every state to the root, one edge out of every other state."""
    towards = {graph.edges[number][1]: graph.edges[number][2] for number in edges}
    if len(towards) < len(edges) or root in towards or len(edges) != len(graph.states) - 1:
        return False
    for start in range(len(graph.states)):
        state = start
        for _ in graph.states:
            state = towards.get(state, root)
        if state != root:
            return False
    return True


def test_the_cycle_of_the_paper_has_six_trees() -> None:
    named = [{frozenset(PAPER.edges[e][0] for e in tree) for tree in trees} for trees in spanning_trees(PAPER)]
    assert named == [
        {frozenset({"k-1", "k-2"}), frozenset({"k-1", "k3"}), frozenset({"k2", "k3"})},
        {frozenset({"k1", "k-2"}), frozenset({"k1", "k3"})},
        {frozenset({"k1", "k2"})},
    ]
    assert tree_count(PAPER) == (3, 2, 1)


@given(graphs())
@settings(max_examples=80, deadline=None)
def test_trees_are_those_found_by_trying_all_sets_of_edges(graph: RateGraph) -> None:
    sets = list(combinations(range(len(graph.edges)), len(graph.states) - 1))
    for root, trees in enumerate(spanning_trees(graph)):
        assert sorted(tuple(sorted(tree)) for tree in trees) == [
            edges for edges in sets if walks_to(graph, edges, root)
        ]


@given(graphs())
@settings(max_examples=80, deadline=None)
def test_tree_count_is_number_of_trees_and_the_determinant(graph: RateGraph) -> None:
    laplacian = np.zeros((len(graph.states), len(graph.states)))
    for _, source, target in graph.edges:
        laplacian[source, source] += 1
        laplacian[source, target] -= 1
    for root, (trees, count) in enumerate(zip(spanning_trees(graph), tree_count(graph), strict=True)):
        minor = np.delete(np.delete(laplacian, root, 0), root, 1)
        assert len(trees) == count == round(np.linalg.det(minor))


@pytest.mark.parametrize("n_states", [2, 3, 4, 5, 6])
def test_complete_graphs_have_as_many_trees_as_cayley_counts(n_states: int) -> None:
    assert tree_count(complete(n_states)) == (n_states ** (n_states - 2),) * n_states
    assert [len(trees) for trees in spanning_trees(complete(n_states))] == [n_states ** (n_states - 2)] * n_states


def test_trees_of_large_graphs_are_counted_but_not_listed() -> None:
    assert tree_count(complete(20)) == (20**18,) * 20
    ring = numbered(8, [(state, (state + 1) % 8) for state in range(8)])
    with pytest.raises(ValueError, match="spanning trees of 8 states are too many to list; at most 7 states"):
        spanning_trees(ring)
    assert [len(trees) for trees in spanning_trees(numbered(7, [(i, (i + 1) % 7) for i in range(7)]))] == [1] * 7


def test_parallel_edges_make_trees_of_their_own() -> None:
    graph = numbered(2, [(0, 1), (0, 1), (1, 0)])
    assert spanning_trees(graph) == (((2,),), ((0,), (1,)))
    assert tree_count(graph) == (1, 2)


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([(0, 1), (1, 2), (2, 0)], Unreachable((), ())),
        ([(0, 1), (1, 0), (1, 2)], Unreachable((), ("s2",))),
        ([(0, 1), (1, 0), (2, 1)], Unreachable(("s2",), ())),
        ([(1, 2), (2, 1)], Unreachable(("s1", "s2"), ("s1", "s2"))),
        ([(0, 1), (1, 2), (2, 1)], Unreachable((), ("s1", "s2"))),
    ],
)
def test_states_never_entered_and_sinks_are_named(pairs: list[tuple[int, int]], found: Unreachable) -> None:
    assert unreachable(numbered(3, pairs)) == found
    assert bool(unreachable(numbered(3, pairs))) == (found != Unreachable((), ()))


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_reach_is_that_of_powers_of_the_adjacency_matrix(graph: RateGraph) -> None:
    steps = np.eye(len(graph.states), dtype=int)
    for _, source, target in graph.edges:
        steps[source, target] = 1
    reach = np.linalg.matrix_power(steps, len(graph.states)) > 0
    found = unreachable(graph)
    assert found.not_entered == tuple(np.array(graph.states)[~reach[0]])
    assert found.no_return == tuple(np.array(graph.states)[~reach[:, 0]])
    assert bool(found) == (not reach.all())


def test_a_square_of_reversible_edges_has_one_cycle() -> None:
    pairs = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 3), (3, 1), (2, 3), (3, 2)]
    assert fundamental_cycles(numbered(4, pairs)) == (Cycle((6, 5, 1, 2), (7, 4, 0, 3)),)


def test_irreversible_edges_are_in_no_cycle() -> None:
    assert fundamental_cycles(PAPER) == ()
    assert fundamental_cycles(numbered(3, [(0, 1), (1, 2), (2, 0)])) == ()


@given(graphs(parallel=False))
@settings(max_examples=100, deadline=None)
def test_cycles_are_a_basis_of_closed_paths(graph: RateGraph) -> None:
    cycles, ends = fundamental_cycles(graph), [edge[1:] for edge in graph.edges]
    signed = np.zeros((len(cycles), len(ends)))
    for row, cycle in enumerate(cycles):
        path = [ends[edge] for edge in cycle.forward]
        assert [ends[edge] for edge in cycle.reverse] == [(target, source) for source, target in path]
        assert [target for _, target in path] == [source for source, _ in path[1:] + path[:1]]
        assert len(path) > 2
        assert len({source for source, _ in path}) == len(path)
        signed[row, list(cycle.forward)], signed[row, list(cycle.reverse)] = 1, -1
    pairs = {frozenset(pair) for pair in ends if pair[::-1] in ends}
    assert len(cycles) == len(pairs) - len(graph.states) + n_components(len(graph.states), pairs)
    assert not cycles or np.linalg.matrix_rank(signed) == len(cycles)


def n_components(n_states: int, pairs: set[frozenset[int]]) -> int:
    steps = np.eye(n_states, dtype=int)
    for one, two in pairs:
        steps[one, two] = steps[two, one] = 1
    return len({tuple(row) for row in np.linalg.matrix_power(steps, n_states) > 0})


def test_affinities_of_ambiguous_reverses_are_refused() -> None:
    graph = RateGraph(("U", "O"), (("bind", 0, 1), ("unbind", 1, 0), ("initiate", 1, 0)))
    with pytest.raises(ValueError, match="edges 'unbind' and 'initiate' all lead from 'O' to 'U'"):
        fundamental_cycles(graph)
    one_way = RateGraph(("U", "C", "O"), (*PAPER.edges, ("k4", 2, 0)))
    assert fundamental_cycles(one_way) == ()


@pytest.mark.parametrize(
    ("states", "edges", "message"),
    [
        (("A",), (), "at least two states"),
        (("A", "B", "A"), (), "states of one name: A"),
        (("A", "B"), (("k", 0, 1), ("k", 1, 0)), "edges of one name: k"),
        (("A", "B"), (("k", 0, 2),), "edge 'k' joins states 0 and 2 of 2"),
        (("A", "B"), (("k", -1, 1),), "edge 'k' joins states -1 and 1 of 2"),
        (("A", "B"), (("k", 1, 1),), "edge 'k' leads from state 'B' to itself"),
    ],
)
def test_what_is_no_graph_is_refused(
    states: tuple[str, ...], edges: tuple[tuple[str, int, int], ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        RateGraph(states, edges)


def test_graphs_load_without_numpy_and_torch() -> None:
    code = "import sys, kcalseq.models.rate_graph; print({'numpy', 'torch'} & set(sys.modules))"
    scripts = str(Path(__file__).parents[2] / "scripts")
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": scripts}, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr
