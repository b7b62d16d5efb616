"""Extract barcodes, UMIs, variants and samples from one run's reads; give every read its fate."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.arrowfile import write_pieces
from kcalseq.progress import progress_bar
from kcalseq.reads.extract import Settings, extract_run
from kcalseq.reads.inputfiles import input_files
from kcalseq.reads.layout import SLOTS, read_layout
from kcalseq.reads.owners import samples_of
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    run, layout = snakemake.wildcards.run, read_layout(source.assay)
    paths = {slot: source[slot] for slot in SLOTS if source.get(slot)}
    settings = Settings(
        keep_qualities=params.keep_qualities,
        tolerate=frozenset(params.tolerate),
        max_bytes=params.memory_mb * 1_000_000,
        threads=snakemake.threads,
        folder=Path(target.observations).parent,
    )
    with progress_bar(f"reading {run}", "reads") as progress:
        result = extract_run(run, paths, layout, samples_of(params.samples), progress, settings)
    log.info("fates: %s", result.fates)
    write_pieces("observations", result.observations, target.observations)
    write_pieces("read_fates", [result.read_fates], target.read_fates)
    # Now, while the system may still hold what was just read.
    write_table("input_files", input_files(run, paths), target.input_files)
