"""States that a model does not list: every set of sites that can be bound together."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from kcalseq.models.distances import joined_by_distance
from kcalseq.models.registers import covered, scan_of

MOST_STATES = 4096


def listed_states(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The states of a model's YAML: as listed, or where it says ``auto`` all sets of sites that do not overlap.

    Its copies must be written out. States come in the order of a binary count over the sites, so the first is the empty
    one. At most ``MOST_STATES`` + 1 are made, which is enough to complain.
    """
    states = content.get("states", [])
    if states != "auto":
        return list(states)
    apart = never_together(content)
    sets: list[tuple[str, ...]] = [()]
    for name in content["sites"]:
        fitting = (bound for bound in list(sets) if not any(frozenset((one, name)) in apart for one in bound))
        for bound in fitting:
            if len(sets) <= MOST_STATES:
                sets.append((*bound, name))
    return [{"bound": list(bound), "rate": _rate(content.get("transcribing", {}), bound)} for bound in sets]


def never_together(content: Mapping[str, Any]) -> dict[frozenset[str], range]:
    """Pairs of sites that cannot be bound together, and the positions that they share; copies written out.

    Two whose interaction depends on their distance can: registers that overlap the other site drop out.
    """
    sites, length, joined = content["sites"], content["sequence"]["length"], joined_by_distance(content)
    pairs = (pair for pair in combinations(sites, 2) if frozenset(pair) not in joined)
    shared = {frozenset(pair): _overlap(sites[pair[0]], sites[pair[1]], length) for pair in pairs}
    return {pair: positions for pair, positions in shared.items() if positions}


def _overlap(one: Mapping[str, Any], two: Mapping[str, Any], length: int) -> range:
    """Positions that two sites of variants of that length share; of a scanned site all that any register covers."""
    first, second = (covered(scan_of(site), length) for site in (one, two))
    return range(max(first.start, second.start), min(first.stop, second.stop))


def _rate(transcribing: Mapping[str, str], bound: tuple[str, ...]) -> int | str:
    """Rate of the first transcribing site that is bound, 0 if none is."""
    return next((rate for site, rate in transcribing.items() if site in bound), 0)
