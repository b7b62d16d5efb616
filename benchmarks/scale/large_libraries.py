"""Projects of one large library each, whose reads are empty files and whose observations are invented.

Only the pairs of ``mapped`` are written as reads, since the sizes of what comes of them hang on errors and qualities.
"""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from coverage_truths import lac_energies

from kcalseq.arrowfile import write_pieces
from kcalseq.models.spec import read_model
from kcalseq.simulate.sorting import SortingExperiment, simulate_sorting
from kcalseq.tablefile import write_table

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "benchmarks/association"))
LAC = REPOSITORY / "config/models/lac_thermodynamic.yaml"
LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)
COUNTED = [(fraction, replicate) for replicate in ("1", "2", "3") for fraction in ("dna", "rna")]
PAIRS_A_BARCODE, MOLECULES, DEPTH, N_BASES = 10, 5, 10.0, 150
_COUNTS = """description: A read is the barcode.
variant_source: barcode
reads:
  read_1:
    - {name: barcode, kind: barcode, length: 15, min_quality: 10}
"""
_UMI = """  index_1:
    - {name: umi, kind: umi, length: 10, min_quality: 10}
"""
_HEAD = "samples: samples.tsv\nruns: runs.tsv\nfit: {starts: 4}\nlibraries:\n  l:\n"


