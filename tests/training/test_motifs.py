"""Energy matrices as motifs: Boltzmann's probabilities, and energies that come back from them."""

import logomaker
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.models.spec import ModelSpec
from kcalseq.tablefile import conform
from kcalseq.tables import TABLES
from kcalseq.training.fitting import Setup
from kcalseq.training.laplace import GaugeFixed
from kcalseq.training.motifs import (
    Motif,
    energy_matrix,
    probability_matrix,
    site_motif,
    unknown_energies,
)
from kcalseq.training.parameter_tables import parameters_table
from kcalseq.units import thermal_energy

KT = thermal_energy(37.0)
# A seven times as often as each other base; C and G four times as often as A and T; no preference.
PROBABILITIES = [[0.7, 0.1, 0.1, 0.1], [0.1, 0.4, 0.4, 0.1], [0.25, 0.25, 0.25, 0.25]]
# 30 nt from the variant's first base, zero mean at each position.
ENERGIES = pd.DataFrame(-KT * np.log(PROBABILITIES), index=[30, 31, 32], columns=list("ACGT")).sub(
    -KT * np.log(PROBABILITIES).mean(1), axis="index"
)


def table(sites: dict[str, pd.DataFrame], unit: str = "kcal/mol") -> pd.DataFrame:
    """Table ``parameters`` of a model with these energy matrices, a chemical potential and an interaction."""
    rows = []
    for site, energies in sites.items():
        for position, row in energies.iterrows():
            for base, value in row.items():
                name = f"{site}.theta[{position},{base}]"
                rows.append((name, "energy_matrix", site, position, base, value, "zero_mean", unit))
        rows.append((f"{site}.mu", "chemical_potential", site, None, None, -1.0, "zero_mean", unit))
    rows.append(("stack", "interaction", None, None, None, -3.0, "none", "kcal/mol"))
    columns = ["parameter", "kind", "site", "position", "base", "value", "gauge", "unit"]
    frame = pd.DataFrame(rows, columns=columns).assign(library="lac", model="two_sites", method=None)
    frame = frame.assign(lower=np.nan, upper=np.nan, confidence=np.nan, identifiable=frame["value"].notna())
    columns = [column.name for column in TABLES["parameters"].columns]
    return conform("parameters", frame.reindex(columns=columns).sample(frac=1.0, random_state=1), "here")


def example_motif(name: str = "CRP") -> Motif:
    return site_motif(table({name: ENERGIES}), name, 37.0)


def with_unknown() -> pd.DataFrame:
    """T of the first position is not known, and nothing of the second."""
    energies = ENERGIES.copy()
    energies.loc[30, "T"] = np.nan
    energies.loc[31] = np.nan
    return energies


def test_energy_matrix_is_what_the_table_says_of_that_site() -> None:
    parameters = table({"CRP": ENERGIES, "RNAP": 2 * ENERGIES})
    found = energy_matrix(parameters, "CRP")
    pd.testing.assert_frame_equal(found, ENERGIES, check_names=False)
    pd.testing.assert_frame_equal(energy_matrix(parameters, "RNAP"), 2 * ENERGIES, check_names=False)


def test_energy_matrix_is_read_from_the_table_that_a_fit_exports(spec: ModelSpec, setup: Setup) -> None:
    network = setup.posterior.network
    values = np.random.default_rng(2).normal(size=network.layout.size)
    learned = np.ones(len(values), dtype=bool)
    block = network.layout.blocks["RNAP.theta"].slice
    learned[block.start + 5] = False
    parameters = parameters_table(spec, network, GaugeFixed(values, 0.1 * np.abs(values), learned, {}), {}, 0.95)
    found = energy_matrix(parameters, "RNAP")
    expected = np.where(learned, values, np.nan)[block].reshape(5, 4)
    # RNAP's site begins at the variant's seventh base.
    pd.testing.assert_frame_equal(
        found, pd.DataFrame(expected, index=range(6, 11), columns=list("ACGT")), check_names=False
    )
    assert unknown_energies(found) == ((7, "C"),)


def test_logomaker_takes_energies_and_probabilities() -> None:
    found = energy_matrix(table({"CRP": ENERGIES}), "CRP")
    pd.testing.assert_frame_equal(logomaker.validate_matrix(found), found, check_names=False)
    logomaker.validate_matrix(probability_matrix(found, 37.0), matrix_type="probability")
    logomaker.validate_matrix(energy_matrix(table({"CRP": with_unknown()}), "CRP"), allow_nan=True)


def test_unknown_energies_stay_missing_and_are_told() -> None:
    found = energy_matrix(table({"CRP": with_unknown()}), "CRP")
    pd.testing.assert_frame_equal(found, with_unknown(), check_names=False)
    expected = ((30, "T"), (31, "A"), (31, "C"), (31, "G"), (31, "T"))
    assert unknown_energies(found) == expected
    assert unknown_energies(ENERGIES) == ()


