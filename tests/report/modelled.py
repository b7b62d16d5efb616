"""Models with invented parameters as a page shows them: their fit's record and what the page computes with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from kcalseq.models.network import Network
from kcalseq.models.processes import described
from kcalseq.models.spec import read_model
from kcalseq.training.fitted import FittedPromoter, load
from kcalseq.training.page_model import page_model
from kcalseq.training.weights import save_weights

WILDTYPE = "ACGTTGCATGACCTAGGATC"
SITES = """\
kind: thermodynamic
sequence: {length: 20, wildtype: ACGTTGCATGACCTAGGATC, first_position: -15}
sites:
  CRP: {start: 1, length: 5, energies: neighbour, chemical_potential: by_condition}
  turned: {copy_of: CRP, start: 7, strand: reverse}
  RNAP: {start: 13, length: 6}
interactions: {interaction: {between: [CRP, RNAP]}}
states:
  - {bound: [], rate: 0}
  - {bound: [CRP], rate: 0}
  - {bound: [CRP, turned], rate: 0}
  - {bound: [RNAP], rate: slow}
  - {bound: [CRP, RNAP], rate: fast}
"""
ONE_RATE = SITES.replace("slow", "fast").replace(", chemical_potential: by_condition", "")
ADDITIVE = """\
kind: additive
sequence: {length: 20, wildtype: ACGTTGCATGACCTAGGATC}
sites: {promoter: {start: 0, length: 20}}
"""
BINS = {"bins": [0, 1, 2, 3], "phi_mean": -0.4, "phi_sd": 1.7}
VALUES = {"value_mean": 4.0, "value_sd": 0.6, "phi_mean": 0.2, "phi_sd": 2.3}
COUNTS = {"replicates": ["1", "2"], "log_size_ratio": [0.1, -0.2], "log_size_dna": [0.0, 0.0]}
NATS = {**COUNTS, "phi_mean": 0.0, "phi_sd": 1.0}
MEASURED = {"bins": ("bins", BINS), "values": ("continuous", VALUES), "counts": ("barcode_counts", NATS)}
# Name of each model: its YAML, what is measured, further words of its measurement, its conditions.
MODELS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "two_conditions": (SITES, "bins", ", hidden_units: 3", ("M9", "M9 glucose")),
    "one_rate": (ONE_RATE, "bins", ", hidden_units: 3", ("M9",)),
    "counts": (ONE_RATE, "counts", ", background: true", ("M9",)),
    "monotone": (ONE_RATE, "values", ", curve: monotone, hidden_units: 3, noise: gaussian", ("M9",)),
    "free": (ONE_RATE, "values", ", curve: free, hidden_units: 3, noise: gaussian", ("M9",)),
    "linear": (ADDITIVE, "values", ", curve: linear, noise: gaussian", ("M9",)),
    "additive": (ADDITIVE, "bins", ", hidden_units: 3", ("M9",)),
}


class Modelled(NamedTuple):
    """A model, its fit's record, and what the page computes with."""

    fitted: FittedPromoter
    fit: dict[str, Any]
    page: dict[str, Any]


def modelled(folder: Path, name: str, base: Mapping[str, Any]) -> Modelled:
    """One of ``MODELS`` with parameters drawn at random.

    Args:
        folder: for its files.
        name: which.
        base: a fit's record, for what the drawings do not need.
    """
    yaml, measured, more, conditions = MODELS[name]
    kind, described_as = MEASURED[measured]
    folder.mkdir(parents=True, exist_ok=True)
    text = f"description: invented\n{yaml}measurement: {{kind: {kind}{more}}}\n"
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    spec = read_model(folder / "model.yaml")
    experiments = [{"condition": condition, **described_as} for condition in conditions]
    card = {"library": "lac", "model": name, "experiments": experiments}
    (folder / "fit.json").write_text(json.dumps(card), encoding="utf-8")
    network = Network(spec, [described(spec, one) for one in experiments], conditions, torch.device("cpu"))
    flat = np.random.default_rng(len(name)).normal(0.0, 0.8, network.layout.size)
    save_weights(network.layout, flat, folder / "weights.safetensors")
    fitted = load(folder)
    fit = {
        **base,
        "model": name,
        "kind": spec.kind,
        "sequence": {"length": spec.length, "wildtype": spec.wildtype, "first_position": spec.first_position},
        "sites": [{"name": site.name, "start": site.start, "length": site.length} for site in spec.sites],
        "interactions": [{"name": item.name, "between": list(item.between)} for item in spec.interactions],
        "states": [
            {"bound": list(state.bound), "rate": state.rate or "0", "terms": list(spec.terms_of(state))}
            for state in spec.states
        ],
        "energy_unit": "arbitrary" if spec.kind == "additive" else "kcal/mol",
        "not_identifiable": [],
    }
    return Modelled(fitted, fit, page_model(fitted))


def random_sequences(n: int, seed: int) -> list[str]:
    """Sequences of 20 bases."""
    codes = np.random.default_rng(seed).integers(0, 4, (n, len(WILDTYPE)))
    return ["".join("ACGT"[code] for code in row) for row in codes]
