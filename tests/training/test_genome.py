"""Scans: every window once and where it stands, both strands alike, nothing left out in silence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.dna import reverse_complement
from kcalseq.errors import KcalseqError
from kcalseq.training.fitted import FittedPromoter
from kcalseq.training.genome import predict_records, scan_region

from .conftest import MODEL
from .invented import invented_model

PREDICTED = ["phi", "mean_bin", "energy_CRP", "energy_RNAP"]
WILDTYPE = "ACGTACGTACGT"
REGION = "GATTACAGGCATCCGTTACGATCAACGTACGTACGTTGCA"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> FittedPromoter:
    return invented_model(tmp_path_factory.mktemp("model"), MODEL)


def test_windows_are_predicted_where_they_stand(model: FittedPromoter) -> None:
    found = scan_region(model, REGION)
    windows = [REGION[start : start + 12] for start in range(len(REGION) - 11)]
    assert found["start"].tolist() == [start for start in range(len(windows)) for _ in "+-"]
    assert found["strand"].tolist() == ["+", "-"] * len(windows)
    assert list(found.columns) == ["start", "strand", *PREDICTED]
    for strand, read in (("+", windows), ("-", [reverse_complement(window) for window in windows])):
        rows = found[found["strand"] == strand].reset_index(drop=True)
        expected, energies = model.predict(read), model.energies(read)
        assert np.allclose(rows[["phi", "mean_bin"]], expected[["phi", "mean_bin"]], rtol=0, atol=1e-12)
        assert np.allclose(rows[["energy_CRP", "energy_RNAP"]], energies[["CRP", "RNAP"]], rtol=0, atol=1e-12)


def test_the_wild_type_has_no_energy_beside_itself(model: FittedPromoter) -> None:
    rows = scan_region(model, REGION, both_strands=False)
    assert set(rows["strand"]) == {"+"}
    there = rows[rows["start"] == REGION.index(WILDTYPE)]
    assert there[["energy_CRP", "energy_RNAP"]].to_numpy() == pytest.approx(np.zeros((1, 2)), abs=1e-12)


@given(st.text("ACGTN", min_size=12, max_size=40))
@settings(max_examples=25, deadline=None)
def test_the_other_strand_read_backwards_is_the_same_scan(model: FittedPromoter, region: str) -> None:
    there, back = scan_region(model, region), scan_region(model, reverse_complement(region))
    back["start"] = len(region) - 12 - back["start"]
    back["strand"] = back["strand"].map({"+": "-", "-": "+"})
    back = back.sort_values(["start", "strand"], ignore_index=True)
    pd.testing.assert_frame_equal(there, back, rtol=0, atol=1e-12)


def test_a_window_with_an_unknown_base_keeps_its_row(model: FittedPromoter) -> None:
    whole, torn = scan_region(model, REGION), scan_region(model, REGION[:20] + "N" + REGION[21:])
    touched = whole["start"].between(9, 20)
    assert len(torn) == len(whole)
    assert torn.loc[touched, PREDICTED].isna().all(axis=None)
    pd.testing.assert_frame_equal(torn[~touched], whole[~touched], rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 28, 29, 30])
def test_pieces_leave_no_trace(model: FittedPromoter, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scan_region(model, REGION)
    monkeypatch.setattr("kcalseq.training.genome._CHUNK", n)
    pd.testing.assert_frame_equal(scan_region(model, REGION), whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("region", "words"),
    [("ACGT", "4 bases; expected at least 12"), ("R" + REGION, "the letter 'R'"), (REGION.lower(), "upper case")],
)
def test_what_cannot_be_scanned_is_told(model: FittedPromoter, region: str, words: str) -> None:
    with pytest.raises(KcalseqError, match=words):
        scan_region(model, region)


def test_a_model_without_a_wild_type_scans_without_energies(tmp_path: Path) -> None:
    nameless = invented_model(tmp_path / "nameless", MODEL.replace(", wildtype: ACGTACGTACGT", ""))
    assert list(scan_region(nameless, REGION).columns) == ["start", "strand", "phi", "mean_bin"]


RECORDS = [("region", REGION), ("wild type", WILDTYPE), ("other", REGION[1:]), ("unread", "N" + WILDTYPE[1:])]


def test_records_of_the_models_length_are_predicted_as_they_are_and_longer_ones_scanned(model: FittedPromoter) -> None:
    found = predict_records(model, RECORDS)
    assert list(found.columns) == ["condition", "sequence_name", "start", "strand", "phi", "mean_bin"]
    assert set(found["condition"]) == {"M9"}
    n_rows = {"region": 58, "other": 56, "wild type": 1, "unread": 1}
    assert found["sequence_name"].value_counts().to_dict() == n_rows
    by_name = found.set_index("sequence_name")
    assert by_name.loc["wild type", ["start", "strand"]].tolist() == [0, "+"]
    assert by_name.loc["wild type", "phi"] == pytest.approx(model.predict([WILDTYPE])["phi"][0], abs=1e-12)
    assert np.isnan(by_name.loc["unread", "phi"])
    scanned = scan_region(model, REGION)
    assert np.allclose(by_name.loc["region", "phi"], scanned["phi"], rtol=0, atol=1e-12)
    assert np.allclose(by_name.loc["other", "phi"], scanned.loc[scanned["start"] > 0, "phi"], rtol=0, atol=1e-12)


def test_records_are_predicted_in_every_condition(tmp_path: Path) -> None:
    model = invented_model(tmp_path / "two", MODEL, ("M9", "LB"))
    found = predict_records(model, RECORDS)
    assert found["condition"].value_counts().to_dict() == {"M9": 116, "LB": 116}
    for condition in ("M9", "LB"):
        rows = found[(found["condition"] == condition) & (found["sequence_name"] == "region")].reset_index(drop=True)
        scanned = scan_region(model, REGION, condition=condition)[["start", "strand", "phi", "mean_bin"]]
        pd.testing.assert_frame_equal(rows[scanned.columns], scanned, rtol=0, atol=1e-12)
    with pytest.raises(KcalseqError, match="no condition; expected one of M9, LB"):
        scan_region(model, REGION)


@pytest.mark.parametrize("sequence", ["ACGT", "ACGTACGTACGR"])
def test_a_record_that_cannot_be_predicted_is_told(model: FittedPromoter, sequence: str) -> None:
    with pytest.raises(KcalseqError, match="sequence: "):
        predict_records(model, [("region", REGION), ("bad", sequence)])
