"""A kinetic scheme as a directed graph: whether it is connected, its spanning trees and its cycles.

Nothing here depends on the values of rates. Plain Python, so that a scheme is checked in Snakemake's own process
before any job starts. Several edges may lead from one state to another, as where a polymerase leaves an open complex
either by falling off or by starting a transcript; only affinities need to know which edge reverses which.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

Edge = tuple[str, int, int]
Tree = tuple[int, ...]

# The complete graph of seven states has 117,649 trees, that of eight 2,097,152.
_MOST_STATES_WITH_TREES = 7


@dataclass(frozen=True)
class RateGraph:
    """States and the transitions between them.

    Attributes:
        states: names of the states.
        edges: transitions as (name, number of the source state, number of the target state). Parallel edges are
            allowed: each is a channel of its own, and their rates add up.

    Raises:
        ValueError: fewer than two states, a name given twice, an edge from a state to itself or to no state.
    """

    states: tuple[str, ...]
    edges: tuple[Edge, ...]

    def __post_init__(self) -> None:
        """Refuse what is no graph."""
        if len(self.states) < 2:
            raise ValueError("a rate graph needs at least two states")
        for kind, names in (("states", self.states), ("edges", tuple(name for name, _, _ in self.edges))):
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                raise ValueError(f"{kind} of one name: {', '.join(repeated)}")
        for name, source, target in self.edges:
            if not (0 <= source < len(self.states) and 0 <= target < len(self.states)):
                raise ValueError(f"edge '{name}' joins states {source} and {target} of {len(self.states)}")
            if source == target:
                raise ValueError(f"edge '{name}' leads from state '{self.states[source]}' to itself")


class Unreachable(NamedTuple):
    """What keeps a graph from being strongly connected; false if nothing does.

    Attributes:
        not_entered: names of the states that no path from the first state enters.
        no_return: names of the states from which no path leads back to the first state: a sink is among them.
    """

    not_entered: tuple[str, ...]
    no_return: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is any such state."""
        return bool(self.not_entered or self.no_return)


class Cycle(NamedTuple):
    """A closed path along edges that can be walked both ways.

    Attributes:
        forward: numbers of its edges, in walking order.
        reverse: number of the reverse of each of them, in the same order.
    """

    forward: tuple[int, ...]
    reverse: tuple[int, ...]


def unreachable(graph: RateGraph) -> Unreachable:
    """States that cannot be reached from the first one, and states that cannot reach it.

    >>> unreachable(RateGraph(("free", "bound", "stuck"), (("on", 0, 1), ("off", 1, 0), ("jam", 1, 2))))
    Unreachable(not_entered=(), no_return=('stuck',))
    """
    ahead = _reached({(source, target) for _, source, target in graph.edges})
    back = _reached({(target, source) for _, source, target in graph.edges})
    return Unreachable(
        tuple(name for number, name in enumerate(graph.states) if number not in ahead),
        tuple(name for number, name in enumerate(graph.states) if number not in back),
    )


def _reached(steps: set[tuple[int, int]]) -> set[int]:
    reached, new = {0}, {0}
    while new:
        new = {target for source, target in steps if source in new} - reached
        reached |= new
    return reached


@lru_cache(maxsize=16)
def spanning_trees(graph: RateGraph) -> tuple[tuple[Tree, ...], ...]:
    """All directed spanning trees, by root: the diagrams of King & Altman (1956).

    In a tree every state but the root has exactly one of its outgoing edges, and all paths lead to the root.

    Returns:
        for each state the trees rooted there; a tree is the numbers of its edges in the order of the states they leave.

    Raises:
        ValueError: more than seven states: their trees are too many to list.
    """
    if len(graph.states) > _MOST_STATES_WITH_TREES:
        most = f"at most {_MOST_STATES_WITH_TREES} states"
        raise ValueError(f"spanning trees of {len(graph.states)} states are too many to list; {most}")
    leaving = tuple(
        tuple(number for number, (_, source, _) in enumerate(graph.edges) if source == state)
        for state in range(len(graph.states))
    )
    return tuple(tuple(_trees(graph, leaving, root, 0, {})) for root in range(len(graph.states)))


