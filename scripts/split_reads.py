"""Find where the parts of a large run begin, which are then read side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.reads.layout import SLOTS
from kcalseq.reads.splitting import part_stretches, parts_table
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source = snakemake.input
    paths = {slot: Path(source[slot]) for slot in SLOTS if source.get(slot)}
    parts = part_stretches(paths, snakemake.params.n_parts)
    n_held = sum(all(stretch.begin < stretch.end for stretch in part.values()) for part in parts)
    log.info("parts that hold reads: %d of %d", n_held, len(parts))
    write_table("read_parts", parts_table(snakemake.wildcards.run, parts), snakemake.output[0])
