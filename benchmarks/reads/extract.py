"""One run's reads to its tables, as scripts/extract_reads.py does it, without Snakemake.

PYTHONPATH=scripts python benchmarks/reads/extract.py LAYOUT FOLDER SAMPLE read_1=a.fastq.gz [index_1=b.fastq.gz]
"""

import sys
from pathlib import Path

from kcalseq.arrowfile import write_pieces
from kcalseq.reads.extract import Sample, Settings, extract_run
from kcalseq.reads.layout import read_layout
from kcalseq.tablefile import write_table


def extract(layout: Path, output: Path, sample: str, files: dict[str, str]) -> None:
    """Write SAMPLE.observations.parquet and SAMPLE.read_fates.parquet of a run of one sample to a folder."""
    read = read_layout(layout)
    settings = Settings(keep_qualities=read.variant_source == "read", folder=output)
    run = extract_run(sample, files, read, Sample(sample, "library"), lambda _: None, settings)
    write_pieces("observations", run.observations, output / f"{sample}.observations.parquet")
    write_table("read_fates", run.read_fates.to_pandas(), output / f"{sample}.read_fates.parquet")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    slots = dict(argument.split("=", 1) for argument in sys.argv[4:])
    extract(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], slots)
