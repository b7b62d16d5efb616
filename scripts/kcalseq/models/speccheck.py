"""Checks of a model that a schema cannot express, as a compiler checks a program: all complaints, with lines."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from kcalseq.errors import KcalseqError, KcalseqErrors, did_you_mean
from kcalseq.models.automatic import MOST_STATES, listed_states, never_together
from kcalseq.models.boxspec import box_errors
from kcalseq.models.copies import copy_errors, originals, written_out
from kcalseq.models.distancecheck import distance_errors
from kcalseq.models.kineticcheck import check_transitions
from kcalseq.models.measurementcheck import check_measurement
from kcalseq.models.registers import is_scanned, scan_of
from kcalseq.models.scancheck import scan_errors
from kcalseq.yamlfile import Document


def check_model(document: Document) -> None:
    """Check a model that has passed its schema.

    Raises:
        KcalseqErrors: every complaint about sequence, sites, interactions and states.
    """
    content = {"sites": {}, **document.content}
    errors = [*_check_sequence(document, content), *_check_sites(document, content)]
    errors += _check_keys(document, document.content)
    errors += copy_errors(document, content)
    if not errors:
        content = {**content, "sites": written_out(content["sites"])}
    errors += check_measurement(document, content.get("measurement", {}))
    if content["kind"] == "black_box":
        errors += box_errors(document, content)
    elif content["kind"] in _WITH_SITES and not content["sites"]:
        found, remedy = f"{_a(content['kind'])} model without sites", "add 'sites:'"
        errors.append(KcalseqError(document.where(), found, "its binding sites", remedy))
    elif content["kind"] == "kinetic":
        errors += check_transitions(document, content)
    elif content["kind"] == "additive":
        errors += _check_additive(document, content)
    elif not errors:
        errors += _check_auto(document, content)
    if content["kind"] == "thermodynamic" and not errors:
        listed = {**content, "states": listed_states(content)} if "states" in content else content
        errors += [*_check_interactions(document, listed), *_check_states(document, listed)]
        errors += [] if errors else distance_errors(document, listed)
    if errors:
        raise KcalseqErrors(errors)


def _check_sequence(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    wildtype, length = content["sequence"].get("wildtype"), content["sequence"]["length"]
    if wildtype is not None and len(wildtype) != length:
        yield KcalseqError(
            document.where(("sequence", "wildtype")),
            f"the wild type has {len(wildtype)} bases",
            f"{length}, the length of every variant",
            "correct wildtype or length",
        )


def _check_sites(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    length = content["sequence"]["length"]
    for name, site in originals(content["sites"]).items():
        errors = list(scan_errors(document, name, site, length))
        yield from errors
        if not errors and "published" in site:
            yield from _check_published(document, name, site, content["kind"])
        if errors or is_scanned(site):
            continue
        stop = site["start"] + site["length"]
        if stop > length:
            yield KcalseqError(
                document.where(("sites", name)),
                f"site '{name}' covers positions {site['start']} to {stop - 1}",
                f"positions within 0 to {length - 1}",
                "correct its start or length",
            )


def _check_published(document: Document, name: str, site: dict[str, Any], kind: str) -> Iterator[KcalseqError]:
    where, length = document.where(("sites", name, "published")), scan_of(site).length
    rows = len(site["published"]["energies"])
    if rows != length:
        found = f"site '{name}' has {length} bases and {rows} rows of published energies"
        yield KcalseqError(where, found, "one row a base", "correct length or energies")
    if kind == "additive":
        found = f"published energies of site '{name}' in an additive model"
        remedy = "remove published: additive energies have no scale"
        yield KcalseqError(where, found, "none", remedy)


_WITH_SITES = ("thermodynamic", "kinetic", "additive")
_KIND_OF_KEY = {
    "sites": _WITH_SITES,
    "prior": _WITH_SITES,
    "temperature_celsius": _WITH_SITES,
    "network": ("black_box",),
    "states": ("thermodynamic",),
    "transcribing": ("thermodynamic",),
    "interactions": ("thermodynamic",),
    "transitions": ("kinetic",),
}


def _check_keys(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    kind = content["kind"]
    for key, kinds in _KIND_OF_KEY.items():
        if key in content and kind not in kinds:
            remedy = f"remove {key} or set kind: {kinds[0]}"
            yield KcalseqError(document.where((key,)), f"{_a(kind)} model with {key}", "none", remedy)


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _check_auto(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    where, transcribing = document.where(("transcribing",)), content.get("transcribing", {})
    if content.get("states") != "auto":
        if transcribing:
            yield KcalseqError(
                where, "transcribing sites beside listed states", "states: auto", "remove one of the two"
            )
        return
    if not transcribing:
        found, remedy = "states: auto without transcribing sites", "add 'transcribing: {SITE: RATE}'"
        yield KcalseqError(document.where(("states",)), found, "the sites whose binding means transcription", remedy)
    for name in transcribing:
        if name not in content["sites"]:
            remedy = did_you_mean(name, content["sites"])
            yield KcalseqError(where, f"'{name}' is no site", "a site of this model", remedy)
    states = listed_states(content)
    if len(states) > MOST_STATES:
        remedy = "list the states that matter, or drop sites"
        yield KcalseqError(document.where(("states",)), "more states than fit", f"at most {MOST_STATES}", remedy)
    for state in states:
        rates = sorted({rate for site, rate in transcribing.items() if site in state["bound"]})
        if len(rates) > 1:
            found = f"{' and '.join(state['bound'])} bound together would transcribe at {' and '.join(rates)}"
            yield KcalseqError(where, found, "one rate a state", "give them one rate, or list the states")
            return


def _check_additive(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    if len(content["sites"]) != 1:
        yield KcalseqError(
            document.where(("sites",)),
            f"{len(content['sites'])} sites",
            "one site in an additive model",
            "join them into one",
        )


def _check_interactions(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    sites = content["sites"]
    bound_sets = [set(state["bound"]) for state in content.get("states", [])]
    for name, item in content.get("interactions", {}).items():
        where = document.where(("interactions", name))
        if name in sites:
            yield KcalseqError(
                where, f"'{name}' names both a site and an interaction", "one name for one thing", "rename one"
            )
        unknown = [site for site in item["between"] if site not in sites]
        for site in unknown:
            yield KcalseqError(where, f"'{site}' is no site", "a site of this model", did_you_mean(site, sites))
        if item["between"][0] == item["between"][1]:
            yield KcalseqError(
                where, f"'{item['between'][0]}' interacts with itself", "two sites", "name the second site"
            )
        elif not unknown and not any(bound.issuperset(item["between"]) for bound in bound_sets):
            both = " and ".join(item["between"])
            yield KcalseqError(
                where,
                f"no state binds {both} together",
                "a state in which the interaction occurs",
                "add the state or remove the interaction",
            )


def _check_states(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    states = content.get("states")
    if states is None:
        yield KcalseqError(
            document.where(), "a thermodynamic model without states", "the list of states", "add 'states:'"
        )
        return
    seen: dict[frozenset[str], int] = {}
    apart = never_together(content)
    for number, state in enumerate(states):
        yield from _check_state(document, content, number, seen, apart)
        seen.setdefault(frozenset(state["bound"]), number)
    if frozenset() not in seen:
        yield KcalseqError(
            document.where(("states",)),
            "no state with nothing bound",
            "one reference state of energy 0",
            "add '{bound: [], rate: 0}'",
        )
    for site in content["sites"]:
        if not any(site in state["bound"] for state in states):
            yield KcalseqError(
                document.where(("sites", site)),
                f"site '{site}' is bound in no state",
                "at least one state",
                "add a state or remove the site",
            )
    yield from _check_rates(document, content, states)


def _check_state(
    document: Document,
    content: dict[str, Any],
    number: int,
    seen: dict[frozenset[str], int],
    apart: Mapping[frozenset[str], range],
) -> Iterator[KcalseqError]:
    sites, bound = content["sites"], content["states"][number]["bound"]
    where = document.where(("states", number))
    for name in bound:
        if name not in sites:
            yield KcalseqError(where, f"'{name}' is no site", "a site of this model", did_you_mean(name, sites))
    if len(set(bound)) < len(bound):
        yield KcalseqError(where, "a site is bound twice", "each site once", "remove the repetition")
    if frozenset(bound) in seen:
        first = seen[frozenset(bound)] + 1
        yield KcalseqError(
            where, f"the same sites are bound as in state {first}", "each state once", "remove one of the two"
        )
    for one, two in combinations(bound, 2):
        shared = apart.get(frozenset((one, two)))
        if shared:
            yield KcalseqError(
                where,
                f"'{one}' and '{two}' are bound together but share positions {shared[0]} to {shared[-1]}",
                "sites bound together that do not overlap",
                "remove the state or correct the sites",
            )


def _check_rates(document: Document, content: dict[str, Any], states: list[dict[str, Any]]) -> Iterator[KcalseqError]:
    rates = [state["rate"] for state in states]
    names = sorted({rate for rate in rates if rate != 0})
    where = document.where(("states",))
    # With several rates the activity varies even where every state transcribes.
    if not names or (0 not in rates and len(names) == 1):
        found = "every state transcribes at one rate" if names else "no state transcribes"
        yield KcalseqError(where, found, "states that transcribe and states that do not", "correct the rates")
    for name in names:
        if name in content["sites"] or name in content.get("interactions", {}):
            found = f"'{name}' names both a rate and something else"
            yield KcalseqError(where, found, "one name for one thing", "rename one")
