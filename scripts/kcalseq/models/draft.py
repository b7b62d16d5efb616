"""A draft of a model from putative sites: YAML that ``spec.read_model`` takes, with comments on what was guessed.

The polymerase transcribes; an activator attracts it by an interaction; a repressor keeps it off. What no footprint can
tell (who binds, whether a site is one site, what else binds elsewhere) is for a person to check.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

RATE = "t_sat"
# A protein touches more than the run of its strongest bases: about half a turn of the helix is added on either side.
MARGIN = 6
# States double with each further site.
MOST_SITES = 6


class DraftSite(NamedTuple):
    """A site of a draft, 0-based [start, stop); ``kind`` as in putative_sites, and so ``p``."""

    name: str
    start: int
    stop: int
    kind: str
    p: float


def chosen_sites(putative: Iterable[DraftSite], length: int) -> tuple[DraftSite, ...]:
    """Sites of a draft from those called in all conditions, 5' to 3', made wider where there is room.

    Of sites that share positions, one polymerase and one repressor apart, the first stays: a polymerase, else the more
    significant one, else the longer one. Without a polymerase the activator that comes first in this order stands in
    its place.

    Args:
        putative: sites of every condition; names may repeat between conditions.
        length: positions in a variant.
    """
    ordered = _with_polymerase(sorted(putative, key=_rank))
    kept: list[DraftSite] = []
    for site in ordered:
        second = site.kind == "polymerase" and bool(kept)
        if len(kept) <= MOST_SITES and not second and not any(_clash(site, other) for other in kept):
            kept.append(site)
    kept.sort(key=lambda site: site.start)
    numbers = iter(range(1, len(kept) + 1))
    named = [site if site.name == "RNAP" else site._replace(name=f"site_{next(numbers)}") for site in kept]
    return tuple(_widened(site, named, length) for site in named)


def _rank(site: DraftSite) -> tuple[bool, float, int, int]:
    return site.kind != "polymerase", site.p, site.start - site.stop, site.start


def _with_polymerase(ordered: list[DraftSite]) -> list[DraftSite]:
    """Put the first activator in a polymerase's place where there is none."""
    stand_in = next((site for site in ordered if site.kind == "activator"), None)
    if stand_in is None or ordered[0].kind == "polymerase":
        return ordered
    return [stand_in._replace(kind="polymerase"), *(site for site in ordered if site is not stand_in)]


def _clash(one: DraftSite, two: DraftSite) -> bool:
    kinds = {one.kind, two.kind}
    return kinds != {"polymerase", "repressor"} and one.start < two.stop and two.start < one.stop


