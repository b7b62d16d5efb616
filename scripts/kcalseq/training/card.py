"""The card of a fit: what was fitted, and what no amount of these data could tell."""

from typing import Any

from kcalseq.models.rate_graph import irreversible
from kcalseq.models.registers import registers
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site
from kcalseq.training.fitting import FittedModel, Setup, scales
from kcalseq.training.problem import Problem
from kcalseq.wording import words_list

_WITHOUT_ENERGIES = {
    "black_box": "A black box: it predicts, it explains nothing. What it predicts better than a model of binding is "
    "what that model misses; far from the library its predictions are guesses.",
    "constant": "It knows nothing of the sequence: what it says of the test set, any measurement process says.",
}


def fit_card(
    library: str,
    spec: ModelSpec,
    problem: Problem,
    fitted: FittedModel,
    setup: Setup,
    observations: str,
    seed: int,
    warnings: list[str],
) -> dict[str, Any]:
    """Content of fit.json.

    Args:
        library: which library.
        spec: the model.
        problem: what it was fitted to.
        fitted: the fit.
        setup: its network and the numbers of its training variants.
        observations: ``presence``, ``raw`` or ``value``.
        seed: of the fit.
        warnings: what the library lacks, as from ``library_warnings``.
    """
    network = setup.posterior.network
    experiments = [
        # Mean and sd put phi of other sequences on the scale of the fit.
        {"condition": condition, **process.description, "phi_mean": scale.mean.item(), "phi_sd": scale.sd.item()}
        for condition, process, scale in zip(
            network.layout.conditions, network.processes, scales(setup, problem, fitted.flat), strict=True
        )
    ]
    return {
        "library": library,
        "model": spec.name,
        "description": spec.description,
        "kind": spec.kind,
        "temperature_celsius": spec.temperature_celsius,
        "sequence": {"length": spec.length, "wildtype": spec.wildtype, "first_position": spec.first_position},
        "sites": [_site(site, spec.length) for site in spec.sites],
        "interactions": [
            {"name": name, "between": list(item.between)} | ({} if step is None else {"distance": [step[0], step[-1]]})
            for item in spec.interactions
            for name, step in item.steps.items()
        ],
        "states": [
            {"bound": list(state.bound), "rate": state.rate or "0", "terms": list(spec.terms_of(state))}
            for state in spec.states
        ],
        "transitions": [
            {
                "name": one.name,
                "from": one.source,
                "to": one.target,
                "energies": dict(one.energies),
                "makes_transcript": one.makes_transcript,
            }
            for one in spec.transitions
        ],
        "experiments": experiments,
        "energy_unit": _energy_unit(spec),
        "observations": "barcodes" if spec.measurement.kind == "barcode_counts" else observations,
        "seed": seed,
        "n_starts": len(fitted.starts),
        "chosen_start": fitted.chosen,
        "objective_nats": fitted.objective,
        "method": fitted.method,
        "converged": fitted.converged,
        "swaps": list(fitted.reported.swaps),
        "phi_rises": fitted.reported.phi_rises,
        "weak_sites": list(fitted.reported.weak_sites),
        "not_identifiable": _not_identifiable(spec),
        "notes": [*warnings, *_notes(spec, fitted, observations)],
    }


