"""Checks of a kinetic model that a schema cannot express."""

from collections.abc import Iterator
from typing import Any

from kcalseq.errors import KcalseqError, did_you_mean
from kcalseq.models.rate_graph import RateGraph, unreachable
from kcalseq.yamlfile import Document


def check_transitions(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    """Complaints about the transitions of a model of kind kinetic."""
    transitions, sites = content.get("transitions", {}), content["sites"]
    if not transitions:
        yield KcalseqError(
            document.where(), "a kinetic model without transitions", "the list of transitions", "add 'transitions:'"
        )
        return
    for name, one in transitions.items():
        where = document.where(("transitions", name))
        if name in sites:
            found = f"'{name}' names both a site and a transition"
            yield KcalseqError(where, found, "one name for one thing", "rename one")
        if one["from"] == one["to"]:
            found = f"'{name}' leads from state '{one['from']}' to itself"
            yield KcalseqError(where, found, "two different states", "correct 'from' or 'to'")
        for site in one.get("energies", {}):
            if site not in sites:
                yield KcalseqError(where, f"'{site}' is no site", "a site of this model", did_you_mean(site, sites))
    for site in sites:
        if not any(one.get("energies", {}).get(site) for one in transitions.values()):
            found, expected = f"the energy of site '{site}' changes no transition", "at least one transition"
            remedy = "name it in the energies of a transition, or remove the site"
            yield KcalseqError(document.where(("sites", site)), found, expected, remedy)
    if not any(one.get("makes_transcript") for one in transitions.values()):
        found, remedy = "no transition makes a transcript", "add 'makes_transcript: true' to the one that does"
        yield KcalseqError(document.where(("transitions",)), found, "at least one", remedy)
    if all(one["from"] != one["to"] for one in transitions.values()):
        yield from _check_graph(document, transitions)


def _check_graph(document: Document, transitions: dict[str, Any]) -> Iterator[KcalseqError]:
    states = tuple(dict.fromkeys(name for one in transitions.values() for name in (one["from"], one["to"])))
    edges = ((name, states.index(one["from"]), states.index(one["to"])) for name, one in transitions.items())
    missing = unreachable(RateGraph(states, tuple(edges)))
    where = document.where(("transitions",))
    for name in missing.not_entered:
        found = f"no path leads from state '{states[0]}' to state '{name}'"
        yield KcalseqError(
            where, found, "every state within reach of every other", "add a transition, or correct a name"
        )
    for name in missing.no_return:
        found = f"no path leads from state '{name}' back to state '{states[0]}'"
        yield KcalseqError(
            where, found, "every state within reach of every other", "add a transition, or correct a name"
        )
