"""The example library in resources/mpra_simulated: 80 variants of four promoters, so chimeras are often neighbours."""

from pathlib import Path

import pandas as pd
import pytest

from kcalseq.arrowfile import write_pieces
from kcalseq.association.design import read_design
from kcalseq.association.mapping import Association, map_barcodes
from kcalseq.association.purity import UNIQUE
from kcalseq.reads.extract import Settings, extract_run
from kcalseq.reads.layout import read_layout
from kcalseq.reads.owners import Sample

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "resources" / "mpra_simulated"
LAYOUT = ROOT / "config" / "assays" / "mpra_simulated_association.yaml"


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Association:
    folder, layout, paths = tmp_path_factory.mktemp("example"), read_layout(LAYOUT), []
    for run in ("association_run1", "association_run2"):
        files = {name: str(EXAMPLE / f"{run}_{name}.fastq.gz") for name in ("read_1", "read_2", "index_1")}
        settings = Settings(keep_qualities=True, folder=folder)
        found = extract_run(run, files, layout, Sample("sample", "example"), lambda _: None, settings)
        paths.append(folder / f"{run}.parquet")
        write_pieces("observations", found.observations, paths[-1])
    return map_barcodes("example", paths, read_design(EXAMPLE / "design.fa"))


@pytest.fixture(scope="module")
def known(mapped: Association) -> pd.DataFrame:
    """Barcodes with at least three reads: the truth beside what was made of them."""
    truth = pd.read_csv(EXAMPLE / "truth_association.tsv.gz", sep="\t", keep_default_na=False)
    same = {name: "first" for name in ("variant", "second_variant", "mutations")}
    whole = truth.groupby("barcode").agg(same | {"n_reads": "sum"}).reset_index()
    calls = mapped.barcode_calls[["barcode", "call", "variant", "second_probability"]]
    return whole[whole["n_reads"] >= 3].merge(calls, on="barcode", how="left", suffixes=("", "_called"))


def test_clean_barcodes_are_assigned_and_none_wrongly(known: pd.DataFrame) -> None:
    clean = known[(known["second_variant"] == "") & (known["mutations"] == "")]
    assigned, right = clean["call"] == "assigned", clean["variant"] == clean["variant_called"]
    assert len(clean) > 1400
    assert (assigned & right).mean() >= 0.95
    assert not (assigned & ~right).any()


def test_synthesis_errors_are_flagged(known: pd.DataFrame) -> None:
    mutated = known[(known["second_variant"] == "") & (known["mutations"] != "")]
    assert len(mutated) > 100
    assert (mutated["call"] == "mutated").mean() >= 0.95
    assert not (mutated["call"] == "assigned").any()


def test_no_barcode_on_two_oligos_is_told_to_be_unique(known: pd.DataFrame, mapped: Association) -> None:
    double = known[known["second_variant"] != ""]
    unique = (double["call"] == "assigned") & (double["second_probability"] <= UNIQUE)
    assert len(double) > 20 and not unique.any()
    summary = mapped.association_summary.set_index("quantity")["value"]
    assert 0.9 < summary["n_barcodes_unique"] / summary["n_barcodes_assigned"] < 1


def test_rates_are_the_simulated_ones(mapped: Association) -> None:
    summary = mapped.association_summary.set_index("quantity")["value"]
    assert summary["chimera_rate"] == pytest.approx(0.02, rel=0.15)
    assert summary["two_molecule_rate"] == pytest.approx(0.017, rel=0.3)
