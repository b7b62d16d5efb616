"""Double mutants: each there once, epistasis by hand, and none where effects add up."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.errors import KcalseqError
from kcalseq.training.fitted import FittedPromoter
from kcalseq.training.mutants import double_mutants, saturation

from .conftest import MODEL
from .invented import ADDITIVE, invented_model

WILDTYPE = "ACGTACGTACGT"
OUTSIDE = (5, 11)


@pytest.fixture
def model(tmp_path: Path) -> FittedPromoter:
    return invented_model(tmp_path, MODEL)


@pytest.fixture
def doubles(model: FittedPromoter) -> pd.DataFrame:
    return double_mutants(model)


def test_every_double_mutant_is_there_once(doubles: pd.DataFrame) -> None:
    differing = {letters: sum(map(str.__ne__, letters, "ACGT")) for letters in product("ACGT", repeat=4)}
    everything = {"".join(letters) for letters, n in differing.items() if n == 2}
    assert len(doubles) == doubles["sequence"].nunique() == 9 * 12 * 11 // 2
    assert all(sum(a != b for a, b in zip(WILDTYPE, row, strict=True)) == 2 for row in doubles["sequence"])
    first_four = doubles[doubles["second_position"] < 4]
    assert {sequence[:4] for sequence in first_four["sequence"]} == everything
    assert (doubles["position"] < doubles["second_position"]).all()


def test_rows_tell_their_mutations(doubles: pd.DataFrame) -> None:
    for row in doubles.iloc[::37].itertuples():
        changed = list(WILDTYPE)
        assert (changed[row.position], changed[row.second_position]) == (row.reference, row.second_reference)
        changed[row.position], changed[row.second_position] = row.base, row.second_base
        assert row.sequence == "".join(changed)


def test_epistasis_is_the_part_that_single_mutants_do_not_tell(model: FittedPromoter, doubles: pd.DataFrame) -> None:
    row = doubles.loc[doubles["epistasis"].abs().idxmax()]
    at, second_at = row["position"], row["second_position"]
    first = WILDTYPE[:at] + row["base"] + WILDTYPE[at + 1 :]
    second = WILDTYPE[:second_at] + row["second_base"] + WILDTYPE[second_at + 1 :]
    phi = model.predict([row["sequence"], first, second, WILDTYPE])["phi"]
    assert row["delta_phi"] == pytest.approx(phi[0] - phi[3], abs=1e-12)
    assert row["epistasis"] == pytest.approx(phi[0] - phi[1] - phi[2] + phi[3], abs=1e-12)
    assert abs(row["epistasis"]) > 1e-3


def test_only_positions_inside_sites_are_epistatic(doubles: pd.DataFrame) -> None:
    outside = doubles["position"].isin(OUTSIDE) | doubles["second_position"].isin(OUTSIDE)
    assert doubles.loc[outside, "epistasis"].abs().max() < 1e-12
    assert doubles.loc[~outside, "epistasis"].abs().max() > 1e-3


def test_effects_of_an_additive_model_add_up(tmp_path: Path) -> None:
    found = double_mutants(invented_model(tmp_path / "additive", ADDITIVE))
    assert found["epistasis"].abs().max() < 1e-12
    assert found["delta_phi"].abs().max() > 0.1


def test_mutants_of_another_sequence(model: FittedPromoter) -> None:
    parent = "TTTTTTTTTTTT"
    found = double_mutants(model, parent)
    assert set(found["reference"]) == {"T"}
    assert all(sequence.count("T") == 10 for sequence in found["sequence"])


def test_pieces_leave_no_trace(model: FittedPromoter, doubles: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kcalseq.training.mutants._CHUNK", 7)
    pd.testing.assert_frame_equal(double_mutants(model), doubles, rtol=0, atol=1e-12)


def test_the_table_of_single_mutants_holds_each_where_it_belongs(model: FittedPromoter) -> None:
    table = saturation(model)
    assert (table.shape, list(table.columns)) == ((12, 4), list("ACGT"))
    assert [table.loc[at, base] for at, base in enumerate(WILDTYPE)] == [0.0] * 12
    mutant = WILDTYPE[:7] + "G" + WILDTYPE[8:]
    phi = model.predict([mutant, WILDTYPE])["phi"]
    assert table.loc[7, "G"] == pytest.approx(phi[0] - phi[1], abs=1e-12)
    assert np.allclose(table.loc[list(OUTSIDE)], 0.0)


def test_without_any_sequence_there_are_no_mutants(tmp_path: Path) -> None:
    model = invented_model(tmp_path / "nameless", MODEL.replace(", wildtype: ACGTACGTACGT", ""))
    with pytest.raises(KcalseqError, match="names no wild type"):
        double_mutants(model)
