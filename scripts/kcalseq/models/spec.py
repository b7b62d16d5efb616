"""A model as data: sites, interactions, states and measurement process, read from a YAML file.

Loads without torch, numpy or pandas, so that a model is checked in Snakemake's own process before any job
starts. ``speccheck`` holds what the schema cannot say.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kcalseq.models.speccheck import check_model
from kcalseq.yamlfile import check, read_document


@dataclass(frozen=True)
class Site:
    """A binding site on variant positions [start, start + length), 0-based."""

    name: str
    start: int
    length: int

    @property
    def stop(self) -> int:
        """First position behind the site."""
        return self.start + self.length


@dataclass(frozen=True)
class Interaction:
    """Energy (kcal/mol) that a state gains when both sites are bound; ``initial`` is where starts begin."""

    name: str
    between: tuple[str, str]
    initial: float


@dataclass(frozen=True)
class State:
    """A state of the promoter: what is bound and the rate's name, None where nothing is transcribed."""

    bound: tuple[str, ...]
    rate: str | None


@dataclass(frozen=True)
class Measurement:
    """Measurement process p(bin | phi): tanh units shared by all bins, prior sd of their weights."""

    hidden_units: int
    weight_sd: float


@dataclass(frozen=True)
class ModelSpec:
    """A checked model. An additive model has one site and neither states nor interactions."""

    name: str
    description: str
    kind: Literal["thermodynamic", "additive"]
    temperature_celsius: float
    length: int
    first_position: int | None
    wildtype: str | None
    sites: tuple[Site, ...]
    interactions: tuple[Interaction, ...]
    states: tuple[State, ...]
    measurement: Measurement
    energy_sd: float

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the energy terms: sites first, then interactions."""
        return (*(site.name for site in self.sites), *(item.name for item in self.interactions))

    def terms_of(self, state: State) -> tuple[str, ...]:
        """Energy terms that a state switches on: its sites and the interactions between them."""
        bound = set(state.bound)
        joined = [item.name for item in self.interactions if bound.issuperset(item.between)]
        return (*(site.name for site in self.sites if site.name in bound), *joined)

    @property
    def shift_only_sites(self) -> tuple[str, ...]:
        """Sites bound in exactly the transcribing states: their chemical potential only shifts the log odds.

        A flexible measurement process undoes any shift, so no count of bins can tell it (Kinney et al. 2010,
        SI Eq. S12). For an additive model that is its one site.
        """
        if self.kind == "additive":
            return tuple(site.name for site in self.sites)
        return tuple(
            site.name
            for site in self.sites
            if all((site.name in state.bound) == (state.rate is not None) for state in self.states)
        )


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
    measurement, sequence = content.get("measurement", {}), content["sequence"]
    return ModelSpec(
        name=name,
        description=content["description"],
        kind=content["kind"],
        temperature_celsius=float(content.get("temperature_celsius", 37.0)),
        length=sequence["length"],
        first_position=sequence.get("first_position"),
        wildtype=sequence.get("wildtype"),
        sites=tuple(Site(key, site["start"], site["length"]) for key, site in content["sites"].items()),
        interactions=tuple(
            Interaction(key, (item["between"][0], item["between"][1]), float(item.get("initial", -2.0)))
            for key, item in content.get("interactions", {}).items()
        ),
        states=tuple(State(tuple(state["bound"]), state["rate"] or None) for state in content.get("states", [])),
        measurement=Measurement(measurement.get("hidden_units", 10), float(measurement.get("weight_sd", 1.0))),
        energy_sd=float(content.get("prior", {}).get("energy_sd_kcal_per_mol", 10.0)),
    )
