"""Counting barcodes of runs: conservation, no trace of how reads were split, and the truth of a simulated library."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.arrowfile import read_whole, write_pieces
from kcalseq.counts.barcodes import BarcodeCounts, count_barcodes
from kcalseq.counts.correction import Correction, chance_neighbours
from kcalseq.counts.search import Reach
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform

SAMPLES = pd.DataFrame(
    {"sample": ["d", "r"], "condition": "M9", "replicate": "1", "fraction": ["dna", "rna"], "bin": 0}
)
TABLES = ("count_fates", "saturation", "barcode_overlap", "index_hopping")
KEY = ["library", "sample", "run", "barcode", "umi"]
LETTERS = np.array(list("ACGT"))


def random_sequences(rng: np.random.Generator, n: int, length: int) -> list[str]:
    return ["".join(row) for row in LETTERS[rng.integers(0, 4, (n, length))]]


def misread(rng: np.random.Generator, sequence: str, rate: float) -> str:
    """Substitutions, and a tenth as many losses and additions of a base; the window keeps its length."""
    letters = list(sequence)
    for place in np.flatnonzero(rng.random(len(letters)) < rate):
        letters[place] = str(rng.choice([base for base in "ACGT" if base != letters[place]]))
    if rng.random() < len(letters) * rate / 10:
        place = int(rng.integers(len(letters)))
        lost = rng.random() < 0.5
        letters = [*letters[:place], *letters[place + 1 :], "T"] if lost else [*letters[:place], "G", *letters[place:]]
    return "".join(letters[: len(sequence)])


def simulated(
    seed: int, n_reads: int, n_barcodes: int, rate: float, umis: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reads (sample, barcode, umi, true barcode) and molecules (sample, barcode, n)."""
    rng = np.random.default_rng(seed)
    barcodes = random_sequences(rng, n_barcodes, 14)
    rows, truth = [], []
    for sample in ("d", "r"):
        n = n_reads // 3
        molecules = [
            (barcodes[i], umi)
            for i, umi in zip(rng.integers(0, n_barcodes, n), random_sequences(rng, n, 10), strict=True)
        ]
        seen = rng.integers(0, n, n_reads)
        for molecule in seen:
            barcode, umi = molecules[molecule]
            rows.append((sample, misread(rng, barcode, rate), misread(rng, umi, rate) if umis else None, barcode))
        truth += [(sample, barcode) for barcode, _ in {molecules[molecule] for molecule in seen}]
    reads = pd.DataFrame(rows, columns=["sample", "barcode", "umi", "truth"])
    return reads, pd.DataFrame(truth, columns=["sample", "barcode"]).value_counts().rename("n").reset_index()


def write_runs(reads: pd.DataFrame, folder: Path, runs: np.ndarray) -> list[Path]:
    """One file of observations for each number in ``runs``, shape (n_reads,)."""
    folder.mkdir(exist_ok=True)
    paths = []
    for run in np.unique(runs):
        table = reads[runs == run].assign(library="lib", run=f"run{run}")
        table = table.groupby(KEY, as_index=False, dropna=False).size().rename(columns={"size": "n_reads"})
        table = table.sort_values(KEY, na_position="last")
        paths.append(folder / f"{run}.parquet")
        write_pieces("observations", [pa.Table.from_pandas(table, preserve_index=False)], paths[-1])
    return paths


def barcode_map(reads: pd.DataFrame) -> pa.Table:
    names = sorted(reads["truth"].unique())
    return pa.table({"library": ["lib"] * len(names), "barcode": names, "variant": [f"v{name[:2]}" for name in names]})


def counted(
    paths: list[Path], folder: Path, known: pa.Table | None, settings: Correction | None = None, memory: int = 1 << 30
) -> tuple[BarcodeCounts, pd.DataFrame]:
    found = count_barcodes("lib", paths, SAMPLES, known, settings or Correction(), folder, memory)
    write_pieces("barcode_counts", found.barcode_counts, folder / "counts.parquet")
    for name in TABLES:
        conform(name, getattr(found, name), name)
    return found, read_whole("barcode_counts", folder / "counts.parquet").to_pandas()


@pytest.fixture(scope="module")
def library() -> tuple[pd.DataFrame, pd.DataFrame]:
    return simulated(1, 12_000, 400, 0.005)


