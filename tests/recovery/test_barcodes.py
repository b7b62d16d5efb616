"""Known energies of barcoded libraries come back, in the unit in which they were made."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from kcalseq.models.gauge import observed_bases, zero_mean_map
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.counting import CountedLibrary, CountingExperiment, simulate_counting
from kcalseq.simulate.sorting import Energies, invent_matrix
from kcalseq.tablefile import conform
from kcalseq.training import fit_tables, parameter_tables
from kcalseq.training.card import fit_card
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.metrics import metrics_table
from kcalseq.training.problem import build_problem
from kcalseq.training.profile import profile_scalars

pytestmark = pytest.mark.slow

RECRUITMENT = """\
description: An activator helps a polymerase to bind
kind: thermodynamic
sequence: {length: 16, wildtype: ATGTGAGCTTGACTAT}
sites:
  A: {start: 1, length: 6}
  P: {start: 8, length: 7}
interactions:
  interaction: {between: [A, P]}
states:
  - {bound: [], rate: 0}
  - {bound: [A], rate: 0}
  - {bound: [P], rate: t_sat}
  - {bound: [A, P], rate: t_sat}
measurement: {kind: barcode_counts, noise: negative_binomial}
"""
ALPHA = CountingExperiment(1).dispersion
ADDITIVE = """\
description: Every base adds to log activity
kind: additive
sequence: {length: 8, wildtype: ACGTACGT}
sites:
  promoter: {start: 0, length: 8}
measurement: {kind: barcode_counts}
"""
OCCUPANCY = """\
description: One site whose binding means transcription
kind: thermodynamic
sequence: {length: 8, wildtype: ACGTACGT}
sites:
  P: {start: 1, length: 6}
states:
  - {bound: [], rate: 0}
  - {bound: [P], rate: t_sat}
