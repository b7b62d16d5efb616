"""A library sorted by gates: from reads and the sheet of samples to fluorescence, its figures and the report."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.simulate.gated_sorting import GatedSorting, Sorted, sort_cells
from kcalseq.tablefile import read_table

from .conftest import Project

pytestmark = pytest.mark.slow

CONFIG = """\
samples: samples.tsv
runs: runs.tsv
libraries:
  sorted:
    assay: assay.yaml
    observations: raw
    models: []
    effects: {reference: ACGTTGCAACGGTCATTGCA}
"""
ASSAY = """\
description: the code of the sort bin and a variant of 20 nt
variant_source: read
reads:
  read_1:
    - {name: sample_code, kind: sample_code, length: 5, max_mismatches: 0}
    - {name: variant, kind: variant, length: 20, min_quality: 20}
"""
HOW = GatedSorting(cells_per_variant=60.0, reads_per_cell=2.0, gates=(2.0, 2.5, 3.0, 3.5, 4.0))
WILDTYPE = "ACGTTGCAACGGTCATTGCA"
HEADER = "sample\tlibrary\tcondition\treplicate\tfraction\tbin\tpool\tsample_code\tgate_lower\tgate_upper\tcells"


def mutants() -> list[str]:
    """The wild type and its single mutants."""
    singles = [
        WILDTYPE[:place] + base + WILDTYPE[place + 1 :]
        for place, own in enumerate(WILDTYPE)
        for base in "ACGT"
        if base != own
    ]
    return [WILDTYPE, *singles]


def write_project(folder: Path) -> tuple[list[str], NDArray[np.float64]]:
    """A pool of two sorted replicates; gives the variants and their true means."""
    names, rng = mutants(), np.random.default_rng(1)
    mean = np.where(np.arange(len(names)) == 0, 3.2, 3.2 + rng.normal(0.0, 0.5, len(names)))
    rows, reads = [HEADER], []
    for replicate in ("1", "2"):
        library: Sorted = sort_cells(HOW, int(replicate), mean)
        for place, own in enumerate(library.bins):
            code = "".join("ACGT"[digit] for digit in divmod(place, 4)) + {"1": "TGA", "2": "CAT"}[replicate]
            gates = ["" if own[end] is None else f"{own[end]:.6g}" for end in ("lower", "upper")]
            named = [f"bin{own['bin']}_{replicate}", "sorted", "M9", replicate, "bin", str(own["bin"]), "pool", code]
            rows.append("\t".join([*named, *gates, f"{own['cells']:.0f}"]))
            reads += [code + name for name, n in zip(names, library.counts[:, place], strict=True) for _ in range(n)]
    with gzip.open(folder / "reads.fastq.gz", "wt", compresslevel=1) as file:
        file.writelines(f"@r{number}\n{read}\n+\n{'I' * len(read)}\n" for number, read in enumerate(reads))
    runs = "run\tsample\tread_1\nrun1\tpool\treads.fastq.gz\n"
    texts = {"config.yaml": CONFIG, "assay.yaml": ASSAY, "samples.tsv": "\n".join(rows) + "\n", "runs.tsv": runs}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return names, mean


def test_a_sheet_with_gates_gives_fluorescence_figures_and_a_report(tmp_path: Path) -> None:
    names, mean = write_project(tmp_path)
    project = Project(tmp_path)
    outcome = project.snakemake("--configfile", "config.yaml", "--cores", "2")
    assert outcome.code == 0, outcome.text[-3000:]
    folder = tmp_path / "results/libraries/sorted"
    combined = read_table("combined_fluorescence", folder / "combined_fluorescence.parquet").set_index("variant")
    own = combined.loc[names]
    z = ((own["mean_log10"] - mean) / own["mean_log10_se"]).dropna()
    assert len(z) > 50 and 0.7 < z.std() < 1.3 and abs(z.mean()) < 0.5
    drops = read_table("fluorescence_drops", folder / "fluorescence_drops.tsv")
    assert drops.groupby("replicate")["n_variants"].sum().tolist() == [len(combined)] * 2
    drawn = read_table("figure_source", folder / "figures/ranked_fluorescence.tsv")
    points = drawn[drawn["mark"] == "point"]
    assert len(points) == int(combined[["mean_log10", "lower", "upper"]].notna().any(axis=1).sum())
    assert (folder / "figures/replicate_fluorescence.pdf").is_file()
    effects = read_table("variant_effects", folder / "variant_effects.tsv").set_index("variant")
    known = effects.loc[names[1:]].dropna(subset=["effect_se"])
    off = (known["effect"] - np.log2(10.0) * (own["mean_log10"][known.index] - own["mean_log10"][WILDTYPE])).abs()
    assert len(known) > 50 and off.max() < 1e-9 and known["position"].notna().all()
    assert (folder / "figures/saturation_map.pdf").is_file()
    page = (tmp_path / "results/report.html").read_text(encoding="utf-8")
    assert "Mean log fluorescence of replicates of library sorted correlates" in page
    sheet = tmp_path / "samples.tsv"
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.replace("\t3162.28\t", "\t3162.29\t"), encoding="utf-8")
    again = project.snakemake("--configfile", "config.yaml", "-n").jobs()
    assert {"measure_fluorescence", "plot_fluorescence", "write_report"} <= set(again)
    assert not {"extract_reads", "count_variants", "measure_activity"} & set(again), "gates change no counts"
