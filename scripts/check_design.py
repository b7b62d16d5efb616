"""Check which designed variants of one library reads cannot tell apart."""

import sys
from typing import TYPE_CHECKING

from kcalseq.association.conflicts import design_conflicts, no_conflicts
from kcalseq.association.design import read_design
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, library = snakemake.input, snakemake.wildcards.library
    conflicts = no_conflicts(library)
    if source.get("design"):
        design = read_design(source.design, **snakemake.params.design_options)
        conflicts = design_conflicts(library, design)
        log.info("oligos: %d, by length in nt: %s", len(design.names), design.length_spread())
        log.info("names that BAM shows with _: %d", len(design.odd_names()))
    counts = conflicts["relation"].value_counts().to_dict()
    log.info("pairs that reads cannot tell apart, or can mistake: %s", counts or "none")
    if counts:
        told = ", ".join(f"{n} {relation.replace('_', ' ')}" for relation, n in counts.items())
        print(
            f"Design of {library}: pairs of variants that cannot be told apart: {told}; see {snakemake.output[0]}",
            file=sys.stderr,
        )
    write_table("design_conflicts", conflicts, snakemake.output[0])