measurement: {kind: barcode_counts, noise: negative_binomial}
"""


def written(text: str, folder: Path) -> ModelSpec:
    path = folder / "counted.yaml"
    path.write_text(text, encoding="utf-8")
    return read_model(path)


def true_energies(spec: ModelSpec, mu: float, seed: int) -> Energies:
    """Entries about 1.2 whose wild type binds best, and the chemical potential."""
    site, rng = spec.sites[0], np.random.default_rng(seed)
    theta = np.abs(rng.normal(1.2, 0.5, (site.length, 4)))
    wildtype = ["ACGT".index(base) for base in (spec.wildtype or "")[site.start : site.stop]]
    theta[np.arange(site.length), wildtype] = 0.0
    return Energies({site.name: theta}, {site.name: mu}, {})


def made(spec: ModelSpec, energies: Energies, n_variants: int, seed: int) -> CountedLibrary:
    return simulate_counting("made", spec, energies, CountingExperiment(n_variants), seed)


class Fitted:
    """A library, fitted."""

    def __init__(self, spec: ModelSpec, library: CountedLibrary) -> None:
        self.spec, self.library = spec, library
        self.problem = build_problem(spec, library.variants, library.counts, "raw")
        self.fitted = fit_problem(spec, self.problem, 1, 1, 1, lambda steps: None)
        self.setup = prepare(spec, self.problem)
        self.network = self.setup.posterior.network
        self.fixed = gauge_fixed_errors(spec, self.setup, self.problem, self.fitted.flat)
        self.phis = phenotypes(spec, self.setup, self.problem, self.fitted.flat)

    def deviations(self, energies: Energies) -> np.ndarray:
        """Differences of the energies of bases to the truth, in standard errors."""
        (site,) = self.spec.sites
        block, full = self.network.layout.blocks[f"{site.name}.theta"].slice, np.zeros(self.network.layout.size)
        full[block] = energies.theta[site.name].ravel()
        truth = zero_mean_map(self.spec, self.network.layout, observed_bases(self.problem.codes)) @ full
        return np.asarray((self.fixed.values[block] - truth[block]) / self.fixed.errors[block])

    def tables(self) -> dict[str, pd.DataFrame]:
        of_fit = self.problem, self.network, self.fitted.flat, self.phis
        return {
            "predictions": fit_tables.predictions_table(*of_fit),
            "fit_metrics": metrics_table(*of_fit, 1, 0.9),
            "measurement_process": fit_tables.measurement_table(*of_fit),
            "parameters": parameter_tables.parameters_table(self.spec, self.network, self.fixed, {}, 0.9),
        }


def test_an_additive_model_gives_back_its_effects_in_the_noise_that_made_the_counts(tmp_path: Path) -> None:
    spec = written(ADDITIVE.replace("barcode_counts}", "barcode_counts, noise: negative_binomial}"), tmp_path)
    energies = true_energies(spec, 0.0, 3)
    found = Fitted(spec, made(spec, energies, 200, 4))
    z = found.deviations(energies)
    assert np.abs(z).max() < 4 and 0.5 < z.std() < 1.6
    own = found.network.weights(torch.from_numpy(found.fitted.flat)[None], 0)
    assert np.exp(own["log_alpha_dna"].item()) == pytest.approx(ALPHA, rel=0.15)
    assert np.exp(own["log_alpha_rna"].item()) == pytest.approx(ALPHA, rel=0.15)
    slope = np.polyfit(found.library.log_activity, found.phis[0], 1)[0]
    assert slope == pytest.approx(1.0, abs=0.02)


def test_a_model_of_barcodes_beats_what_knows_no_sequence_and_fills_its_tables(tmp_path: Path) -> None:
    spec = written(ADDITIVE, tmp_path)
    found = Fitted(spec, made(spec, true_energies(spec, 0.0, 3), 200, 4))
    tables = {name: frame.assign(library="made", model="m") for name, frame in found.tables().items()}
    for name, frame in tables.items():
        conform(name, frame, name)
    test = tables["fit_metrics"].query("set == 'test'").set_index("metric")
    model, constant, others = (test.loc[f"log_likelihood{which}", "value"] for which in ("", "_constant", "_log_ratio"))
    assert model > others > constant
    assert test.loc["gain_over_constant", "lower"] > 0 and test.loc["r_squared", "value"] > 0.9
    predicted = tables["predictions"]
    assert predicted["mean_bin"].isna().all()
    # The beta-binomial is not the noise that made these counts: it makes the effects a few percent too small.
    slope = np.polyfit(found.library.log_activity / np.log(2), predicted["log2_activity"], 1)[0]
    assert slope == pytest.approx(0.96, abs=0.03)
    assert set(tables["parameters"]["unit"]) == {"nats"}
    assert not tables["parameters"].set_index("parameter").loc["promoter.mu", "identifiable"]
    card = fit_card("made", spec, found.problem, found.fitted, found.setup, "presence", 1, [])
    assert card["energy_unit"] == "nats" and card["observations"] == "barcodes"


def test_a_thermodynamic_model_gives_back_kcal_per_mol_where_activity_saturates(tmp_path: Path) -> None:
    spec = written(OCCUPANCY, tmp_path)
    energies = true_energies(spec, -2.0, 5)
    found = Fitted(spec, made(spec, energies, 250, 6))
    z = found.deviations(energies)
    assert np.abs(z).max() < 4 and 0.5 < z.std() < 1.6
    # Nothing but the data sets the scale of these energies.
    block, mu = found.network.layout.blocks["P.theta"].slice, found.network.layout.blocks["P.mu"].start
    assert found.fixed.errors[block].max() < 0.4
    assert bool(found.fixed.learned[mu]) and found.fixed.errors[mu] < 1.0
    card = fit_card("made", spec, found.problem, found.fitted, found.setup, "presence", 1, [])
    assert [row["parameter"] for row in card["not_identifiable"]] == ["t_sat"]
    assert any("saturation" in note for note in card["notes"])


def test_intervals_of_an_interaction_hold_the_truth_in_most_of_several_libraries(tmp_path: Path) -> None:
    """Of four 95 % intervals three hold it at least; twenty are counted in ``benchmarks/coverage_counted.tsv``."""
    spec, held = written(RECRUITMENT, tmp_path), 0
    rng, wildtype = np.random.default_rng(7), spec.wildtype or ""
    theta = {site.name: invent_matrix(wildtype[site.start : site.stop], ((3.0, 2.0),), 1.0, rng) for site in spec.sites}
    energies = Energies(theta, {"A": -1.0, "P": 2.0}, {"interaction": -2.0})
    for seed in range(4):
        library = simulate_counting("made", spec, energies, CountingExperiment(250, mutation_rate=0.2), seed)
        found = Fitted(spec, library)
        assert found.fitted.converged
        number = found.network.layout.blocks["interaction"].start
        assert abs(found.fixed.values[number] + 2.0) < 4 * found.fixed.errors[number]
        profiles = profile_scalars(spec, found.setup, found.fitted.flat, found.fixed, 0.95, 1, lambda _: None)
        lower, upper = profiles["interaction"].interval(0.95)
        held += (lower is None or lower < -2.0) and (upper is None or upper > -2.0)
    assert held >= 3
