"""A project of many libraries whose reads are empty files: enough for Snakemake to plan it, and nothing to compute."""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RUNS = (("association", 1), *((fraction, replicate) for fraction in ("dna", "rna") for replicate in (1, 2, 3)))
_LIBRARY = """  {name}:
    assay: config/assays/mpra_simulated_counts.yaml
    association:
      assay: config/assays/mpra_simulated_association.yaml
      design: resources/mpra_simulated/design.fa
    models: []
"""


def write_project(folder: Path, n_libraries: int) -> None:
    """Write configuration, sheets and empty files: each library has an association run and three replicates."""
    for part in ("config", "resources/mpra_simulated"):
        shutil.copytree(REPOSITORY / part, folder / part, dirs_exist_ok=True)
    (folder / "reads").mkdir(exist_ok=True)
    names = [f"library{number:04d}" for number in range(n_libraries)]
    samples = ["sample\tlibrary\tcondition\treplicate\tfraction\tbin\tpool\tsample_code"]
    runs = ["run\tsample\tread_1\tread_2\tindex_1"]
    for name in names:
        for fraction, replicate in RUNS:
            sample = f"{name}_{fraction}_{replicate}"
            samples.append(f"{sample}\t{name}\tgrown\t{replicate}\t{fraction}\t0\t\t")
            files = {slot: f"reads/{sample}_{slot}.fastq.gz" for slot in ("read_1", "read_2", "index_1")}
            if fraction != "association":
                files["read_2"] = ""
            for path in filter(None, files.values()):
                (folder / path).touch()
            runs.append("\t".join([sample, sample, *files.values()]))
    for name, lines in (("samples", samples), ("runs", runs)):
        (folder / f"config/{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    blocks = "".join(_LIBRARY.format(name=name) for name in names)
    head = "samples: config/samples.tsv\nruns: config/runs.tsv\nlibraries:\n"
    (folder / "config/config.yaml").write_text(head + blocks, encoding="utf-8")
