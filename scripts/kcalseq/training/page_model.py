"""A fitted model as plain numbers, from which a page without Python computes the same predictions.

The numbers are those of the weights, so whoever evaluates them gets what ``fitted`` predicts. A model that the page
cannot evaluate says why instead.
"""

from typing import Any

import torch

from kcalseq.dna import ALPHABET, encode_sequences
from kcalseq.models.barcodes import BarcodeCounts
from kcalseq.models.bins import TanhBins
from kcalseq.models.continuous import GlobalEpistasis
from kcalseq.models.design import build_design
from kcalseq.models.ensemble import log_occupancies
from kcalseq.models.process import Process, Weights
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fitted import FittedPromoter


def page_model(fitted: FittedPromoter) -> dict[str, Any]:
    """Content of page_model.json.

    Args:
        fitted: the model.

    Returns:
        ``mutants``: for each site of a fixed place its energy with each base (A, C, G, T) at each of its positions,
        less that of the wild type, kcal/mol (of an additive model in its own unit). ``wildtype_states``: for each
        experiment energies (kcal/mol) and occupancies of the states at the wild type. ``obstacle``: why the page cannot
        compute the model, None where it can. ``numbers``: what it computes with, None where it cannot.
    """
    spec, network = fitted.spec, fitted.network
    curves = [_curve(process, network.weights(fitted.flat, number)) for number, process in enumerate(network.processes)]
    obstacle = _obstacle(spec, curves)
    return {
        "library": fitted.card.get("library"),
        "model": spec.name,
        "kt": network.kt,
        "mutants": _mutants(fitted),
        "wildtype_states": _wildtype_states(fitted),
        "obstacle": obstacle,
        "numbers": _numbers(fitted, curves) if obstacle is None else None,
    }


def _obstacle(spec: ModelSpec, curves: list[dict[str, Any] | None]) -> str | None:
    if spec.kind not in ("thermodynamic", "additive"):
        return f"its kind is {spec.kind}"
    scanned = [site.name for site in spec.sites if site.scan is not None]
    if scanned:
        return f"site {scanned[0]} has no fixed place"
    return "its measurement process is a sorter with gates" if None in curves else None


def _numbers(fitted: FittedPromoter, curves: list[dict[str, Any] | None]) -> dict[str, Any]:
    """What predictions follow from, energies in kcal/mol.

    ``sites`` have four ``energies`` a base, the ``positions`` of these bases on the variant, ``reverse`` if they are
    those of the other strand, ``pairs`` of bases with sixteen ``pair_energies`` each, the first base counting four,
    ``mu``, the chemical potential in each experiment, and the number of their factor among ``factors``. ``states`` have
    the log of their rate in nats, None where they do not transcribe. ``experiments`` have mean and sd that standardise
    phi and the curve that reads it.
    """
    spec, network, flat = fitted.spec, fitted.network, fitted.flat
    factors = [site.name for site in spec.originals]

    def values(name: str) -> Any:
        return network.block(flat, name)[0].tolist()

    sites = []
    for site in spec.sites:
        mu = values(f"{site.owner}.mu")
        sites.append(
            {
                "name": site.name,
                "factor": factors.index(site.owner),
                "positions": list(site.positions),
                "reverse": site.reverse,
                "energies": values(f"{site.owner}.theta"),
                "pairs": [list(pair) for pair in site.pairs],
                "pair_energies": values(f"{site.owner}.pairs") if site.pairs else [],
                "mu": mu if site.by_condition else [mu] * len(fitted.conditions),
            }
        )
    # The first rate is the unit of the others.
    log_rates = {name: values(f"{name}.log_rate") if name in spec.free_rates else 0.0 for name in spec.rates}
    return {
        "length": spec.length,
        "wildtype": spec.wildtype,
        "phenotype": _phenotype(spec),
        "factors": factors,
        "sites": sites,
        "interactions": [{"name": item.name, "energy": values(item.name)} for item in spec.interactions],
        "states": [
            {"terms": list(spec.terms_of(state)), "log_rate": None if state.rate is None else log_rates[state.rate]}
            for state in spec.states
        ],
        "experiments": [
            {"condition": condition, "mean": scale.mean.item(), "sd": scale.sd.item(), "curve": curve}
            for condition, scale, curve in zip(fitted.conditions, fitted.scales, curves, strict=True)
        ],
    }


def _phenotype(spec: ModelSpec) -> str:
    """How phi follows from energies; see ``Network.phenotype_of_energies``."""
    if spec.kind == "additive":
        return "minus_energy"
    return "log_odds" if not spec.free_rates and spec.measurement.log_odds else "log_activity"


def _curve(process: Process, weights: Weights) -> dict[str, Any] | None:
    """What reads phi: its name, what it predicts and its numbers; None for one that the page does not know."""
    if isinstance(process, TanhBins):
        numbers = {letter: weights[letter][0].tolist() for letter in "abcd"}
        return {"name": "tanh_bins", "predicts": "mean_bin", "bins": list(process.bins), **numbers}
    if isinstance(process, GlobalEpistasis):
        return _value_curve(process, weights)
    if isinstance(process, BarcodeCounts):
        background = weights["log_background"][0].item() if "log_background" in weights else None
        offset = weights["offset"][0].mean().item()
        return {"name": "log2", "predicts": "log2_activity", "offset": offset, "log_background": background}
    return None


def _value_curve(process: GlobalEpistasis, weights: Weights) -> dict[str, Any]:
    """Heights and slopes as they are, where a monotone curve holds their logs; see ``GlobalEpistasis``."""
    numbers = {letter: weights[letter][0] for letter in ("ab" if process.curve == "linear" else "abcd")}
    if process.curve == "monotone":
        numbers |= {"b": numbers["b"].exp() / process.n_units, "c": numbers["c"].exp()}
    return {
        "name": "linear_value" if process.curve == "linear" else "tanh_value",
        "predicts": "value",
        "value_mean": process.scale.mean,
        "value_sd": process.scale.sd,
        **{letter: values.tolist() for letter, values in numbers.items()},
    }


def _mutants(fitted: FittedPromoter) -> dict[str, list[list[float]]]:
    """Energies of single mutants of the wild type; none without a wild type, nor of scanned sites."""
    spec = fitted.spec
    if spec.wildtype is None:
        return {}
    wildtype = spec.wildtype
    mutants = [wildtype[:i] + base + wildtype[i + 1 :] for i in range(spec.length) for base in ALPHABET]
    energies = fitted.energies(mutants)
    found = {}
    for site in spec.sites:
        if site.scan is None:
            own = energies[site.name].to_numpy().reshape(spec.length, len(ALPHABET))
            found[site.name] = own[site.start : site.stop].tolist()
    return found


def _wildtype_states(fitted: FittedPromoter) -> list[dict[str, Any]]:
    """States at the wild type, one entry an experiment; none without states or without a wild type."""
    spec, network = fitted.spec, fitted.network
    if spec.kind != "thermodynamic" or spec.wildtype is None:
        return []
    design = build_design(spec, encode_sequences([spec.wildtype], spec.length), torch.device("cpu"))
    found = []
    for number, condition in enumerate(fitted.conditions):
        with torch.no_grad():
            g = network.term_energies(fitted.flat, design, number)[0, : len(spec.terms)]
            occupancies = log_occupancies(g, network.omega, network.kt)[:, 0].exp()
        energies = (network.omega @ g)[:, 0]
        found.append({"condition": condition, "energies": energies.tolist(), "occupancies": occupancies.tolist()})
    return found