def mapped(folder: Path, n_barcodes: int) -> None:
    """Pairs of twenty barcodes a variant, ten pairs each; six samples of five molecules a barcode."""
    from generate_pairs import generate, random_design

    library = generate(folder / "reads", random_design(n_barcodes // 20), PAIRS_A_BARCODE * n_barcodes, 1)
    layout = REPOSITORY / "benchmarks/association/layout.yaml"
    (folder / "counts.yaml").write_text(_COUNTS + _UMI, encoding="utf-8")
    block = f"    assay: counts.yaml\n    association: {{assay: {layout}, design: reads/design.fa}}\n    models: []\n"
    (folder / "config.yaml").write_text(_HEAD + block, encoding="utf-8")
    pairs = "pairs\tpairs\treads/read_1.fastq.gz\treads/read_2.fastq.gz\treads/index_1.fastq.gz"
    _write_sheets(folder, [pairs], ["pairs\tl\tcells\t1\tassociation\t0\t\t"], ["read_1", "index_1"])
    barcodes = np.sort(np.ascontiguousarray(library.barcodes).view("S15").ravel())
    for number, (fraction, replicate) in enumerate(COUNTED):
        rng = np.random.default_rng(number)
        own = np.repeat(barcodes, rng.poisson(MOLECULES, len(barcodes)))
        umis = np.ascontiguousarray(LETTERS[rng.integers(0, 4, (len(own), 10))]).view("S10").ravel()
        # Both as one word: in order, and a molecule that was drawn twice is one.
        keys = np.unique(np.char.add(own, umis))
        rows = np.ascontiguousarray(keys).view([("barcode", "S15"), ("umi", "S10")])
        n_reads = 1 + rng.poisson(1.0, len(rows))
        _write_run(folder, f"{fraction}_{replicate}", {name: rows[name] for name in ("barcode", "umi")}, n_reads)


def imported(folder: Path, n_barcodes: int) -> None:
    """A barcode map of ten barcodes a variant from elsewhere, six samples without UMIs, every variant against one."""
    rng, n_variants = np.random.default_rng(1), n_barcodes // 10
    codes = np.sort(rng.choice(4**15, n_barcodes, replace=False))
    barcodes = np.ascontiguousarray(LETTERS[codes[:, None] >> np.arange(28, -2, -2) & 3]).view("S15").ravel()
    names = [f"variant_{number:07d}" for number in range(n_variants)]
    variant = rng.integers(0, n_variants, n_barcodes)
    with gzip.open(folder / "map.tsv.gz", "wt", compresslevel=1) as file:
        file.writelines(f"{one.decode()}\t{names[of]}\n" for one, of in zip(barcodes, variant, strict=True))
    with (folder / "design.fa").open("w", encoding="utf-8") as file:
        for name in names:
            file.write(f">{name}\n{LETTERS[rng.integers(0, 4, N_BASES)].tobytes().decode()}\n")
    (folder / "counts.yaml").write_text(_COUNTS, encoding="utf-8")
    block = "    assay: counts.yaml\n    association: {map: map.tsv.gz, design: design.fa}\n"
    block += "    effects: {reference: variant_0000000}\n    models: []\n"
    (folder / "config.yaml").write_text(_HEAD + block, encoding="utf-8")
    _write_sheets(folder, [], [], ["read_1"])
    activity, abundance = rng.normal(size=n_variants)[variant], DEPTH * rng.lognormal(0.0, 0.7, n_barcodes)
    for fraction, replicate in COUNTED:
        scatter = np.exp2(rng.normal(0.0, 0.3, n_barcodes) + (activity if fraction == "rna" else 0.0))
        counts = rng.poisson(abundance * scatter)
        _write_run(folder, f"{fraction}_{replicate}", {"barcode": barcodes[counts > 0]}, counts[counts > 0])


def by_bin(folder: Path, n_variants: int) -> None:
    """The lac promoter in nine bins and unsorted, read directly, with a model."""
    spec = read_model(LAC)
    made = simulate_sorting("l", spec, lac_energies(spec), SortingExperiment(n_variants, noise_sd=0.6), seed=1)
    (folder / "assay.yaml").write_text((REPOSITORY / "config/assays/lac.yaml").read_text("utf-8"), encoding="utf-8")
    block = f"    assay: assay.yaml\n    observations: presence\n    models: [{LAC}]\n"
    (folder / "config.yaml").write_text(_HEAD + block, encoding="utf-8")
    whole = pd.read_csv(REPOSITORY / "config/samples.tsv", sep="\t", dtype=str, keep_default_na=False)
    codes = dict(zip(whole["fraction"] + whole["bin"], whole["sample_code"], strict=True))
    places = made.counts[["fraction", "bin"]].drop_duplicates().astype(str)
    named = [(f + b, f"l\tlac\t1\t{f}\t{b}\tpool\t{codes[f + b]}") for f, b in places.itertuples(index=False)]
    (folder / "samples.tsv").write_text(_SAMPLES + "".join(f"{one}\t{row}\n" for one, row in named), encoding="utf-8")
    (folder / "runs.tsv").write_text("run\tsample\tread_1\tread_2\tindex_1\nrun\tpool\tempty\t\t\n", encoding="utf-8")
    (folder / "empty").touch()
    counts = made.counts.merge(made.variants[["variant", "variant_sequence"]])
    counts["sample"] = counts["fraction"] + counts["bin"].astype(str)
    counts = counts.sort_values(["sample", "variant_sequence"], ignore_index=True)
    rows = {"sample": counts["sample"], "variant_sequence": counts["variant_sequence"]}
    _write_run(folder, "run", {name: column.to_numpy(dtype=bytes) for name, column in rows.items()}, counts["n_reads"])


_SAMPLES = "sample\tlibrary\tcondition\treplicate\tfraction\tbin\tpool\tsample_code\n"


def _write_sheets(folder: Path, runs: list[str], samples: list[str], slots: list[str]) -> None:
    """Sheets of the six counted samples, with those of others before them; their reads are empty files."""
    names = [f"{fraction}_{replicate}" for fraction, replicate in COUNTED]
    for name in names:
        files = [f"{name}_{slot}" if slot in slots else "" for slot in ("read_1", "read_2", "index_1")]
        for path in filter(None, files):
            (folder / path).touch()
        runs.append("\t".join([name, name, *files]))
    samples = [*samples, *(f"{f}_{r}\tl\tcells\t{r}\t{f}\t0\t\t" for f, r in COUNTED)]
    (folder / "samples.tsv").write_text(_SAMPLES + "\n".join(samples) + "\n", encoding="utf-8")
    head = "run\tsample\tread_1\tread_2\tindex_1\n"
    (folder / "runs.tsv").write_text(head + "\n".join(runs) + "\n", encoding="utf-8")


def _write_run(folder: Path, run: str, rows: dict[str, np.ndarray], n_reads: np.ndarray) -> None:
    """What extraction would have left of a run."""
    to = folder / "results/runs" / run
    to.mkdir(parents=True)
    n_reads = np.asarray(n_reads)

    def pieces() -> Iterator[pa.Table]:
        for first in range(0, len(n_reads), 1 << 17):
            part = slice(first, first + (1 << 17))
            own = {name: pc.cast(pa.array(values[part]), pa.string()) for name, values in rows.items()}
            length = len(n_reads[part])
            whole = {"library": pa.repeat("l", length), "sample": pa.repeat(run, length), "run": pa.repeat(run, length)}
            nothing = pa.nulls(length, pa.string())
            whole |= dict.fromkeys(("barcode", "umi", "variant_sequence", "variant_quality"), nothing)
            yield pa.table(whole | own | {"n_reads": pa.array(n_reads[part])})

    write_pieces("observations", pieces(), to / "observations.parquet")
    fates = pd.DataFrame({"run": [run], "reason": "kept", "part": None, "n_reads": int(n_reads.sum())})
    write_pieces("read_fates", [pa.Table.from_pandas(fates, preserve_index=False)], to / "read_fates.parquet")
    write_table("input_files", pd.DataFrame(columns=_INPUT_FILES), to / "input_files.tsv")


_INPUT_FILES = ["run", "slot", "file", "n_bytes", "sha256"]
