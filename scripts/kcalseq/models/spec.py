"""A model as data: sites, interactions, states and measurement process, read from a YAML file.

Loads without torch, numpy or pandas, so that a model is checked in Snakemake's own process before any job
starts. ``speccheck`` holds what the schema cannot say.
"""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from kcalseq.models.automatic import listed_states
from kcalseq.models.boxspec import BoxSpec, box_of
from kcalseq.models.copies import written_out
from kcalseq.models.distances import step_name, step_numbers, steps
from kcalseq.models.measurementcheck import default_noise
from kcalseq.models.rate_graph import RateGraph
from kcalseq.models.registers import Scan, covered, is_scanned, scan_of
from kcalseq.models.speccheck import check_model
from kcalseq.yamlfile import check, read_document


@dataclass(frozen=True)
class Published:
    """Energies of a site known from elsewhere: rows of A, C, G, T that add up to 0, and how far off they may be (sd).

    Both in kcal/mol.
    """

    energies: tuple[tuple[float, ...], ...]
    sd: float


@dataclass(frozen=True)
class Site:
    """A binding site on variant positions [start, start + length), 0-based.

    ``energies`` tells what adds up to its energy: every base (``matrix``), and beside that every pair of adjacent
    bases (``neighbour``) or every pair of bases (``pairwise``). ``by_condition`` gives each condition of a library its
    own chemical potential. A site whose position is free has a ``scan``; then ``start`` is the first position that it
    may cover, and ``length`` the number of bases that have energies. A copy names its original in ``copy_of`` and has
    no parameters of its own; ``reverse`` if it is read on the reverse complement.
    """

    name: str
    start: int
    length: int
    energies: Literal["matrix", "neighbour", "pairwise"] = "matrix"
    by_condition: bool = False
    scan: Scan | None = None
    published: Published | None = None
    copy_of: str | None = None
    reverse: bool = False

    @property
    def owner(self) -> str:
        """Name of the site that has its energies and its chemical potential: its original's, or its own."""
        return self.copy_of or self.name

    @property
    def positions(self) -> tuple[int, ...]:
        """Where on the variant each base of a site that is not scanned lies, in the site's own order."""
        return tuple(range(self.start, self.stop))[:: -1 if self.reverse else 1]

    @property
    def stop(self) -> int:
        """First position behind a site that is not scanned."""
        return self.start + self.length

    def covered(self, length: int) -> range:
        """Positions of variants of that length that the site may cover."""
        return range(self.start, self.stop) if self.scan is None else covered(self.scan, length)

    @property
    def spacers(self) -> tuple[int, ...]:
        """Spacers whose energies are parameters."""
        return () if self.scan is None else self.scan.free_spacers

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs of positions, counted from the start of the site, that have energies of their own."""
        if self.energies == "matrix":
            return ()
        if self.energies == "neighbour":
            return tuple((one, one + 1) for one in range(self.length - 1))
        return tuple(combinations(range(self.length), 2))


@dataclass(frozen=True)
class Interaction:
    """Energy (kcal/mol) that a state gains when both sites are bound; ``initial`` is where starts begin.

    With ``edges`` (nt) one energy for each step of the distance between a scanned site and one at a fixed place.
    """

    name: str
    between: tuple[str, str]
    initial: float
    edges: tuple[int, ...] = ()

    @property
    def steps(self) -> dict[str, range | None]:
        """Names of its energies, and the distances (nt) that each is for: None for one that is for all."""
        return {step_name(self.name, step): step for step in steps(self.edges)} if self.edges else {self.name: None}


@dataclass(frozen=True)
class State:
    """A state of the promoter: what is bound and the rate's name, None where nothing is transcribed."""

    bound: tuple[str, ...]
    rate: str | None


@dataclass(frozen=True)
class Transition:
    """A transition of a kinetic model: its states, how much of each site's energy it feels, whether it transcribes."""

    name: str
    source: str
    target: str
    energies: tuple[tuple[str, float], ...]
    makes_transcript: bool


@dataclass(frozen=True)
class Sorter:
    """A sorter: its gates (log fluorescence, rising; learned if None) and how cells of one genotype scatter."""

    gates: tuple[float, ...] | None
    cells: Literal["normal", "logistic", "student_t"]


@dataclass(frozen=True)
class Measurement:
    """Measurement process: its kind, and what there is to say of it.

    Of sort bins: the tanh units that they share and the prior sd of their weights, or the sorter in their place. Of
    barcode counts: how they scatter, whether each barcode has an effect of its own on its RNA, whether there is RNA
    that no promoter made, and the fewest DNA and RNA reads, together, of an observation that counts. Of continuous
    values: the curve with its tanh units, how they scatter about it, and the order of the polynomial by which that
    changes along the curve.
    """

    kind: Literal["bins", "barcode_counts", "continuous"]
    hidden_units: int = 10
    weight_sd: float = 1.0
    noise: Literal["beta_binomial", "binomial", "negative_binomial", "gaussian", "cauchy", "skew_t", "empirical"] = (
        "beta_binomial"
    )
    barcode_effect: bool = False
    background: bool = False
    minimum_reads: int = 10
    sorter: Sorter | None = None
    curve: Literal["linear", "monotone", "free"] = "monotone"
    noise_order: int = 0

    @property
    def standardised(self) -> bool:
        """Whether it reads phi in standard deviations, so that neither its zero nor its scale means anything."""
        return self.kind != "barcode_counts"

    @property
    def log_odds(self) -> bool:
        """Whether phi may be the log odds of transcription: any curve of it can be learned, and odds do not crowd.

        A sorter's fluorescence is proportional to activity.
        """
        return self.standardised and self.sorter is None

    @property
    def turnable(self) -> bool:
        """Whether it can read phi turned over as well as phi."""
        return (self.kind == "bins" and self.sorter is None) or (self.kind == "continuous" and self.curve != "monotone")


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
        sites=tuple(_site(key, site, sequence["length"]) for key, site in content["sites"].items()),
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
        measurement=_measurement(content.get("measurement", {})),
        energy_sd=float(prior.get("energy_sd_kcal_per_mol", 10.0)),
        pair_sd=float(prior.get("pair_sd", 0.08)),
        network=box_of(content["network"], sequence["length"]) if "network" in content else None,
    )


def _site(name: str, content: dict[str, Any], length: int) -> Site:
    scan = scan_of(content)
    return Site(
        name,
        covered(scan, length).start,
        scan.length,
        content.get("energies", "matrix"),
        content.get("chemical_potential") == "by_condition",
        scan if is_scanned(content) else None,
        _published(content["published"]) if "published" in content else None,
        content.get("copy_of"),
        content.get("strand") == "reverse",
    )


def _published(content: dict[str, Any]) -> Published:
    rows = (tuple(float(energy) - sum(row) / len(row) for energy in row) for row in content["energies"])
    return Published(tuple(rows), float(content["sd_kcal_per_mol"]))


def _measurement(content: dict[str, Any]) -> Measurement:
    kind = content.get("kind", "bins")
    own = {"kind": kind, "noise": default_noise(kind), **content}
    if "sorter" in own:
        gates = own["sorter"].get("gates", "learned")
        known = None if gates == "learned" else tuple(float(gate) for gate in gates)
        own["sorter"] = Sorter(known, own["sorter"].get("cells", "normal"))
    return Measurement(**own)
