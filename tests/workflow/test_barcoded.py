"""The simulated barcoded library through Snakemake: no trace of how runs were split, and the truth found."""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.counted import gather
from kcalseq.activity.logratios import activities
from kcalseq.activity.settings import Settings
from kcalseq.arrowfile import read_pieces
from kcalseq.tablefile import read_table, read_tables

from .barcoded import ASSOCIATION, CONFIG, FILES, LIBRARY, NAME, Barcoded, barcoded_project

pytestmark = pytest.mark.slow

RUNS, SAMPLES = "config/runs.tsv", "config/samples.tsv"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Barcoded:
    """The library, counted once; tests must leave its sheets and results as they found them."""
    project = barcoded_project(tmp_path_factory.mktemp("barcoded") / "project")
    outcome = project.run("counts")
    assert outcome.code == 0, outcome.text[-3000:]
    return project


def count_again(project: Barcoded, name: str, *arguments: str, read_again: tuple[str, ...] = ()) -> Path:
    """Count into another folder of results, from the runs that were read before but for some; gives the library's."""
    results = project.root / name
    shutil.copytree(project.root / "results/runs", results / "runs", ignore=shutil.ignore_patterns(*read_again))
    outcome = project.run("counts", *arguments)
    assert outcome.code == 0, outcome.text[-3000:]
    assert outcome.jobs().get("extract_reads", 0) == 2 * len(read_again)
    return results / "libraries" / NAME