def _trees(
    graph: RateGraph, leaving: tuple[tuple[int, ...], ...], root: int, state: int, towards: dict[int, int]
) -> Iterator[Tree]:
    """Ways to complete a forest in which every state below ``state`` already has its edge ``towards`` another."""
    if state == len(leaving):
        yield ()
    elif state == root:
        yield from _trees(graph, leaving, root, state + 1, towards)
    else:
        for number in leaving[state]:
            end = target = graph.edges[number][2]
            while end in towards:
                end = towards[end]
            if end != state:
                for rest in _trees(graph, leaving, root, state + 1, towards | {state: target}):
                    yield (number, *rest)


def tree_count(graph: RateGraph) -> tuple[int, ...]:
    """Number of spanning trees rooted at each state, by the matrix-tree theorem (Tutte 1948).

    The determinant of the Laplacian (outgoing edges on the diagonal, minus the edges i -> j elsewhere) without row
    and column of the root; exact for graphs of any size.
    """
    n = len(graph.states)
    laplacian = [[0] * n for _ in range(n)]
    for _, source, target in graph.edges:
        laplacian[source][source] += 1
        laplacian[source][target] -= 1
    kept = [[state for state in range(n) if state != root] for root in range(n)]
    return tuple(_determinant([[laplacian[i][j] for j in states] for i in states]) for states in kept)


def _determinant(a: list[list[int]]) -> int:
    """Fraction-free elimination (Bareiss 1968) of a Laplacian's minor.

    Rows are never exchanged: diagonally dominant rows stay so under elimination, so a pivot of 0 means a row of 0.
    """
    previous = 1
    for k in range(len(a)):
        if a[k][k] == 0:
            return 0
        for i in range(k + 1, len(a)):
            for j in range(k + 1, len(a)):
                a[i][j] = (a[i][j] * a[k][k] - a[i][k] * a[k][j]) // previous
        previous = a[k][k]
    return previous


def fundamental_cycles(graph: RateGraph) -> tuple[Cycle, ...]:
    """A cycle basis of the reversible part of the graph: the undirected graph of all edges that have a reverse.

    The one edge back between the same two states is taken for an edge's reverse. Each pair that joins two states
    already joined by earlier pairs closes one cycle, walked along the pair's first edge. Edges without a reverse are
    left out: a cycle through one has no finite affinity.

    Raises:
        ValueError: two parallel edges one of which must be the reverse of another: which one is not told.
    """
    forest: list[list[tuple[int, int, int]]] = [[] for _ in graph.states]  # (target, edge, reverse) by source
    cycles = []
    for edge, reverse in _reversible(graph):
        _, source, target = graph.edges[edge]
        path = _path(forest, target, source, -1)
        if path is None:
            forest[source].append((target, edge, reverse))
            forest[target].append((source, reverse, edge))
        else:
            cycles.append(Cycle((edge, *(step for step, _ in path)), (reverse, *(step for _, step in path))))
    return tuple(cycles)


def reversible_cycles(graph: RateGraph) -> tuple[Cycle, ...]:
    """``fundamental_cycles``, or none where parallel edges leave open which of them has a reverse."""
    try:
        return fundamental_cycles(graph)
    except ValueError:
        return ()


def irreversible(graph: RateGraph) -> tuple[str, ...]:
    """Names of the edges between states that no edge joins the other way."""
    joined = {(source, target) for _, source, target in graph.edges}
    return tuple(name for name, source, target in graph.edges if (target, source) not in joined)


def _reversible(graph: RateGraph) -> Iterator[tuple[int, int]]:
    """Pairs of an edge and its reverse, in the order of their first edges."""
    between: dict[tuple[int, int], list[int]] = {}
    for number, (_, source, target) in enumerate(graph.edges):
        between.setdefault((source, target), []).append(number)
    for (source, target), there in between.items():
        back = between.get((target, source), [])
        if back and len(there) > 1:
            names = " and ".join(f"'{graph.edges[number][0]}'" for number in there)
            ends = f"from '{graph.states[source]}' to '{graph.states[target]}'"
            raise ValueError(
                f"edges {names} all lead {ends}: which of them has a reverse is not told, so no affinities"
            )
        if back and there[0] < back[0]:
            yield there[0], back[0]


def _path(
    forest: list[list[tuple[int, int, int]]], start: int, goal: int, origin: int
) -> tuple[tuple[int, int], ...] | None:
    """The (edge, reverse) steps through a forest from start to goal without turning back to origin, or None."""
    if start == goal:
        return ()
    for target, edge, reverse in forest[start]:
        if target != origin:
            rest = _path(forest, target, goal, start)
            if rest is not None:
                return ((edge, reverse), *rest)
    return None
