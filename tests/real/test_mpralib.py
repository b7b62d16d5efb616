"""A real table of barcode counts: our counts per variant against those that another program made of the same table.

By its source, mpralib counts a barcode of an oligo in a replicate where it has any read, of DNA or of RNA, and sums the
reads of these. In this table no barcode has DNA without RNA or the reverse, so its one number of barcodes is that of
either fraction with us.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.activity.counted import Counted, gather
from kcalseq.activity.logratios import activities
from kcalseq.activity.logtables import variant_table
from kcalseq.activity.settings import Settings
from kcalseq.arrowfile import read_pieces, write_pieces
from kcalseq.association.imports import import_map
from kcalseq.counts.barcodes import count_barcodes
from kcalseq.counts.correction import Correction
from kcalseq.counts.variants import count_variants_of_barcodes
from kcalseq.export.barcodes import side_by_side as columns_of
from kcalseq.export.barcodes import write_barcode_counts
from kcalseq.export.igvf import experiment
from kcalseq.export.textfile import write_rows
from kcalseq.tablefile import conform

REPLICATES, FRACTIONS = ("1", "2", "3"), ("dna", "rna")
PLACES = [(fraction, replicate) for replicate in REPLICATES for fraction in FRACTIONS]
SAMPLES = pd.DataFrame(
    {
        "sample": [f"{fraction}_{replicate}" for fraction, replicate in PLACES],
        "condition": "HepG2",
        "replicate": [replicate for _, replicate in PLACES],
        "fraction": [fraction for fraction, _ in PLACES],
        "bin": 0,
    }
)
KEY = ["replicate", "variant"]


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "mpralib"


@pytest.fixture(scope="module")
def barcodes(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "reporter_experiment_barcode.input.tsv.gz", sep="\t")


@pytest.fixture(scope="module")
def counted(folder: Path, barcodes: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """One row a variant and replicate: reads and barcodes of either fraction, by import, counting and summing."""
    scratch = tmp_path_factory.mktemp("counted")
    barcode_map = scratch / "map.tsv"
    barcodes[["barcode", "oligo_name"]].to_csv(barcode_map, sep="\t", index=False)
    known = import_map("hepg2", barcode_map)
    paths = []
    for fraction, replicate in PLACES:
        name = f"{fraction}_{replicate}"
        seen = barcodes[["barcode", f"{fraction}_count_{replicate}"]].dropna().set_axis(["barcode", "n_reads"], axis=1)
        rows = seen.astype({"n_reads": np.int64}).assign(library="hepg2", sample=name, run=name).sort_values("barcode")
        paths.append(scratch / f"{name}.parquet")
        write_pieces("observations", [pa.Table.from_pandas(rows, preserve_index=False)], paths[-1])
    table = pa.Table.from_pandas(known, preserve_index=False)
    found = count_barcodes("hepg2", paths, SAMPLES, table, Correction(), scratch)
    assert set(found.count_fates.query("n_reads > 0")["fate"]) == {"exact"}
    counts = scratch / "barcode_counts.parquet"
    write_pieces("barcode_counts", found.barcode_counts, counts)
    summed = count_variants_of_barcodes("hepg2", read_pieces("barcode_counts", counts), SAMPLES)
    wide = conform("variant_counts", summed, "found").pivot(
        index=KEY, columns="fraction", values=["n_reads", "n_barcodes"]
    )
    return wide.set_axis([f"{fraction}_{name}" for name, fraction in wide.columns], axis=1)


def golden(folder: Path, least: int) -> pd.DataFrame:
    """mpralib's own table of oligos with at least so many barcodes."""
    table = pd.read_csv(folder / f"reporter_activity.bc{least}.output.tsv.gz", sep="\t", dtype={"replicate": str})
    return table.rename(columns={"oligo_name": "variant"}).set_index(KEY).sort_index()


def test_no_barcode_is_counted_in_one_fraction_alone(barcodes: pd.DataFrame) -> None:
    assert (len(barcodes), barcodes["barcode"].nunique(), barcodes["oligo_name"].nunique()) == (92_729, 92_729, 2321)
    for replicate in REPLICATES:
        dna, rna = barcodes[f"dna_count_{replicate}"], barcodes[f"rna_count_{replicate}"]
        assert (dna.notna() == rna.notna()).all()
        assert min(dna.min(), rna.min()) == 1


@pytest.mark.parametrize(("least", "n_rows"), [(1, 6746), (10, 4065)])
def test_variant_counts_are_those_of_mpralib(folder: Path, counted: pd.DataFrame, least: int, n_rows: int) -> None:
    expected = golden(folder, least)
    ours = counted[counted["dna_n_barcodes"] >= least].sort_index()
    assert len(expected) == n_rows
    assert ours.index.equals(expected.index)
    for column, theirs in (
        ("dna_n_reads", "dna_counts"),
        ("rna_n_reads", "rna_counts"),
        ("dna_n_barcodes", "n_bc"),
        ("rna_n_barcodes", "n_bc"),
    ):
        assert ours[column].tolist() == expected[theirs].tolist()


def test_normalised_counts_follow_from_ours(folder: Path, counted: pd.DataFrame) -> None:
    """Theirs are counts per million with one read added for each oligo: so no read is missing from the totals."""
    expected = golden(folder, 1)
    for fraction in FRACTIONS:
        added = counted[f"{fraction}_n_reads"].astype(float) + 1
        found = added / added.groupby("replicate").transform("sum") * 1e6
        assert np.allclose(found.loc[expected.index], expected[f"{fraction}_normalized"], atol=1e-4)


