"""How far a scanned site sits from a site at a fixed place, and which step of an interaction's energy that is.

An interaction by distance has a step for each two neighbouring edges: edges 0, 5, 10 make one for 0 to 4 bases between
the two footprints and one for 5 to 9. Before the first edge and from the last one on its energy is 0. Plain Python, so
that a model is checked in Snakemake's own process before any job starts; ``distance_energy`` holds the energies.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from kcalseq.models.registers import Register, Scan, registers


def steps(edges: Sequence[int]) -> tuple[range, ...]:
    """Distances of each step, nt.

    >>> steps((0, 5, 6))
    (range(0, 5), range(5, 6))
    """
    return tuple(range(first, stop) for first, stop in pairwise(edges))


def step_name(interaction: str, step: range) -> str:
    """Name of the energy of a step.

    >>> [step_name("crp_rnap", step) for step in steps((0, 5, 6))]
    ['crp_rnap[0-4]', 'crp_rnap[5]']
    """
    return f"{interaction}[{step[0]}-{step[-1]}]" if len(step) > 1 else f"{interaction}[{step[0]}]"


def distance(scan: Scan, register: Register, fixed: range) -> int | None:
    """Bases between the footprint of a register, its spacer included, and the positions ``fixed``, on either side.

    None where they overlap.

    >>> [distance(Scan((3,), (0, 1, 7)), Register(start, None, "+"), range(4, 6)) for start in (0, 1, 2, 7)]
    [1, 0, None, 1]
    """
    stop = register.start + scan.footprint(register.spacer)
    between = max(fixed.start - stop, register.start - fixed.stop)
    return between if between >= 0 else None


@lru_cache(maxsize=64)
def step_numbers(scan: Scan, length: int, fixed: range, edges: tuple[int, ...]) -> tuple[int | None, ...]:
    """Number of the step of each register that fits into variants of a length, in the order of ``registers``.

    The count of steps where a register is in none of them, None where it overlaps the positions ``fixed``.
    """
    known, found = steps(edges), []
    for register in registers(scan, length):
        between = distance(scan, register, fixed)
        inside = (number for number, step in enumerate(known) if between in step)
        found.append(None if between is None else next(inside, len(known)))
    return tuple(found)


def joined_by_distance(content: Mapping[str, Any]) -> set[frozenset[str]]:
    """Pairs of sites of a model's YAML whose interaction depends on their distance.

    They may be bound together though the range of the one overlaps the other: registers that overlap it drop out.
    """
    items = content.get("interactions", {}).values()
    return {frozenset(item["between"]) for item in items if "by_distance" in item}
