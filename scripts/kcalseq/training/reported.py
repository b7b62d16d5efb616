"""Which numbers of a model are reported as its parameters, with their names, and units of energies."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from kcalseq.dna import ALPHABET
from kcalseq.models.network import Network
from kcalseq.models.parameters import Block
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site


def unit_of_energies(spec: ModelSpec) -> str:
    """Unit of a model's energies; an additive model has no energy scale of its own."""
    if spec.kind != "additive":
        return "kcal/mol"
    return "sd of phi" if spec.measurement.standardised else "nats"


def reported_parameters(spec: ModelSpec, network: Network) -> list[tuple[str, int, dict[str, Any]]]:
    """Name, number in the flat vector and describing columns of every parameter that is reported."""
    blocks, rows = network.layout.blocks, []
    for site in spec.originals:
        first = blocks[f"{site.name}.theta"].start
        for number in range(site.length * len(ALPHABET)):
            # Bases of a scanned site have no place on the variant: they are counted within the site.
            first_position = site.start if site.scan is None else 0
            position, base = first_position + number // len(ALPHABET), ALPHABET[number % len(ALPHABET)]
            fields = {
                "kind": "energy_matrix",
                "site": site.name,
                "position": position,
                "base": base,
                "gauge": "zero_mean",
            }
            rows.append((f"{site.name}.theta[{position},{base}]", first + number, fields))
        rows += _pairs(site, blocks)
        for number, spacer in enumerate(site.spacers):
            name, place = f"{site.name}.spacers[{spacer}]", blocks[f"{site.name}.spacers"].start + number
            rows.append((name, place, {"kind": "spacer", "site": site.name, "gauge": "none"}))
        fields = {"kind": "chemical_potential", "site": site.name, "gauge": "zero_mean"}
        rows += [(name, place, fields) for name, place in network.layout.mu_names(site).items()]
    for name in spec.interaction_energies:
        rows.append((name, blocks[name].start, {"kind": "interaction", "gauge": "none"}))
    for name in spec.free_rates:
        fields = {"kind": "rate", "unit": f"ln of {name}/{spec.rates[0]}", "gauge": "none"}
        rows.append((f"{name}.log_rate", blocks[f"{name}.log_rate"].start, fields))
    return rows


def _pairs(site: Site, blocks: dict[str, Block]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for number, (one, two) in enumerate(site.pairs):
        first = blocks[f"{site.name}.pairs"].start + number * len(ALPHABET) ** 2
        for place, (base, other) in enumerate(product(ALPHABET, repeat=2)):
            fields = {
                "kind": "pair_energy",
                "site": site.name,
                "position": site.start + one,
                "base": base,
                "second_position": site.start + two,
                "second_base": other,
                "gauge": "zero_mean",
            }
            name = f"{site.name}.pairs[{site.start + one},{base},{site.start + two},{other}]"
            yield name, first + place, fields
