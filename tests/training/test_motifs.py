"""Energy matrices as motifs: texts that can be checked by eye, and energies that come back from them."""

import re

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
    jaspar,
    meme,
    probability_matrix,
    site_motif,
    transfac,
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


def test_meme_text_of_two_sites() -> None:
    assert meme([example_motif("CRP"), example_motif("RNAP")]) == (
        "MEME version 4\n"
        "\n"
        "ALPHABET= ACGT\n"
        "\n"
        "strands: + -\n"
        "\n"
        "Background letter frequencies\n"
        "A 0.25 C 0.25 G 0.25 T 0.25\n"
        "\n"
        "MOTIF CRP\n"
        "letter-probability matrix: alength= 4 w= 3 nsites= 1000 E= 0\n"
        " 0.700000  0.100000  0.100000  0.100000\n"
        " 0.100000  0.400000  0.400000  0.100000\n"
        " 0.250000  0.250000  0.250000  0.250000\n"
        "\n"
        "MOTIF RNAP\n"
        "letter-probability matrix: alength= 4 w= 3 nsites= 1000 E= 0\n"
        " 0.700000  0.100000  0.100000  0.100000\n"
        " 0.100000  0.400000  0.400000  0.100000\n"
        " 0.250000  0.250000  0.250000  0.250000\n"
    )


def test_jaspar_text_of_two_sites() -> None:
    rows = "A  [  700  100  250 ]\nC  [  100  400  250 ]\nG  [  100  400  250 ]\nT  [  100  100  250 ]\n"
    assert jaspar([example_motif("CRP"), example_motif("RNAP")]) == f">CRP\tCRP\n{rows}>RNAP\tRNAP\n{rows}"


def test_transfac_text_of_two_sites() -> None:
    def record(name: str) -> str:
        return (
            f"AC  {name}\n"
            "XX\n"
            f"ID  {name}\n"
            "XX\n"
            "P0       A     C     G     T\n"
            "01     700   100   100   100      A\n"
            "02     100   400   400   100      S\n"
            "03     250   250   250   250      N\n"
            "XX\n"
            "//\n"
        )

    assert transfac([example_motif("CRP"), example_motif("RNAP")]) == record("CRP") + record("RNAP")


def test_files_with_room_for_a_remark_tell_what_is_unknown() -> None:
    motif = site_motif(table({"CRP": with_unknown()}), "CRP", 37.0)
    remark = (
        "not determined by the data, so set to the mean energy of the position: T at 1, A at 2, C at 2, G at 2, T at 2"
    )
    assert f"MOTIF CRP\n# {remark}\nletter-probability" in meme([motif])
    assert f"ID  CRP\nXX\nCC  {remark}\nXX\nP0" in transfac([motif])
    assert jaspar([motif]).startswith(">CRP\tCRP\nA  [")
    assert example_motif().remarks == ()
    assert "#" not in meme([example_motif()])
    assert "CC" not in transfac([example_motif()])


def test_energies_of_pairs_are_left_out_and_this_is_told() -> None:
    parameters = table({"CRP": ENERGIES, "RNAP": ENERGIES})
    matrix = parameters[(parameters["site"] == "CRP") & (parameters["kind"] == "energy_matrix")]
    with_pairs = pd.concat([parameters, matrix.assign(kind="pair_energy")], ignore_index=True)
    found = site_motif(with_pairs, "CRP", 37.0)
    pd.testing.assert_frame_equal(found.probabilities, example_motif().probabilities)
    assert found.remarks == ("energies of pairs of bases are left out",)
    assert site_motif(with_pairs, "RNAP", 37.0).remarks == ()


def read_meme(text: str) -> dict[str, pd.DataFrame]:
    found = {}
    for block in text.split("MOTIF ")[1:]:
        lines = [line for line in block.splitlines() if line and line[0] != "#"]
        width = int(re.search(r"w= (\d+)", lines[1])[1])
        rows = [[float(word) for word in line.split()] for line in lines[2:]]
        assert len(rows) == width
        found[lines[0]] = pd.DataFrame(rows, columns=list("ACGT"))
    return found


def read_jaspar(text: str) -> dict[str, pd.DataFrame]:
    found = {}
    for block in text.split(">")[1:]:
        header, *rows = block.splitlines()
        words = [re.fullmatch(r"([ACGT])  \[ (.*) \]", row).groups() for row in rows]
        found[header.split("\t")[0]] = pd.DataFrame({base: [int(n) for n in own.split()] for base, own in words})
    return found


def read_transfac(text: str) -> dict[str, pd.DataFrame]:
    found = {}
    for block in text.split("//\n")[:-1]:
        fields = [line.split() for line in block.splitlines()]
        (name,) = [words[1] for words in fields if words[0] == "ID"]
        (bases,) = [words[1:] for words in fields if words[0] == "P0"]
        rows = [[int(n) for n in words[1:5]] for words in fields if words[0].isdigit()]
        found[name] = pd.DataFrame(rows, columns=bases)
    return found


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    motifs = [Motif(name, probability_matrix(data.draw(matrices) / 10, 37.0)) for name in ("CRP", "RNAP_2")]
    back = read_meme(meme(motifs))
    counts = read_jaspar(jaspar(motifs)), read_transfac(transfac(motifs))
    assert list(back) == list(counts[0]) == list(counts[1]) == ["CRP", "RNAP_2"]
    for name, probabilities, _ in motifs:
        pd.testing.assert_frame_equal(back[name], probabilities, atol=5.1e-7, rtol=0)
        pd.testing.assert_frame_equal(counts[0][name], counts[1][name])
        assert (counts[0][name].sum(axis="columns") == 1000).all()
        # Largest remainders: no count is off by a whole one.
        assert (counts[0][name] - 1000 * probabilities).abs().max(axis=None) < 1


@pytest.mark.parametrize(
    ("probabilities", "letter"),
    [
        ([0.5, 0.25, 0.25, 0.0], "A"),
        ([0.1, 0.1, 0.1, 0.7], "T"),
        ([0.52, 0.3, 0.18, 0.0], "M"),
        ([0.1, 0.4, 0.15, 0.35], "Y"),
        ([0.4, 0.3, 0.3, 0.0], "V"),
        ([0.0, 0.3, 0.3, 0.4], "B"),
        ([0.4, 0.3, 0.2, 0.1], "N"),
        ([0.0, 0.5, 0.5, 0.0], "S"),
    ],
)
def test_consensus_letters_follow_transfac_s_rules(probabilities: list[float], letter: str) -> None:
    motif = Motif("x", pd.DataFrame([probabilities], columns=list("ACGT")))
    assert transfac([motif]).splitlines()[-3].split()[-1] == letter


@pytest.mark.parametrize("write", [meme, jaspar, transfac])
def test_names_that_a_motif_file_cannot_hold_are_refused(write: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="two motifs are named 'CRP'"):
        write([example_motif(), example_motif()])
    with pytest.raises(ValueError, match="motif name 'my site': expected letters without white space and without '='"):
        write([example_motif()._replace(name="my site")])
    with pytest.raises(ValueError, match="no motifs to write"):
        write([])