@pytest.mark.parametrize("with_map", [True, False])
def test_the_truth_is_found(library: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path, with_map: bool) -> None:
    reads, molecules = library
    known = barcode_map(reads) if with_map else None
    _, counts = counted(write_runs(reads, tmp_path / "runs", np.zeros(len(reads))), tmp_path, known)
    counts["sample"] = counts["fraction"].str[0]
    truth = reads.groupby(["sample", "truth"]).size().rename("n")
    found = counts.set_index(["sample", "barcode"])["n_reads"].reindex(truth.index, fill_value=0)
    assert np.minimum(found, truth).sum() >= 0.995 * truth.sum()
    false = counts["n_reads"].sum() - np.minimum(found, truth).sum()
    assert false <= 0.003 * counts["n_reads"].sum()
    assert np.corrcoef(np.log2(found + 1), np.log2(truth + 1))[0, 1] >= 0.998
    assert counts["n_molecules"].sum() == pytest.approx(molecules["n"].sum(), rel=0.01)
    if known is not None:
        assert (counts["variant"] == "v" + counts["barcode"].str[:2]).all()


@pytest.mark.parametrize("with_map", [True, False])
@pytest.mark.parametrize(
    "settings", [Correction(), Correction(barcodes="none"), Correction(indels=False, umis="exact")]
)
def test_every_kept_read_has_one_fate(
    library: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path, with_map: bool, settings: Correction
) -> None:
    reads, _ = library
    paths = write_runs(reads, tmp_path / "runs", np.zeros(len(reads)))
    found, counts = counted(paths, tmp_path, barcode_map(reads) if with_map else None, settings)
    fates = found.count_fates.set_index(["sample", "fate"])
    assert fates["n_reads"].groupby("sample").sum().to_dict() == reads["sample"].value_counts().to_dict()
    distinct = reads.groupby("sample")["barcode"].nunique().to_dict()
    assert fates["n_barcodes"].groupby("sample").sum().to_dict() == distinct
    kept = fates["n_reads"].unstack()[["exact", "corrected"]].sum(axis=1)
    assert counts.groupby(counts["fraction"].str[0])["n_reads"].sum().to_dict() == kept.to_dict()
    assert found.n_as_read == reads["barcode"].nunique() and found.n_counted == counts["barcode"].nunique()
    if settings.barcodes == "none":
        assert fates.loc[(slice(None), "corrected"), "n_reads"].sum() == 0


@pytest.mark.parametrize("with_map", [True, False])
def test_no_trace_of_runs_files_or_memory(
    library: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path, with_map: bool
) -> None:
    reads, _ = library
    known = barcode_map(reads) if with_map else None
    rng, files, frames = np.random.default_rng(2), [], []
    for number, (n_runs, memory) in enumerate([(1, 1 << 30), (3, 1 << 30), (3, 100_000), (7, 1)]):
        runs = rng.integers(0, n_runs, len(reads))
        paths = write_runs(reads.sample(frac=1, random_state=number), tmp_path / f"runs{number}", runs)
        rng.shuffle(paths)
        found, _ = counted(paths, tmp_path, known, None, memory)
        files.append((tmp_path / "counts.parquet").read_bytes())
        frames.append([conform(name, getattr(found, name), name) for name in TABLES])
    assert len(set(files)) == 1
    for other in frames[1:]:
        for one, two in zip(frames[0], other, strict=True):
            pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_whitelist_and_no_umis(tmp_path: Path) -> None:
    reads, _ = simulated(3, 2000, 50, 0.005, umis=False)
    paths = write_runs(reads, tmp_path / "runs", np.zeros(len(reads)))
    found, counts = counted(paths, tmp_path, barcode_map(reads).drop_columns("variant"))
    assert counts["variant"].isna().all() and counts["n_molecules"].isna().all()
    assert found.index_hopping.empty and found.saturation["n_molecules"].isna().all()
    assert set(counts["barcode"]) <= set(reads["truth"])


def test_known_neighbours_are_never_merged(tmp_path: Path) -> None:
    """Each known barcode is one substitution from another; each keeps its own reads."""
    rng = np.random.default_rng(5)
    names = sorted({one[:-1] + base for one in random_sequences(rng, 40, 12) for base in "AC"})
    reads = pd.DataFrame({"barcode": rng.choice(names, 3000), "umi": random_sequences(rng, 3000, 10)})
    reads = reads.assign(sample=np.where(rng.random(3000) < 0.5, "d", "r"), truth=reads["barcode"])
    paths = write_runs(reads, tmp_path / "runs", np.zeros(len(reads)))
    _, counts = counted(paths, tmp_path, barcode_map(reads))
    truth = reads.groupby(["sample", "barcode"]).size()
    assert counts.set_index([counts["fraction"].str[0], "barcode"])["n_reads"].to_list() == truth.to_list()