def tables(folder: Path) -> dict[str, bytes]:
    """The content of every file that the floors association and counts made of the library."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def truth(project: Barcoded, name: str) -> pd.DataFrame:
    return pd.read_csv(project.root / FILES / f"truth_{name}.tsv.gz", sep="\t", keep_default_na=False)


def true_barcodes(project: Barcoded) -> pd.DataFrame:
    """What is true of each barcode, both association runs together."""
    grouped = truth(project, "association").groupby("barcode")
    sums = grouped[["n_reads", "n_chimeras"]].sum()
    return sums.join(grouped[["variant", "second_variant", "mutations"]].first())


def with_line(lines: list[str], behind: str, line: str) -> list[str]:
    """Lines of the configuration with one more behind the one that is named."""
    place = [text.strip() for text in lines].index(behind) + 1
    return [*lines[:place], line, *lines[place:]]


def split_run(project: Barcoded, line: str, n_first: int) -> list[str]:
    """Write the files of a row of runs.tsv in two, the first with so many reads; gives the two rows."""
    run, sample, *files = line.split("\t")
    halves: list[list[str]] = [[f"{run}_a", sample], [f"{run}_b", sample]]
    for file in files:
        for number, half in enumerate(halves):
            if file:
                with gzip.open(project.root / file, "rt") as lines:
                    records = ["".join(record) for record in zip(*[iter(lines)] * 4, strict=True)]
                chosen = records[n_first:] if number else records[:n_first]
                target = file.replace(".fastq", f"_{number}.fastq")
                with gzip.open(project.root / target, "wt", compresslevel=1) as written:
                    written.writelines(chosen)
            half.append(target if file else "")
    return ["\t".join(half) for half in halves]


def test_the_order_of_runs_leaves_no_trace(counted: Barcoded) -> None:
    header, *lines = counted.rows(RUNS)
    counted.write_rows("config/turned.tsv", [header, *reversed(lines)])
    found = count_again(counted, "turned", "--config", "results=turned", "runs=config/turned.tsv")
    assert tables(found) == tables(counted.root / LIBRARY)


def test_the_split_of_runs_over_files_leaves_no_trace(counted: Barcoded) -> None:
    header, *lines = counted.rows(RUNS)
    chosen = [f"{NAME}_association_run1", f"{NAME}_rna_1"]
    halves = [
        half for line in lines if line.split("\t")[0] in chosen for half in split_run(counted, line, n_first=4321)
    ]
    whole = [line for line in lines if line.split("\t")[0] not in chosen]
    counted.write_rows("config/split.tsv", [header, *halves[::2], *whole, *halves[1::2]])
    settings = ("--config", "results=split", "runs=config/split.tsv")
    found = count_again(counted, "split", *settings, read_again=tuple(chosen))
    assert tables(found) == tables(counted.root / LIBRARY)


def test_every_read_has_a_fate_and_every_kept_one_is_counted_or_told(counted: Barcoded) -> None:
    fates = read_tables("read_fates", [str(path) for path in counted.root.glob("results/runs/*/read_fates.parquet")])
    by_run = fates.groupby("run")["n_reads"].sum()
    kept = fates[fates["reason"] == "kept"].set_index("run")["n_reads"]
    of_samples = read_table("count_fates", counted.root / LIBRARY / "count_fates.tsv").groupby("sample")
    counts = read_table("barcode_counts", counted.root / LIBRARY / "barcode_counts.parquet")
    expected = {f"{NAME}_association_run{number}": 17_500 for number in (1, 2)}
    expected |= {f"{NAME}_{fraction}_{number}": 24_000 for fraction in ("dna", "rna") for number in (1, 2)}
    assert by_run.to_dict() == expected
    assert {f"{NAME}_association_run{number}" for number in (1, 2)} | set(of_samples.groups) == set(expected)
    for sample, rows in of_samples:
        assert rows["n_reads"].sum() == kept[str(sample)]
        assert kept[str(sample)] >= 0.99 * by_run[str(sample)]
        fraction, replicate = str(sample).split("_")[-2:]
        mine = counts[(counts["fraction"] == fraction) & (counts["replicate"] == replicate)]
        assert mine["n_reads"].sum() == rows.loc[rows["fate"].isin(["exact", "corrected"]), "n_reads"].sum()


def test_no_clean_barcode_is_mapped_wrong(counted: Barcoded) -> None:
    found = read_table("barcode_map", counted.root / LIBRARY / "barcode_map.parquet").set_index("barcode")["variant"]
    true = true_barcodes(counted)
    clean = true[(true["second_variant"] == "") & (true["mutations"] == "")]
    assert set(found.index) <= set(true.index)
    assert (found[found.index.isin(clean.index)] == clean["variant"].reindex(found.index).dropna()).all()
    # Molecules with a synthesis error are flagged, not given to their oligo.
    assert (true.loc[found.index, "mutations"] == "").all()
    supported = clean[clean["n_reads"] - clean["n_chimeras"] >= 3]
    assert supported.index.isin(found.index).mean() >= 0.99


def test_counts_are_those_of_the_truth(counted: Barcoded) -> None:
    known = read_table("barcode_map", counted.root / LIBRARY / "barcode_map.parquet")["barcode"]
    counts = read_table("barcode_counts", counted.root / LIBRARY / "barcode_counts.parquet")
    counts["sample"] = counts["fraction"] + "_" + counts["replicate"]
    of_samples = truth(counted, "counts").groupby("sample")
    assert set(of_samples.groups) == set(counts["sample"]) == {"dna_1", "dna_2", "rna_1", "rna_2"}
    for sample, rows in of_samples:
        true = rows.set_index("barcode").reindex(known).dropna()
        mine = counts[counts["sample"] == sample].set_index("barcode")
        assert mine.index.isin(true.index).all()
        found = mine[["n_reads", "n_molecules"]].reindex(true.index).astype(float).fillna(0)
        # A read that hopped here from another sample is a read of this sample's file, of a molecule seen once.
        reads, molecules = true["n_reads"] + true["n_hopped"], true["n_molecules"] + true["n_hopped"]
        assert np.corrcoef(np.log1p(found["n_reads"]), np.log1p(reads))[0, 1] >= 0.99
        assert found["n_reads"].sum() == pytest.approx(reads.sum(), rel=0.01)
        assert found["n_molecules"].sum() == pytest.approx(molecules.sum(), rel=0.02)


def test_activities_of_variants_follow_the_truth(counted: Barcoded) -> None:
    counts = read_table("variant_counts", counted.root / LIBRARY / "variant_counts.parquet")
    true = truth(counted, "variants").set_index("variant")["log2_activity"].astype(float)
    assert set(counts["variant"]) == set(true.index)
    of_replicates = counts.groupby("replicate")
    assert set(of_replicates.groups) == {"1", "2"}
    for _, rows in of_replicates:
        wide = rows.pivot(index="variant", columns="fraction", values="n_molecules").astype(float)
        activity = np.log2(wide["rna"] / wide["rna"].sum()) - np.log2(wide["dna"] / wide["dna"].sum())
        assert np.corrcoef(activity, true.reindex(activity.index))[0, 1] >= 0.95


def test_without_correction_only_known_barcodes_read_exactly_are_counted(counted: Barcoded) -> None:
    lines = with_line(counted.rows(CONFIG), f"{NAME}:", "    correction: {barcodes: none}")
    counted.write_rows("config/uncorrected.yaml", ["results: uncorrected", *lines])
    found = count_again(counted, "uncorrected", "--configfile", "config/uncorrected.yaml")
    known = read_table("barcode_map", found / "barcode_map.parquet")["barcode"]
    runs = [str(counted.root / f"results/runs/{NAME}_{s}/observations.parquet") for s in ("dna_1", "rna_1")]
    read = read_tables("observations", runs)
    expected = read[read["barcode"].isin(set(known))].groupby(["sample", "barcode"])["n_reads"].sum()
    counts = read_table("barcode_counts", found / "barcode_counts.parquet").query("replicate == '1'")
    sample = f"{NAME}_" + counts["fraction"] + "_1"
    assert counts.set_index([sample, "barcode"])["n_reads"].to_dict() == expected.to_dict()
    moved = read_table("count_fates", found / "count_fates.tsv").query("fate in ['corrected', 'ambiguous']")
    assert moved["n_reads"].sum() == 0


def test_the_map_that_was_made_can_be_imported(counted: Barcoded) -> None:
    made = read_table("barcode_map", counted.root / LIBRARY / "barcode_map.parquet")
    made[["barcode", "variant"]].to_csv(counted.root / "config/map.tsv", sep="\t", index=False)
    lines = [line for line in counted.rows(CONFIG) if ASSOCIATION not in line]
    lines = with_line(lines, "association:", "      map: config/map.tsv")
    counted.write_rows("config/imported.yaml", ["results: imported", *lines])
    for sheet in (SAMPLES, RUNS):
        kept = [line for line in counted.rows(sheet) if not line.startswith(f"{NAME}_association")]
        counted.write_rows(sheet.replace("config/", "config/imported_"), kept)
    sheets = ("samples=config/imported_samples.tsv", "runs=config/imported_runs.tsv")
    found = count_again(counted, "imported", "--configfile", "config/imported.yaml", "--config", *sheets)
    imported = read_table("barcode_map", found / "barcode_map.parquet")
    pd.testing.assert_frame_equal(imported[["barcode", "variant"]], made[["barcode", "variant"]])
    before, after = tables(counted.root / LIBRARY), tables(found)
    assert after.keys() == before.keys() - {
        "barcode_calls.parquet",
        "reads_per_barcode.tsv",
        "association_summary.tsv",
        "design_conflicts.tsv",
        "barcodes.bam",
        "barcodes.bam.bai",
    }
    for name in after.keys() - {"barcode_map.parquet"}:
        assert after[name] == before[name], name


def test_check_layout_names_exchanged_files(counted: Barcoded) -> None:
    lines = [line.split("\t") for line in counted.rows(RUNS)]
    at = lines[0].index("read_1"), lines[0].index("index_1")
    (faulty,) = (line for line in lines if line[0] == f"{NAME}_dna_1")
    faulty[at[0]], faulty[at[1]] = faulty[at[1]], faulty[at[0]]
    counted.write_rows("config/exchanged.tsv", ["\t".join(line) for line in lines])
    outcome = counted.run("check_layout", "--config", "results=exchanged", "runs=config/exchanged.tsv")
    assert outcome.code == 0
    reports = {text.split(",")[0]: text for text in outcome.text.split("Using workflow")[0].split("Run ")[1:]}
    assert set(reports) == {line[0] for line in lines[1:]}
    told = "behind_barcode: in its place\n           -> it stands in index_1 in 100% of the reads"
    assert told in reports[f"{NAME}_dna_1"]
    assert "move it to index_1, or exchange the files" in reports[f"{NAME}_dna_1"]
    assert not [run for run, text in reports.items() if "->" in text and run != f"{NAME}_dna_1"]


def test_activities_and_their_errors_hold_against_the_truth(counted: Barcoded) -> None:
    """Two of a hundred barcodes stand on a second variant, and one read in a hundred hopped: neither shows much."""
    known = read_table("variants", counted.root / LIBRARY / "variants.parquet")["variant"].tolist()
    places = [("simulated", replicate, fraction) for replicate in "12" for fraction in ("dna", "rna")]
    pieces = read_pieces("barcode_counts", counted.root / LIBRARY / "barcode_counts.parquet")
    sums = gather(NAME, pieces, known, places)
    found = activities(sums, Settings(), np.zeros(len(known), dtype=bool), 1).conditions["simulated"]
    true = truth(counted, "variants").set_index("variant")["log2_activity"].astype(float)
    ours = pd.Series(found.combined.log2_ratio, sums.names)
    deviation = ours - true
    deviation -= deviation.median()
    assert ours.corr(true) > 0.98
    assert deviation.std() < 0.2
    assert 0.8 < (deviation / found.combined.se).std() < 1.25
    (pair,) = found.agreement
    assert pair.n_shared == 80 and pair.pearson > 0.93 and pair.spearman > 0.93


def test_a_sample_of_barcodes_that_the_map_lacks_ends_in_one_message(counted: Barcoded) -> None:
    """Reads of another library: everything is counted and told, and no activity is made of nothing."""
    header, *lines = counted.rows(RUNS)
    run = f"{NAME}_rna_2"
    (row,) = (line for line in lines if line.startswith(f"{run}\t"))
    file, other = f"{FILES}/rna_2_read_1.fastq.gz", f"{FILES}/rna_2_foreign.fastq.gz"
    with gzip.open(counted.root / file, "rt") as records:
        text = records.read().splitlines()
    text[1::4] = [read[:15].translate(str.maketrans("ACGT", "CATG")) + read[15:] for read in text[1::4]]
    with gzip.open(counted.root / other, "wt", compresslevel=1) as written:
        written.write("\n".join(text) + "\n")
    assert file in row
    foreign = [line.replace(file, other) if line == row else line for line in lines]
    counted.write_rows("config/foreign.tsv", [header, *foreign])
    shutil.copytree(counted.root / "results/runs", counted.root / "foreign/runs", ignore=shutil.ignore_patterns(run))
    outcome = counted.run("activity", "--config", "results=foreign", "runs=config/foreign.tsv")
    assert outcome.code != 0 and "Traceback" not in outcome.text
    told = (
        "condition 'simulated', replicate '2': no RNA counts of barcodes that have a variant; expected counts of every"
    )
    assert told in outcome.text and "Remedy: look at the fates of the sample's counts" in outcome.text
    fates = read_table("count_fates", counted.root / "foreign/libraries" / NAME / "count_fates.tsv")
    own = fates[fates["sample"] == run].set_index("fate")["n_reads"]
    assert own["unknown"] > 0.95 * own.sum() > 0
