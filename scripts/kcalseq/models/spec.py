"""A model as data: sites, interactions, states and measurement process, read from a YAML file.

Loads without torch, numpy or pandas, so that a model is checked in Snakemake's own process before any job
starts. ``speccheck`` holds what the schema cannot say.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kcalseq.models.automatic import listed_states
from kcalseq.models.boxspec import BoxSpec, box_of
from kcalseq.models.copies import written_out
from kcalseq.models.distances import step_numbers
from kcalseq.models.rate_graph import RateGraph
from kcalseq.models.speccheck import check_model
from kcalseq.models.specparts import Interaction, Measurement, Site, State, Transition, measurement_of, site_of
from kcalseq.yamlfile import check, read_document


@dataclass(frozen=True)
class ModelSpec:
    """A checked model.

    An additive model has one site and no more; a kinetic one has transitions instead of states. A black box has a
    network and no sites; the constant model has neither: its phenotype is 0 whatever the sequence.
    """

    name: str
    description: str
    kind: Literal["thermodynamic", "kinetic", "additive", "black_box", "constant"]
    temperature_celsius: float
    length: int
    first_position: int | None
    wildtype: str | None
    sites: tuple[Site, ...]
    interactions: tuple[Interaction, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    measurement: Measurement
    energy_sd: float
    pair_sd: float
    network: BoxSpec | None = None

    @property
    def has_energies(self) -> bool:
        """Whether it has sites with energies, so that there is something to tell beside its predictions."""
        return bool(self.sites)

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the energy terms: sites first, then interactions."""
        return (*(site.name for site in self.sites), *(item.name for item in self.interactions))

    @property
    def originals(self) -> tuple[Site, ...]:
        """Sites with parameters of their own: all but the copies."""
        return tuple(site for site in self.sites if site.copy_of is None)

    def places(self, site: Site) -> tuple[Site, ...]:
        """The sites that share the parameters of a site, itself among them."""
        return tuple(one for one in self.sites if one.owner == site.owner)

    @property
    def interaction_energies(self) -> tuple[str, ...]:
        """Names of the energies of all interactions."""
        return tuple(name for item in self.interactions for name in item.steps)

    def scanned_site(self, item: Interaction) -> Site:
        """The site of an interaction by distance that has no fixed place."""
        return next(site for site in self.sites if site.name in item.between and site.scan is not None)

    def register_steps(self, item: Interaction) -> tuple[int | None, ...]:
        """Number of the step of an interaction by distance that each register of its scanned site is in.

        The count of steps where it is in none, None where it overlaps the other site.
        """
        (place,) = (site.covered(self.length) for site in self.sites if site.name in item.between and not site.scan)
        scan = self.scanned_site(item).scan
        return step_numbers(scan, self.length, place, item.edges) if scan else ()

    @property
    def rates(self) -> tuple[str, ...]:
        """Names of the rates: of the transcribing states, or of all transitions."""
        names = [state.rate for state in self.states if state.rate is not None]
        return tuple(dict.fromkeys([*names, *(transition.name for transition in self.transitions)]))

    @property
    def free_rates(self) -> tuple[str, ...]:
        """Rates that are parameters: all but the first, which sets the unit that no measurement of order can tell."""
        return self.rates[1:]

    @property
    def graph(self) -> RateGraph:
        """The transitions of a kinetic model as a graph; states in the order in which they are named."""
        states = tuple(dict.fromkeys(name for one in self.transitions for name in (one.source, one.target)))
        edges = ((one.name, states.index(one.source), states.index(one.target)) for one in self.transitions)
        return RateGraph(states, tuple(edges))

    @property
    def initiating(self) -> tuple[int, ...]:
        """Numbers of the transitions that start a transcript."""
        return tuple(number for number, one in enumerate(self.transitions) if one.makes_transcript)

    def terms_of(self, state: State) -> tuple[str, ...]:
        """Energy terms that a state switches on: its sites and the interactions between them."""
        bound = set(state.bound)
        joined = [item.name for item in self.interactions if bound.issuperset(item.between)]
        return (*(site.name for site in self.sites if site.name in bound), *joined)

    @property
    def shift_only_sites(self) -> tuple[str, ...]:
        """Sites bound in exactly the transcribing states, or in exactly the others: potentials that shift the log odds.

        Of a site with copies as many must be bound in all transcribing states, and as many in all others.
        A flexible measurement process undoes any shift, so no count of bins can tell it (Kinney et al. 2010,
        SI Eq. S12). For an additive model that is its one site; in a kinetic one the rates say what a chemical
        potential could; and where states transcribe at several rates, or log activity itself is measured, a shift
        changes more than that.
        """
        if self.kind != "thermodynamic":
            return tuple(site.name for site in self.originals)
        if self.free_rates or not self.measurement.log_odds:
            return ()
        names = {site.name: {place.name for place in self.places(site)} for site in self.originals}
        # A number bound for each of the two kinds of states.
        numbers = {
            name: {(state.rate is not None, len(own.intersection(state.bound))) for state in self.states}
            for name, own in names.items()
        }
        return tuple(name for name, found in numbers.items() if len(found) == 2)


def read_model(path: str | Path) -> ModelSpec:
    """Read and check a model file; its name is the file's stem.

    Raises:
        KcalseqError: the file is missing or not YAML, breaks the schema, or makes no physical sense.
    """
    document = read_document(path)
    check(document, "model")
    check_model(document)
    return _build(Path(path).stem, document.content)


def _build(name: str, content: dict[str, Any]) -> ModelSpec:
    content = {**content, "sites": written_out(content.get("sites", {}))}
    sequence, prior = content["sequence"], content.get("prior", {})
    return ModelSpec(
        name=name,
        description=content["description"],
        kind=content["kind"],
        temperature_celsius=float(content.get("temperature_celsius", 37.0)),
        length=sequence["length"],
        first_position=sequence.get("first_position"),
        wildtype=sequence.get("wildtype"),
        sites=tuple(site_of(key, site, sequence["length"]) for key, site in content["sites"].items()),
        interactions=tuple(
            Interaction(
                key,
                (item["between"][0], item["between"][1]),
                float(item.get("initial", -2.0)),
                tuple(item.get("by_distance", ())),
            )
            for key, item in content.get("interactions", {}).items()
        ),
        states=tuple(State(tuple(state["bound"]), state["rate"] or None) for state in listed_states(content)),
        transitions=tuple(
            Transition(
                key, one["from"], one["to"], tuple(one.get("energies", {}).items()), one.get("makes_transcript", False)
            )
            for key, one in content.get("transitions", {}).items()
        ),
        measurement=measurement_of(content.get("measurement", {})),
        energy_sd=float(prior.get("energy_sd_kcal_per_mol", 10.0)),
        pair_sd=float(prior.get("pair_sd", 0.08)),
        network=box_of(content["network"], sequence["length"]) if "network" in content else None,
    )
