"""Files in the formats of IGVF: valid, and with the numbers of the tables."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.settings import Settings
from kcalseq.export.barcodes import side_by_side, with_shared_dna, write_barcode_counts, write_map
from kcalseq.export.coordinates import Place
from kcalseq.export.igvf import Export, experiment, mean_cpm, scores
from kcalseq.export.igvf_files import Measured, activity_files, replicate_names
from kcalseq.export.textfile import write_rows

from .formats import FORMATS, faults
from .invented import SAMPLES, SEQUENCES, Invented, invented

REPLICATES = {"a_1": "a-1", "a_2": "a-2"}
PLACES = {"ref": Place("chr2", 1000, 1010, "-"), "sub": Place("chr10", 5, 15, "+")}


@pytest.fixture(scope="module")
def made() -> Invented:
    return invented()


def files(made: Invented, places: dict[str, Place] | None = None) -> dict[str, Export]:
    own = Measured(made.log_ratio, made.combined, made.effects, SEQUENCES, places or {}, made.settings.pseudocount)
    return dict(activity_files(own.of("M9"), replicate_names(SAMPLES, "M9", "by_replicate")))


def measured_pairs(made: Invented) -> list[str]:
    """Variants of the pairs that have an effect, in the order of the table."""
    return made.effects.dropna(subset=["effect"])["variant"].tolist()


def read(path: Path, **options: object) -> pd.DataFrame:
    """A file as a program reads it that knows nothing of us."""
    return pd.read_csv(path, sep="\t", **options)  # type: ignore[call-overload, no-any-return]


def test_every_file_is_valid(made: Invented, tmp_path: Path) -> None:
    written = set()
    for name, found in files(made, PLACES).items():
        write_rows(found.rows, tmp_path / name, header=".bed" not in name)
        assert faults(tmp_path / name) == []
        written.add(name.split(".")[0])
    write_map(made.barcode_map, tmp_path / "reporter_barcode_to_element_mapping.tsv.gz")
    assert faults(tmp_path / "reporter_barcode_to_element_mapping.tsv.gz") == []
    assert written | {"reporter_barcode_to_element_mapping"} == set(FORMATS)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [("\tref\t", "\t\t", "oligo_name"), ("a-1", "", "replicate"), ("n_bc", "n_barcodes", "header")],
)
def test_what_is_not_valid_is_found(made: Invented, tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "reporter_experiment.tsv.gz"
    write_rows(files(made)["reporter_experiment.tsv.gz"].rows, path)
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(text.replace(old, new).encode()))
    assert told in faults(path)[0]


def test_the_numbers_of_an_experiment_are_those_of_the_table(made: Invented) -> None:
    rows = experiment(made.log_ratio, REPLICATES, 0.5).rows
    measured = made.log_ratio[made.log_ratio["fate"] == "measured"]
    for theirs, ours in (
        ("dna_counts", "dna"),
        ("n_bc", "n_barcodes"),
        ("dna_normalized", "dna_normalised"),
        ("rna_normalized", "rna_normalised"),
        ("log2FoldChange", "log2_ratio"),
    ):
        np.testing.assert_allclose(rows[theirs].astype(float), measured[ours].astype(float), rtol=1e-12)
    assert set(rows["replicate"]) == {"a-1", "a-2"}


def test_counts_per_million_do_not_depend_on_our_normalisation(made: Invented) -> None:
    other = invented(Settings(normalisation="none", bootstraps=0))
    assert not np.allclose(other.log_ratio["dna_normalised"].dropna(), made.log_ratio["dna_normalised"].dropna())
    one, two = (experiment(table.log_ratio, REPLICATES, 0.5).rows for table in (made, other))
    pd.testing.assert_frame_equal(one, two)
    assert one.groupby("replicate")["dna_normalized"].sum().tolist() == pytest.approx([1e6, 1e6])


def test_what_was_not_measured_has_no_row_and_is_counted(made: Invented) -> None:
    found = files(made, PLACES)
    for name, column in (("reporter_experiment.tsv.gz", "oligo_name"), ("reporter_element.tsv.gz", "oligo_name")):
        assert "gone" not in set(found[name].rows[column])
    assert found["reporter_experiment.tsv.gz"].left_out == {"not_measured": 2}
    assert found["reporter_element.tsv.gz"].left_out == {"not_measured": 1, "not_tested": 3}
    for name, table in (("element.tsv", made.combined), ("variant.tsv", made.effects)):
        own = found[f"reporter_{name}.gz"]
        assert len(own.rows) + sum(own.left_out.values()) == len(table)
    for name, of in (("element", "element"), ("variant", "variant")):
        genomic, whole = found[f"reporter_genomic_{of}.bed.gz"], found[f"reporter_{name}.tsv.gz"]
        assert len(genomic.rows) + genomic.left_out["not_in_genome"] == len(whole.rows)


def test_elements_hold_mean_counts_and_the_test_against_controls(made: Invented) -> None:
    rows = files(made)["reporter_element.tsv.gz"].rows.set_index("oligo_name")
    table = made.combined.set_index("variant")
    single = experiment(made.log_ratio, REPLICATES, 0.5).rows.groupby("oligo_name")
    assert len(rows) > 1
    for name, row in rows.iterrows():
        assert row["log2FoldChange"] == table.loc[name, "log2_ratio"]
        assert 10 ** -row["minusLog10PValue"] == pytest.approx(table.loc[name, "p"])
        assert row["inputCount"] == pytest.approx(single["dna_normalized"].mean()[name])
        assert row["outputCount"] == pytest.approx(single["rna_normalized"].mean()[name])
    assert not [name for name in rows.index if name.startswith("scrambled")]


def test_without_tested_elements_there_is_no_row(made: Invented) -> None:
    untested = made._replace(combined=made.combined.assign(p=np.nan, q=np.nan))
    found = files(untested)["reporter_element.tsv.gz"]
    assert (len(found.rows), found.left_out["not_tested"]) == (0, 8)


def test_variants_are_told_as_changes_of_their_reference(made: Invented) -> None:
    rows = files(made)["reporter_variant.tsv.gz"].rows.assign(variant=measured_pairs(made)).set_index("variant")
    changes = rows["variant_id"]
    assert changes["sub"] == "ref:9:C:T"
    assert changes["del"] == "ref:3:TTT:TT"
    assert changes["ins"] == "ref:3:TTT:TTTT"
    assert changes["two"] == "ref:0:ACGTTTGCAC:TCGTTTGCAG"
    assert rows.loc[["sub", "del", "ins", "two"], "variantPos"].tolist() == [9, 3, 3, 0]


def test_intervals_are_those_of_95_percent_whatever_the_table_has(made: Invented) -> None:
    assert set(made.effects["confidence"]) == {0.9}
    own = made.effects.dropna(subset=["effect"])
    for degrees, reach in ((np.nan, 1.959964), (4.0, 2.776445)):
        tested = made._replace(effects=made.effects.assign(degrees=degrees))
        rows = files(tested)["reporter_variant.tsv.gz"].rows
        half = rows["CI_upper_95"].to_numpy() - rows["log2FoldChange"].to_numpy()
        np.testing.assert_allclose(half, reach * own["effect_se"], rtol=1e-6)


def test_variants_on_the_reverse_strand_are_told_on_the_forward_one(made: Invented) -> None:
    """The reference reads ACGTTTGCAC on the reverse strand of 1000 to 1010, GTGCAAACGT on the forward one."""
    found = files(made, PLACES)
    named = found["reporter_variant.tsv.gz"].rows.assign(variant=measured_pairs(made)).set_index("variant")
    rows = named.loc[["sub", "del", "ins"]]
    assert rows["variant_id"].tolist() == ["chr2:1000:G:A", "chr2:1004:AAA:AA", "chr2:1004:AAA:AAAA"]
    assert rows["refAllele"].tolist() == ["G", "AAA", "AAA"]
    assert rows["variantPos"].tolist() == [9, 3, 3]
    bed = found["reporter_genomic_variant.bed.gz"].rows.set_index("name")
    assert bed.loc["chr2:1000:G:A", ["chrom", "chromStart", "chromEnd", "strand"]].tolist() == ["chr2", 1000, 1001, "-"]
    assert bed.loc["chr2:1004:AAA:AA", ["chromStart", "chromEnd"]].tolist() == [1004, 1007]


def test_genomic_elements_are_sorted_and_scored(made: Invented) -> None:
    bed = files(made, PLACES)["reporter_genomic_element.bed.gz"].rows
    assert bed["name"].tolist() == ["sub", "ref"]  # chr10 stands before chr2
    assert bed["score"].max() == 1000
    assert scores(np.array([])).tolist() == [] and scores(np.zeros(2)).tolist() == [0, 0]


def test_mean_counts_are_of_the_replicates_in_which_a_variant_was_measured(made: Invented) -> None:
    table = made.log_ratio.copy()
    first = (table["replicate"] == "a_1") & (table["variant"] == "ref")
    table.loc[first, "fate"] = "few_barcodes"
    rows = experiment(made.log_ratio, REPLICATES, 0.5).rows
    second = rows[(rows["replicate"] == "a-2") & (rows["oligo_name"] == "ref")]
    assert mean_cpm(table, 0.5).loc["ref", "rna"] == pytest.approx(second["rna_normalized"].item())


def test_barcode_counts_come_back_as_they_were(made: Invented, tmp_path: Path) -> None:
    path = tmp_path / "reporter_experiment_barcode.tsv.gz"
    counted = side_by_side([made.barcode_counts], made.barcode_map.column("barcode").combine_chunks())
    n_rows = write_barcode_counts(counted.counts, "M9", REPLICATES, made.barcode_map, path)
    assert faults(path) == []
    again = read(path).melt(["barcode", "oligo_name"], value_name="n_molecules").dropna()
    again[["fraction", "replicate"]] = again["variable"].str.extract(r"(dna|rna)_count_(.*)")
    again["replicate"] = again["replicate"].str.replace("-", "_")
    again = again.rename(columns={"oligo_name": "variant"}).astype({"n_molecules": "int64"})
    key = ["replicate", "fraction", "barcode", "variant", "n_molecules"]
    expected = made.barcode_counts.to_pandas()[key].sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(again[key].sort_values(key, ignore_index=True), expected, check_dtype=False)
    assert n_rows == made.barcode_counts.to_pandas()["barcode"].nunique()


def test_where_the_pieces_of_the_counts_end_leaves_no_trace(made: Invented, tmp_path: Path) -> None:
    known = made.barcode_map.column("barcode").combine_chunks()
    pieces = [made.barcode_counts.slice(start, 7) for start in range(0, len(made.barcode_counts), 7)]
    for name, tables in (("one", [made.barcode_counts]), ("many", pieces)):
        write_barcode_counts(side_by_side(tables, known).counts, "M9", REPLICATES, made.barcode_map, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()


def test_barcodes_that_the_map_does_not_hold_are_counted_and_not_written(made: Invented) -> None:
    known = made.barcode_map.column("barcode").combine_chunks().slice(1)
    found = side_by_side([made.barcode_counts], known)
    first = made.barcode_counts.to_pandas()["barcode"] == made.barcode_map.column("barcode")[0].as_py()
    assert found.n_unmapped == {"M9": int(first.sum())} and first.any()


def test_the_same_rows_are_the_same_bytes(made: Invented, tmp_path: Path) -> None:
    rows = files(made)["reporter_experiment.tsv.gz"].rows
    for name in ("one.tsv.gz", "two.tsv.gz"):
        write_rows(rows, tmp_path / name)
    assert (tmp_path / "one.tsv.gz").read_bytes() == (tmp_path / "two.tsv.gz").read_bytes()


def test_names_of_replicates_have_no_underscore_and_stay_apart() -> None:
    samples = [{"condition": "c", "replicate": name, "fraction": "dna"} for name in ("day_1", "day-1", "2")] + [
        {"condition": "other", "replicate": "3", "fraction": "dna"}
    ]
    assert sorted(replicate_names(samples, "c", "by_replicate").values()) == ["2", "day-1", "day-1-2"]
    assert replicate_names(samples, "c", "by_condition") == {}


@pytest.mark.parametrize(("dna", "expected"), [("by_condition", [5, -1, 0]), ("by_library", [6, 7, 0])])
def test_dna_that_replicates_share_stands_beside_each(dna: str, expected: list[int]) -> None:
    counts = {
        ("c", "1", "rna"): np.array([1, 1, 1]),
        ("c", "2", "rna"): np.array([2, 2, 2]),
        ("c", "x", "dna"): np.array([3, -1, 0]),
        ("c", "y", "dna"): np.array([2, -1, -1]),
        ("plasmid", "1", "dna"): np.array([1, 7, -1]),
    }
    assert with_shared_dna(counts, "by_replicate") is counts
    found = with_shared_dna(counts, dna)
    assert set(found) == {("c", replicate, fraction) for replicate in "12" for fraction in ("dna", "rna")}
    for replicate in "12":
        assert found["c", replicate, "dna"].tolist() == expected
        assert found["c", replicate, "rna"] is counts["c", replicate, "rna"]
