"""From table barcode_counts to a problem: by key, and nothing chosen by its outcome."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.barcode_metrics import ratios_of_other_barcodes
from kcalseq.training.barcoded import observed_barcodes
from kcalseq.training.problem import barcoded, build_problem

ADDITIVE = """\
description: Every base adds to log activity
kind: additive
sequence: {length: 8, wildtype: ACGTACGT}
sites:
  promoter: {start: 0, length: 8}
measurement: {kind: barcode_counts}
"""


def written(text: str, folder: Path) -> ModelSpec:
    path = folder / "counted.yaml"
    path.write_text(text, encoding="utf-8")
    return read_model(path)


def table(rows: str) -> pd.DataFrame:
    """Rows of replicate, fraction, barcode, variant and reads."""
    cells = [row.split() for row in rows.split(",")]
    frame = pd.DataFrame(cells, columns=["replicate", "fraction", "barcode", "variant", "n_reads"])
    frame = frame.astype({"n_reads": "int64"}).replace({"variant": {"-": None}})
    missing = pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame.assign(library="made", condition="cells", bin=0, n_molecules=missing)


FOUR = (
    "1 dna a v0 5, 1 rna a v0 9, 1 dna b v1 8, 1 rna c v2 30, 1 dna d - 90, 2 dna a v0 7, 2 rna a v0 20, 2 rna b v1 2"
)


def test_dna_and_rna_stand_side_by_side_and_what_is_missing_is_none() -> None:
    found = observed_barcodes(table(FOUR))
    rows = [tuple(row) for row in found[["replicate", "barcode", "variant", "dna", "rna"]].itertuples(index=False)]
    assert rows == [
        ("1", "a", "v0", 5, 9),
        ("1", "b", "v1", 8, 0),
        ("1", "c", "v2", 0, 30),
        ("2", "a", "v0", 7, 20),
        ("2", "b", "v1", 0, 2),
    ]
    molecules = table(FOUR).assign(n_molecules=pd.array([1] * 8, dtype="Int64"))
    assert observed_barcodes(molecules)[["dna", "rna"]].max().tolist() == [1, 1]


def three_variants(sets: str) -> pd.DataFrame:
    sequences = ["ACGTACGT", "TCGTACGA", "AGCATGCT"]
    names = ["v0", "v1", "v2"]
    return pd.DataFrame({"library": "made", "variant": names, "variant_sequence": sequences, "set": sets.split()})


def test_few_reads_are_left_out_by_their_sum_and_depths_are_those_of_all(tmp_path: Path) -> None:
    spec = written(ADDITIVE.replace("barcode_counts}", "barcode_counts, minimum_reads: 8}"), tmp_path)
    ((condition, process, data),) = barcoded(
        build_problem(spec, three_variants("training validation test"), table(FOUR), "raw")
    )
    assert condition == "cells" and process.replicates == ("1", "2")
    assert data.n_observations.tolist() == [2, 1, 1]
    assert data.dna[0].tolist() == [5, 8, 0, 7] and data.rna[0].tolist() == [9, 0, 30, 20]
    assert np.allclose(process.log_size_ratio, np.log([39 / 13, 22 / 7]))


def test_what_cannot_carry_a_model_is_refused_in_words(tmp_path: Path) -> None:
    spec = written(ADDITIVE, tmp_path)
    with pytest.raises(KcalseqError, match="no barcode with enough reads in the validation set"):
        build_problem(spec, three_variants("training validation test"), table(FOUR), "raw")
    no_rna = table(FOUR)
    no_rna = no_rna[~((no_rna["replicate"] == "2") & (no_rna["fraction"] == "rna"))]
    with pytest.raises(KcalseqError, match="replicate '2'.*no RNA reads of barcodes with a variant"):
        build_problem(spec, three_variants("training validation test"), no_rna, "raw")
    unnamed = table(FOUR).assign(variant=None)
    with pytest.raises(KcalseqError, match="no counts of barcodes with a variant"):
        build_problem(spec, three_variants("training validation test"), unnamed, "raw")


def test_other_barcodes_of_a_variant_are_told_without_the_barcode_itself(tmp_path: Path) -> None:
    spec = written(ADDITIVE.replace("barcode_counts}", "barcode_counts, minimum_reads: 1}"), tmp_path)
    rows = "1 dna a v0 9, 1 rna a v0 19, 1 dna b v0 19, 1 rna b v0 9, 1 dna c v1 5, 1 rna c v1 5, "
    rows += "1 dna d v2 1, 1 rna d v2 1"
    ((_, process, data),) = barcoded(
        build_problem(spec, three_variants("training validation test"), table(rows), "raw")
    )
    ratios, variant = ratios_of_other_barcodes(process, data)
    assert variant.tolist() == [0, 0, 1, 2]
    assert np.allclose(ratios, np.log([10 / 20, 20 / 10, 1, 1]))