def test_samples_and_libraries_that_are_not_asked_for_are_passed_over(tmp_path: Path) -> None:
    reads, _ = simulated(6, 600, 20, 0.0)
    strange = reads.assign(sample="association")
    paths = write_runs(pd.concat([reads, strange]), tmp_path / "runs", np.zeros(2 * len(reads)))
    found, counts = counted(paths, tmp_path, None)
    assert counts["n_reads"].sum() == len(reads) == found.count_fates["n_reads"].sum()


def test_bad_input_is_told(tmp_path: Path) -> None:
    reads, _ = simulated(7, 300, 20, 0.0)
    none = np.zeros(len(reads))
    paths = write_runs(reads, tmp_path / "good", none)
    known = barcode_map(reads)

    def refused(match: str, paths: list[Path], known: pa.Table | None) -> None:
        with pytest.raises(KcalseqError, match=match):
            counted(paths, tmp_path, known)

    turned = {"A": "T", "C": "G", "G": "C", "T": "A"}
    other = ["".join(turned[base] for base in reversed(name)) for name in known["barcode"].to_pylist()]
    refused("reverse_complement: true", paths, known.set_column(1, "barcode", pa.array(other)))
    refused("place and length", paths, known.set_column(1, "barcode", pa.array(["AC" + name for name in other])))
    refused("a barcode stands there twice", paths, pa.concat_tables([known, known]))
    refused("there is none", paths, known.set_column(0, "library", pa.array(["x"] * len(known))))
    refused(
        "no read was kept for r",
        write_runs(reads[reads["sample"] == "d"], tmp_path / "d", none[reads["sample"] == "d"]),
        known,
    )
    refused("a missing sequence", write_runs(reads.assign(barcode=None), tmp_path / "b", none), known)
    half = reads.assign(umi=reads["umi"].where(np.arange(len(reads)) % 2 == 0))
    refused("with and without UMI", write_runs(half, tmp_path / "u", none), known)
    refused("a UMI of 40 bases", write_runs(reads.assign(umi="A" * 40), tmp_path / "l", none), known)
    refused("a letter other than A, C, G, T", write_runs(reads.assign(barcode="ACNT"), tmp_path / "n", none), known)
    same = pd.concat([SAMPLES, SAMPLES.assign(sample=["x", "y"])])
    with pytest.raises(KcalseqError, match="have the same condition, replicate, fraction and bin"):
        count_barcodes("lib", paths, same, known, Correction(), tmp_path)


@pytest.mark.parametrize("umis", [True, False])
def test_a_sample_of_unknown_barcodes_alone_has_no_counts_and_says_so(tmp_path: Path, umis: bool) -> None:
    reads, _ = simulated(3, 600, 20, 0.0, umis)
    reads.loc[reads["sample"] == "r", "barcode"] = "A" * 14
    paths = write_runs(reads, tmp_path / "runs", np.zeros(len(reads), dtype=int))
    known = barcode_map(reads[reads["sample"] == "d"])
    found, _ = counted(paths, tmp_path, known)
    fates = conform("count_fates", found.count_fates, "test").set_index(["sample", "fate"])["n_reads"]
    assert fates["r"].sum() == fates["r", "unknown"] == 600
    assert set(conform("saturation", found.saturation, "test")["sample"]) == {"d"}
    overlap = conform("barcode_overlap", found.barcode_overlap, "test").iloc[0]
    assert overlap["n_other"] == overlap["n_shared"] == 0
    assert found.index_hopping["hopped_fraction"].isna().all()


def test_distance_two_is_for_long_barcodes() -> None:
    assert Correction().reach(20, known=False) == Reach(1, True)
    assert Correction().reach(21, known=False) == Reach(2, True)
    assert Correction().reach(30, known=True) == Reach(1, True)
    # 50,000 barcodes of 15 bases have a neighbour by chance in 5 % at distance 2; of 21 bases hardly any.
    assert chance_neighbours(50_000, 15, Reach(2, False)) == pytest.approx(0.046, abs=0.001)
    assert chance_neighbours(1_000_000, 21, Reach(2, True)) < 0.001