def test_a_position_or_base_without_a_row_is_missing_not_skipped() -> None:
    parameters = table({"CRP": ENERGIES})
    gone = (parameters["position"] == 31) | ((parameters["position"] == 32) & (parameters["base"] == "C"))
    found = energy_matrix(parameters[~gone.fillna(False)], "CRP")
    assert list(found.index) == [30, 31, 32]
    assert unknown_energies(found) == ((31, "A"), (31, "C"), (31, "G"), (31, "T"), (32, "C"))


def test_what_is_no_energy_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no energy matrix of site 'CPR'; there are: CRP, RNAP"):
        energy_matrix(table({"CRP": ENERGIES, "RNAP": ENERGIES}), "CPR")
    with pytest.raises(ValueError, match=r"energies of site 'additive' are in sd of phi; expected kcal/mol"):
        energy_matrix(table({"additive": ENERGIES}, unit="sd of phi"), "additive")
    with pytest.raises(ValueError, match="duplicate"):
        energy_matrix(pd.concat([table({"CRP": ENERGIES}), table({"CRP": ENERGIES})]), "CRP")


def test_probabilities_are_boltzmann_s() -> None:
    found = probability_matrix(ENERGIES, 37.0)
    assert found.to_numpy() == pytest.approx(np.array(PROBABILITIES), abs=1e-12)
    weights = np.exp(-ENERGIES.to_numpy() / thermal_energy(25.0))
    cold = probability_matrix(ENERGIES, 25.0).to_numpy()
    assert cold == pytest.approx(weights / weights.sum(1, keepdims=True), abs=1e-12)
    # 1 kcal/mol at 37 degrees Celsius: exp(-1 / 0.61633) = 0.1974.
    one = probability_matrix(pd.DataFrame([[0.0, 1.0, np.inf, np.inf]], columns=list("ACGT")).clip(upper=60.0), 37.0)
    assert one.loc[0, "C"] / one.loc[0, "A"] == pytest.approx(0.1974, abs=5e-5)


matrices = st.lists(st.lists(st.floats(-30, 30), min_size=4, max_size=4), min_size=1, max_size=8).map(
    lambda rows: pd.DataFrame(rows, columns=list("ACGT"))
)


@given(energies=matrices, shift=st.floats(-5, 5), temperature=st.floats(0, 60))
@settings(max_examples=60, deadline=None)
def test_probabilities_obey_the_laws(energies: pd.DataFrame, shift: float, temperature: float) -> None:
    found = probability_matrix(energies, temperature)
    assert found.sum(axis="columns").to_numpy() == pytest.approx(np.ones(len(found)), abs=1e-12)
    best = energies.min(axis="columns")
    for position, base in enumerate(found.idxmax(axis="columns")):
        assert energies.loc[position, base] == pytest.approx(best[position], abs=1e-9)
    # The gauge does not matter: a constant at each position changes nothing.
    shifted = energies.add(pd.Series(np.arange(len(energies)) * shift), axis="index")
    pd.testing.assert_frame_equal(probability_matrix(shifted, temperature), found, atol=1e-9)


@given(energies=matrices)
@settings(max_examples=60, deadline=None)
def test_log_odds_times_minus_kt_are_the_energies(energies: pd.DataFrame) -> None:
    log_odds = np.log(probability_matrix(energies, 37.0) / 0.25)
    differences = energies.sub(energies.mean(axis="columns"), axis="index")
    back = (-KT * log_odds).sub((-KT * log_odds).mean(axis="columns"), axis="index")
    pd.testing.assert_frame_equal(back, differences, atol=1e-9)


def test_logomaker_s_weights_are_the_energies() -> None:
    weights = logomaker.transform_matrix(probability_matrix(ENERGIES, 37.0), from_type="probability", to_type="weight")
    back = -KT * np.log(2) * weights.sub(weights.mean(axis="columns"), axis="index")
    pd.testing.assert_frame_equal(back, ENERGIES, check_names=False, atol=1e-6)


def test_an_unknown_base_is_as_likely_as_the_mean_energy_says() -> None:
    found = probability_matrix(with_unknown(), 37.0)
    filled = with_unknown()
    filled.loc[30, "T"] = filled.loc[30, ["A", "C", "G"]].mean()
    filled.loc[31] = 0.0
    pd.testing.assert_frame_equal(found, probability_matrix(filled, 37.0))
    assert (found.loc[31] == 0.25).all()
    # Known bases keep their ratios.
    assert found.loc[30, "A"] / found.loc[30, "C"] == pytest.approx(7.0)


def test_energies_of_pairs_are_left_out_and_this_is_told() -> None:
    parameters = table({"CRP": ENERGIES, "RNAP": ENERGIES})
    matrix = parameters[(parameters["site"] == "CRP") & (parameters["kind"] == "energy_matrix")]
    with_pairs = pd.concat([parameters, matrix.assign(kind="pair_energy")], ignore_index=True)
    found = site_motif(with_pairs, "CRP", 37.0)
    pd.testing.assert_frame_equal(found.probabilities, example_motif().probabilities)
    assert found.remarks == ("energies of pairs of bases are left out",)
    assert site_motif(with_pairs, "RNAP", 37.0).remarks == ()
