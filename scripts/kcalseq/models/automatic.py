"""States that a model does not list: every set of sites that can be bound together."""

from collections.abc import Mapping
from typing import Any

MOST_STATES = 4096


def listed_states(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The states of a model's YAML: as listed, or where it says ``auto`` all sets of sites that do not overlap.

    They come in the order of a binary count over the sites, so the first is the empty one. At most ``MOST_STATES`` + 1
    are made, which is enough to complain.
    """
    states = content.get("states", [])
    if states != "auto":
        return list(states)
    sets: list[tuple[str, ...]] = [()]
    for name, site in content["sites"].items():
        fitting = (bound for bound in list(sets) if not any(overlap(content["sites"][one], site) for one in bound))
        for bound in fitting:
            if len(sets) <= MOST_STATES:
                sets.append((*bound, name))
    return [{"bound": list(bound), "rate": _rate(content.get("transcribing", {}), bound)} for bound in sets]


def overlap(one: Mapping[str, int], two: Mapping[str, int]) -> range:
    """Positions that two sites share."""
    return range(max(one["start"], two["start"]), min(one["start"] + one["length"], two["start"] + two["length"]))


def _rate(transcribing: Mapping[str, str], bound: tuple[str, ...]) -> int | str:
    """Rate of the first transcribing site that is bound, 0 if none is."""
    return next((rate for site, rate in transcribing.items() if site in bound), 0)
