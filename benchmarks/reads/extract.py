"""One run's reads to its tables, as scripts/extract_reads.py does it, without Snakemake.

    PYTHONPATH=scripts python benchmarks/reads/extract.py LAYOUT FOLDER SAMPLE RUN read_1=a.fastq.gz [...]

Each argument behind RUN names a read of the layout and its file.
"""

import sys
from pathlib import Path

from kcalseq.arrowfile import write_pieces
from kcalseq.reads.extract import Settings, extract_run
from kcalseq.reads.layout import read_layout
from kcalseq.reads.owners import Sample
from kcalseq.step import leave_quickly


def extract(layout: Path, output: Path, sample: str, run: str, files: dict[str, str]) -> None:
    """Write RUN.observations.parquet and RUN.read_fates.parquet of a run of one sample to a folder."""
    read = read_layout(layout)
    settings = Settings(keep_qualities=read.variant_source == "read", threads=2, folder=output)
    extracted = extract_run(run, files, read, Sample(sample, "library"), lambda _: None, settings)
    write_pieces("observations", extracted.observations, output / f"{run}.observations.parquet")
    write_pieces("read_fates", [extracted.read_fates], output / f"{run}.read_fates.parquet")


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    slots = dict(argument.split("=", 1) for argument in sys.argv[5:])
    extract(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], slots)
    leave_quickly()
