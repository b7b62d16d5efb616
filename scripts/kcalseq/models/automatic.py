"""States that a model does not list: every set of sites that can be bound together."""

from collections.abc import Mapping
from typing import Any

from kcalseq.models.registers import covered, scan_of

MOST_STATES = 4096


def listed_states(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The states of a model's YAML: as listed, or where it says ``auto`` all sets of sites that do not overlap.

    They come in the order of a binary count over the sites, so the first is the empty one. At most ``MOST_STATES`` + 1
    are made, which is enough to complain.
    """
    states = content.get("states", [])
    if states != "auto":
        return list(states)
    sites, length = content["sites"], content["sequence"]["length"]
    sets: list[tuple[str, ...]] = [()]
    for name, site in sites.items():
        fitting = (bound for bound in list(sets) if not any(overlap(sites[one], site, length) for one in bound))
        for bound in fitting:
            if len(sets) <= MOST_STATES:
                sets.append((*bound, name))
    return [{"bound": list(bound), "rate": _rate(content.get("transcribing", {}), bound)} for bound in sets]


def overlap(one: Mapping[str, Any], two: Mapping[str, Any], length: int) -> range:
    """Positions that two sites of variants of that length share; of a scanned site all that any register covers."""
    first, second = (covered(scan_of(site), length) for site in (one, two))
    return range(max(first.start, second.start), min(first.stop, second.stop))


def _rate(transcribing: Mapping[str, str], bound: tuple[str, ...]) -> int | str:
    """Rate of the first transcribing site that is bound, 0 if none is."""
    return next((rate for site, rate in transcribing.items() if site in bound), 0)
