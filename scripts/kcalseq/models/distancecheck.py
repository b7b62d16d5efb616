"""Checks of interactions by distance that a schema cannot express."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from kcalseq.errors import KcalseqError
from kcalseq.models.distances import step_numbers, steps
from kcalseq.models.registers import covered, is_scanned, scan_of
from kcalseq.wording import bases
from kcalseq.yamlfile import Document


def distance_errors(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    """Complaints about interactions by distance of a model that is sound but for these, its copies written out."""
    by_distance = {name: item for name, item in content.get("interactions", {}).items() if "by_distance" in item}
    errors = [error for name, item in by_distance.items() for error in _errors(document, content, name, item)]
    yield from errors or _joined_twice(document, content, by_distance)


def _errors(document: Document, content: dict[str, Any], name: str, item: dict[str, Any]) -> Iterator[KcalseqError]:
    where, edges = document.where(("interactions", name, "by_distance")), item["by_distance"]
    if any(one >= two for one, two in pairwise(edges)):
        found = f"edges {', '.join(map(str, edges))} of interaction '{name}'"
        yield KcalseqError(where, found, "edges that rise", "sort them and write each once")
        return
    sites, length = content["sites"], content["sequence"]["length"]
    scanned = [site for site in item["between"] if is_scanned(sites[site])]
    if len(scanned) != 1:
        which = "both sites" if scanned else "neither site"
        found = f"{which} of interaction '{name}' by distance may move"
        expected = "a scanned site and a site at a fixed place"
        remedy = "fix one of them" if scanned else "remove by_distance: their distance is one number"
        yield KcalseqError(where, found, expected, remedy)
        return
    (fixed,) = set(item["between"]) - set(scanned)
    place = covered(scan_of(sites[fixed]), length)
    numbers = step_numbers(scan_of(sites[scanned[0]]), length, place, tuple(edges))
    if all(number is None for number in numbers):
        found = f"site '{scanned[0]}' overlaps '{fixed}' wherever it sits"
        yield KcalseqError(where, found, "a register beside it", "allow other starts, or remove the interaction")
        return
    for at, step in enumerate(steps(edges)):
        if at not in numbers:
            found = f"'{scanned[0]}' never lies {bases(step[0], step[-1])} from '{fixed}'"
            yield KcalseqError(where, found, "steps that some register meets", "join the step with the one beside it")


def _joined_twice(
    document: Document, content: dict[str, Any], by_distance: dict[str, dict[str, Any]]
) -> Iterator[KcalseqError]:
    """Each adds its energy to every register: of two at once the sum over registers does not come apart."""
    for number, state in enumerate(content["states"]):
        on = {name: item for name, item in by_distance.items() if set(item["between"]) <= set(state["bound"])}
        for site in (name for name in state["bound"] if is_scanned(content["sites"][name])):
            own = [name for name, item in on.items() if site in item["between"]]
            if len(own) > 1:
                listed = isinstance(document.content["states"], list)
                found = f"with {', '.join(state['bound'])} bound, '{site}' has {' and '.join(own)} by distance at once"
                remedy = "leave the state out, or make one of them a plain interaction"
                where = document.where(("states", number) if listed else ("states",))
                yield KcalseqError(where, found, "at most one by distance in any state", remedy)
                return
