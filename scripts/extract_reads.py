"""Extract variants and samples from one run's reads; give every read its fate."""

from typing import TYPE_CHECKING

from kcalseq.progress import progress_bar
from kcalseq.reads.extract import extract_run
from kcalseq.reads.layout import read_layout
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    run, layout = snakemake.wildcards.run, read_layout(source.assay)
    with progress_bar(f"reading {run}", "reads") as progress:
        result = extract_run(run, [source.fastq], layout, params.samples, params.library_of_sample, progress)
    log.info("fates: %s", dict(zip(result.read_fates["reason"], result.read_fates["n_reads"], strict=True)))
    write_table("observations", result.observations, target.observations)
    write_table("read_fates", result.read_fates, target.read_fates)