def _site(site: Site, length: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": site.name, "start": site.start, "length": site.length}
    if site.scan is not None:
        row |= {"scanned": {"covered": len(site.covered(length)), "registers": len(registers(site.scan, length))}}
    if site.copy_of is not None:
        row |= {"copy_of": site.copy_of, "strand": "reverse" if site.reverse else "forward"}
    return row


def _energy_unit(spec: ModelSpec) -> str:
    if not spec.has_energies:
        return "none"
    if spec.kind != "additive":
        return "kcal/mol"
    return "arbitrary" if spec.measurement.standardised else "nats"


def _not_identifiable(spec: ModelSpec) -> list[dict[str, str]]:
    if not spec.has_energies:
        return []
    if spec.measurement.kind == "barcode_counts":
        return _only_shifting(spec)
    if spec.kind == "additive":
        name = spec.sites[0].name
        reason = "an additive phenotype has neither a zero nor an energy scale: its entries are in sd of phi"
        return [{"parameter": f"{name}.mu", "reason": reason}]
    shift = "it only shifts the log odds of transcription, and a flexible measurement process undoes any shift"
    if spec.kind == "kinetic":
        shift = "the rates of the transitions that feel the site's energy say the same"
    rows = [{"parameter": f"{name}.mu", "reason": shift} for name in spec.shift_only_sites]
    scale = "sorting tells the order of activities, not their absolute scale"
    if spec.measurement.kind == "continuous":
        scale = "the curve from phenotype to value takes up any scale of the activities"
    # Of several rates the ratios may be known: they are told with their intervals.
    return [*rows, {"parameter": spec.rates[0], "reason": scale}]


def _only_shifting(spec: ModelSpec) -> list[dict[str, str]]:
    """What only multiplies the activity of all variants, as the depths of the samples do."""
    depth = "it multiplies all activities alike, and so do the depths of the DNA and RNA samples"
    if spec.kind == "additive":
        return [{"parameter": f"{spec.sites[0].name}.mu", "reason": depth}]
    return [{"parameter": spec.rates[0], "reason": depth}]


def _notes(spec: ModelSpec, fitted: FittedModel, observations: str) -> list[str]:
    notes = [_WITHOUT_ENERGIES[spec.kind]] if spec.kind in _WITHOUT_ENERGIES else []
    if spec.measurement.kind == "barcode_counts":
        notes += _notes_of_barcodes(spec)
    if observations == "presence" and spec.measurement.kind == "bins":
        notes.append(
            "A variant counts once per bin, however often it was read: reads of one cell's plasmid are one measurement."
        )
    if spec.measurement.kind == "bins":
        notes.append(
            "Bins hold the numbers of cells that were sorted, not their shares of the population, so bin frequencies "
            "tell nothing about how many cells are bright."
        )
    if spec.kind == "kinetic":
        notes.append(
            "Energies and rates rest on the transitions drawn in the model: other transitions would give others. "
            "Intervals do not include that doubt."
        )
        one_way = irreversible(spec.graph)
        if one_way:
            verb = "has" if len(one_way) == 1 else "have"
            notes.append(
                f"{words_list(list(one_way))} {verb} no reverse: the scheme is never in equilibrium, and cycles "
                f"through {'it' if len(one_way) == 1 else 'them'} have no finite affinity."
            )
    if spec.kind == "thermodynamic":
        notes.append(
            "Energies rest on the states drawn in the model: another state table would give other energies. Intervals "
            "do not include that doubt."
        )
    if fitted.method == "minibatches" and spec.has_energies:
        notes.append(
            "Fitted in minibatches, which stop near the optimum, not at it: intervals are by curvature, estimated from "
            "a sample of the variants, and none by profile likelihood. Interactions and the energy scale may be far "
            "off at the same predictions."
        )
    better = fitted.objective - float(fitted.fit.value.min())
    if better > 0 and fitted.method == "L-BFGS":
        notes.append(
            f"A start in which what is measured falls with transcription fits better by {better:.1f} nats: doubt the "
            "states."
        )
    if not fitted.converged:
        notes.append("The fit had not come to rest when it was stopped: do not rely on its numbers.")
    return notes


def _notes_of_barcodes(spec: ModelSpec) -> list[str]:
    notes = []
    if spec.has_energies:
        notes.append(
            "RNA per DNA is read as activity up to one factor of each replicate, so energies are in kcal/mol as far as "
            "the model is right that activity is proportional to the occupancy of its transcribing states."
        )
    if spec.kind == "thermodynamic":
        notes.append(
            "Where transcribing states are rare in all variants, chemical potentials and that factor say the same; "
            "they are told apart only by variants that come near saturation."
        )
    if spec.measurement.noise != "negative_binomial" and spec.has_energies:
        notes.append(
            "Replicates of a barcode count as independent: what a barcode itself does to its RNA in all of them makes "
            "intervals too narrow."
        )
    return notes
