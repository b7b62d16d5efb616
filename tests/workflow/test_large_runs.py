"""A run that is large for the configuration: read in parts, side by side, to the same bytes."""

import gzip
from math import ceil
from pathlib import Path

import pandas as pd
import pysam
import pytest

from .conftest import Project

pytestmark = pytest.mark.slow

RUN = "mpra_simulated_association_run1"


def test_parts_of_a_run_are_the_bytes_of_the_whole(project: Project, finished: Project) -> None:
    """Mates and an index read, with qualities; the files are those of the example, as bgzip compresses them."""
    paths = sorted((project.root / "resources/mpra_simulated").glob("association_run1_*.fastq.gz"))
    for path in paths:
        text = gzip.decompress(path.read_bytes())
        with pysam.BGZFile(str(path), "w", index=None) as file:
            file.write(text)
    n_parts = ceil(max(path.stat().st_size for path in paths) / 60_000)
    project.edit("config/config.yaml", "seed: 1\n", "seed: 1\nreads: {part_mb: 0.06}\n")
    tables = [f"results/runs/{RUN}/{name}" for name in ("observations.parquet", "read_fates.parquet")]
    plan = project.snakemake("-n", *tables).jobs()
    assert plan == {"split_reads": 1, "extract_part": n_parts, "join_parts": 1}
    outcome = project.snakemake("--cores", "2", *tables)
    assert outcome.code == 0, outcome.text[-3000:]
    for name in tables:
        assert (project.root / name).read_bytes() == (finished.root / name).read_bytes()
    fates = [read_log(project.root / f"logs/extract_part/{RUN}.{part}.log") for part in range(1, n_parts + 1)]
    assert len(fates) > 2 and all(fates), "every part holds reads"
    left = {path.name for path in (project.root / f"results/runs/{RUN}").rglob("*") if path.is_file()}
    assert left == {"observations.parquet", "read_fates.parquet", "input_files.tsv"}
    files = pd.read_csv(project.root / f"results/runs/{RUN}/input_files.tsv", sep="\t")
    assert list(files["slot"]) == ["index_1", "read_1", "read_2"]
    assert "Nothing to be done" in project.snakemake("-n", *tables).text


def read_log(path: Path) -> int:
    """Reads that a part kept, by its log."""
    line = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("fates: "))
    return int(line.split("('kept', None): ")[1].split(",")[0].rstrip("}"))
