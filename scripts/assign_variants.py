"""List the variants of one library and the part of the data split each belongs to."""

from typing import TYPE_CHECKING

from kcalseq.association.variants import check_split, list_variants
from kcalseq.step import job
from kcalseq.tablefile import read_sheet_frame, read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, split = snakemake.input, None
    if source.get("split"):
        split = read_sheet_frame(source.split)
        check_split(split, source.split)
    observations = read_tables("observations", source.observations)
    variants = list_variants(snakemake.wildcards.library, observations, split, snakemake.params.seed)
    log.info("variants: %s", variants["set"].value_counts().to_dict())
    write_table("variants", variants, snakemake.output.variants)
