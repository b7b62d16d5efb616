"""Extract barcodes, UMIs, variants and samples from one part of a run's reads; give every read its fate."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.arrowfile import write_pieces
from kcalseq.errors import KcalseqError
from kcalseq.progress import progress_bar
from kcalseq.reads.extract import Settings, extract_run
from kcalseq.reads.layout import SLOTS, read_layout
from kcalseq.reads.owners import samples_of
from kcalseq.reads.parts import raise_as_of_whole
from kcalseq.reads.splitting import stretches_of
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    run, part, layout = snakemake.wildcards.run, int(snakemake.wildcards.part), read_layout(source.assay)
    paths = {slot: source[slot] for slot in SLOTS if source.get(slot)}
    settings = Settings(
        keep_qualities=params.keep_qualities,
        max_bytes=params.memory_mb * 1_000_000,
        threads=snakemake.threads,
        folder=Path(target.observations).parent,
        stretches=stretches_of(read_table("read_parts", source.parts), part),
    )
    try:
        with progress_bar(f"reading {run}, part {part}", "reads") as progress:
            result = extract_run(run, paths, layout, samples_of(params.samples), progress, settings)
    except KcalseqError as error:
        raise_as_of_whole(paths, layout, error)
    log.info("fates: %s", result.fates)
    write_pieces("observations", result.observations, target.observations)
    write_pieces("read_fates", [result.read_fates], target.read_fates)
