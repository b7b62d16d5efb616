"""Put the parts of a run together."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.arrowfile import write_pieces
from kcalseq.reads.inputfiles import input_files
from kcalseq.reads.layout import SLOTS, read_layout
from kcalseq.reads.owners import samples_of
from kcalseq.reads.parts import join_parts
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    run, layout = snakemake.wildcards.run, read_layout(source.assay)
    paths = {slot: source[slot] for slot in SLOTS if source.get(slot)}
    result = join_parts(
        run,
        paths,
        layout,
        samples_of(params.samples),
        params.keep_qualities,
        [Path(path) for path in source.observations],
        [Path(path) for path in source.read_fates],
    )
    log.info("fates: %s", result.fates)
    write_pieces("observations", result.observations, target.observations)
    write_pieces("read_fates", [result.read_fates], target.read_fates)
    write_table("input_files", input_files(run, paths), target.input_files)