def test_a_real_map_of_barcodes_to_elements_is_imported(folder: Path) -> None:
    path = folder / "reporter_barcode_to_element_mapping.example.tsv.gz"
    found = conform("barcode_map", import_map("example", path), "found")
    rows = pd.read_csv(path, sep="\t", names=["barcode", "variant"])
    assert dict(zip(found["barcode"], found["variant"], strict=True)) == rows.set_index("barcode")["variant"].to_dict()
    assert found["barcode"].is_monotonic_increasing
    assert found["barcode"].iloc[0] == "AAAAAAAAAAAAAAC"
    assert found["variant"].iloc[0] == "Positive_75_(chr17:81871255-81871455)"
    assert found[["n_reads", "purity"]].isna().all(axis=None)


def side_by_side(barcodes: pd.DataFrame) -> Counted:
    """The counts as the floor activity keeps them."""
    rows = [
        barcodes[["barcode", "oligo_name", f"{fraction}_count_{replicate}"]]
        .dropna()
        .set_axis(["barcode", "variant", "n_reads"], axis=1)
        .assign(library="hepg2", condition="HepG2", replicate=replicate, fraction=fraction, n_molecules=None)
        .astype({"n_reads": "int64", "n_molecules": "Int64"})
        for fraction, replicate in PLACES
    ]
    table = pa.Table.from_pandas(pd.concat(rows), preserve_index=False)
    places = [("HepG2", replicate, fraction) for fraction, replicate in PLACES]
    return gather("hepg2", [table], set(barcodes["oligo_name"]), places)


@pytest.mark.parametrize("least", [1, 10])
def test_activities_are_those_of_mpralib_under_its_rules(folder: Path, barcodes: pd.DataFrame, least: int) -> None:
    """Its rules: one read added to each sum of an oligo, counts per million, no least count of a barcode.

    It prints four digits of numbers held in single precision: half of the last digit, and what rounding to single
    precision moves across it.
    """
    known = side_by_side(barcodes)
    rules = Settings(normalisation="cpm", pseudocount=1.0, min_dna=0, min_barcodes=least, bootstraps=0)
    found = activities(known, rules, np.zeros(len(known.names), dtype=bool), 1)
    ours = variant_table("hepg2", known, found).set_index(KEY)
    ours = ours[ours["fate"] == "measured"].sort_index()
    expected = golden(folder, least)
    assert ours.index.equals(expected.index)
    assert (ours["log2_ratio"] - expected["log2FoldChange"]).abs().max() < 5.02e-5
    assert ours["n_barcodes"].tolist() == expected["n_bc"].tolist()
    for name, theirs in (("dna", "dna_counts"), ("rna", "rna_counts")):
        assert ours[name].tolist() == expected[theirs].tolist()
        assert np.allclose(ours[f"{name}_normalised"], expected[f"{name}_normalized"], atol=5e-5, rtol=1e-6)


def test_the_exported_experiment_is_mpralibs_own_file(folder: Path, barcodes: pd.DataFrame, tmp_path: Path) -> None:
    """Column by column, under its rules: a file that was read with its numbers rounded to four decimals."""
    known = side_by_side(barcodes)
    rules = Settings(pseudocount=1.0, min_dna=0, bootstraps=0)
    found = activities(known, rules, np.zeros(len(known.names), dtype=bool), 1)
    rows = experiment(variant_table("hepg2", known, found), {name: name for name in REPLICATES}, 1.0).rows
    write_rows(rows, tmp_path / "ours.tsv.gz")
    key = ["replicate", "oligo_name"]
    paths = (tmp_path / "ours.tsv.gz", folder / "reporter_activity.bc1.output.tsv.gz")
    ours, theirs = (pd.read_csv(path, sep="\t").sort_values(key, ignore_index=True) for path in paths)
    assert list(ours.columns) == list(theirs.columns)
    whole = [*key, "dna_counts", "rna_counts", "n_bc"]
    pd.testing.assert_frame_equal(ours[whole], theirs[whole])
    numbers = ["dna_normalized", "rna_normalized", "log2FoldChange"]
    assert np.allclose(ours[numbers], theirs[numbers], atol=1.01e-4, rtol=1e-6)


def test_the_exported_barcodes_are_the_table_they_came_from(barcodes: pd.DataFrame, tmp_path: Path) -> None:
    in_order = barcodes.sort_values("barcode", ignore_index=True)
    pieces = [
        in_order[["barcode", f"{fraction}_count_{replicate}"]]
        .dropna()
        .set_axis(["barcode", "n_reads"], axis=1)
        .assign(condition="HepG2", replicate=replicate, fraction=fraction, n_molecules=None)
        .astype({"n_reads": "int64", "n_molecules": "Int64"})
        for fraction, replicate in PLACES
    ]
    known = pa.table({"barcode": in_order["barcode"].tolist(), "variant": in_order["oligo_name"].tolist()})
    tables = [pa.Table.from_pandas(piece, preserve_index=False) for piece in pieces]
    counts = columns_of(tables, known.column("barcode").combine_chunks()).counts
    path = tmp_path / "barcodes.tsv.gz"
    assert write_barcode_counts(counts, "HepG2", {name: name for name in REPLICATES}, known, path) == 92_729
    pd.testing.assert_frame_equal(pd.read_csv(path, sep="\t"), in_order)


def test_errors_are_no_smaller_than_replicates_say(barcodes: pd.DataFrame) -> None:
    """Rather larger: the table lacks what has no DNA or no RNA, and such counts scatter less than Poisson counts."""
    known = side_by_side(barcodes)
    rules = Settings(min_barcodes=10, bootstraps=0)
    found = activities(known, rules, np.zeros(len(known.names), dtype=bool), 1).measured
    one, two = (found["HepG2", replicate].variants for replicate in ("1", "2"))
    deviation = (one.log2_ratio - two.log2_ratio) / np.hypot(one.se, two.se)
    assert 0.55 < np.nanstd(deviation) < 0.75