def _widened(site: DraftSite, sites: Sequence[DraftSite], length: int) -> DraftSite:
    """A site with its margins, of which two neighbours share the room between them; the polymerase has its own."""
    if site.name == "RNAP":
        return site
    start, stop = max(0, site.start - MARGIN), min(length, site.stop + MARGIN)
    for other in sites:
        if other.stop <= site.start:
            start = max(start, other.stop if other.name == "RNAP" else (other.stop + site.start) // 2)
        elif other.start >= site.stop:
            stop = min(stop, other.start if other.name == "RNAP" else (site.stop + other.start) // 2)
    return site._replace(start=start, stop=stop)


def draft_model(
    library: str,
    sites: Sequence[DraftSite],
    wildtype: str,
    first_position: int | None,
    counted: bool,
    several_conditions: bool,
) -> str:
    """The YAML of a draft.

    Args:
        library: its name.
        sites: what ``chosen_sites`` gave.
        wildtype: most common base at each position.
        first_position: number of the first base relative to the transcription start, if known.
        counted: whether the library has DNA and RNA counts of barcodes instead of sort bins.
        several_conditions: whether it was measured in several; then each factor has a chemical potential in each.
    """
    polymerase = next((site for site in sites if site.kind == "polymerase"), None)
    kind = "additive" if polymerase is None else "thermodynamic"
    lines = [*_head(library, kind, wildtype, first_position), ""]
    lines += _additive(len(wildtype)) if polymerase is None else _thermodynamic(sites, polymerase, several_conditions)
    if counted:
        lines += ["", "# DNA and RNA counts of barcodes: phi is the log of RNA per DNA."]
        lines += ["measurement: {kind: barcode_counts}"]
    return "\n".join(lines) + "\n"


def no_draft(library: str, reason: str) -> str:
    """What stands in the place of a draft where a library shows no footprint: comments alone, which no model is."""
    return f"# No model is proposed for library {library}: {reason}.\n"


def _head(library: str, kind: str, wildtype: str, first_position: int | None) -> list[str]:
    axis = [f"  first_position: {first_position}"] if first_position is not None else []
    axis = axis or ["  # first_position: number of the first base from the transcription start, for axes only."]
    return [
        f"# Draft of a model for library {library}, from its footprints (table putative_sites).",
        "# Guessed: which sites there are, where they end, what they do. Copy it to config/models, look at what is",
        "# marked CHECK, name the copy in config.yaml under 'models', and compare it with other drafts of yours and",
        "# with an additive model by model_comparison.tsv.",
        f"description: Draft from the footprints of library {library}",
        f"kind: {kind}",
        "temperature_celsius: 37",
        "sequence:",
        f"  length: {len(wildtype)}",
        *axis,
        "  # CHECK: the most common base at each position; the library's wild type, if that is what was mutated.",
        f"  wildtype: {wildtype}",
    ]


def _thermodynamic(sites: Sequence[DraftSite], polymerase: DraftSite, several: bool) -> list[str]:
    lines = ["sites:"]
    for site in sites:
        lines += [
            *_words(site, site is polymerase),
            f"  {site.name}: {_block(site, several and site is not polymerase)}",
        ]
    activators = [site for site in sites if site.kind == "activator"]
    if activators:
        lines += [
            "",
            "# Activators attract the polymerase: an energy below 0 when both are bound, where the fit begins.",
        ]
        lines += ["interactions:"]
    for site in activators:
        lines += [f"  {site.name}_{polymerase.name}: {{between: [{site.name}, {polymerase.name}], initial: -2.0}}"]
    return [*lines, "", *_states(sites, polymerase)]


def _block(site: DraftSite, by_condition: bool) -> str:
    more = ", chemical_potential: by_condition" if by_condition else ""
    return f"{{start: {site.start}, length: {site.stop - site.start}{more}}}"


def _words(site: DraftSite, transcribes: bool) -> list[str]:
    if site.name == "RNAP":
        return ["  # CHECK: sigma 70 recognised by its elements around -35 and -10, with the bases next to them."]
    if transcribes:
        return [
            "  # CHECK: no -35 and -10 element was recognised. This, the clearest site in which mutations lower",
            "  # activity, stands in the polymerase's place. If the polymerase binds elsewhere, add it and correct",
            "  # 'states' or 'transcribing'.",
        ]
    effect = "lower activity: an activator" if site.kind == "activator" else "raise activity: a repressor"
    return [f"  # CHECK: mutations {effect}. Who binds is not known; up to {MARGIN} nt on either side were added."]


def _states(sites: Sequence[DraftSite], polymerase: DraftSite) -> list[str]:
    """``auto`` where overlap alone keeps repressors and polymerase apart, else the list of states."""
    apart = [one for one in sites if one.kind == "repressor" and not _overlap(one, polymerase)]
    if not apart:
        return [
            "# Every set of sites that do not overlap; so a repressor that overlaps the polymerase keeps it off.",
            "states: auto",
            f"transcribing: {{{polymerase.name}: {RATE}}}",
        ]
    lines = ["# Sites that do not overlap bind together, but no repressor with the polymerase.", "states:"]
    for size in range(len(sites) + 1):
        for bound in combinations(sites, size):
            if polymerase in bound and any(site.kind == "repressor" for site in bound):
                continue
            if any(_overlap(one, two) for one, two in combinations(bound, 2)):
                continue
            names = ", ".join(site.name for site in bound)
            lines.append(f"  - {{bound: [{names}], rate: {RATE if polymerase in bound else 0}}}")
    return lines


def _overlap(one: DraftSite, two: DraftSite) -> bool:
    return one.start < two.stop and two.start < one.stop


def _additive(length: int) -> list[str]:
    return [
        "# CHECK: no site was called that mutations weaken, so every base adds to the phenotype, and nothing binds.",
        f"sites: {{promoter: {{start: 0, length: {length}}}}}",
    ]
