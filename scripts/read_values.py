"""Read one library that came as a table of values: its variants, their part of the data split, and their values."""

from typing import TYPE_CHECKING

from kcalseq.association.values import read_values
from kcalseq.association.variants import check_split
from kcalseq.step import job
from kcalseq.tablefile import read_sheet_frame, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, split = snakemake.input, snakemake.output, None
    if source.get("split"):
        split = read_sheet_frame(source.split)
        check_split(split, source.split)
    found = read_values(snakemake.wildcards.library, source.table, split, snakemake.params.seed)
    log.info("variants: %s", found.variants["set"].value_counts().to_dict())
    write_table("variants", found.variants, target.variants)
    write_table("variant_values", found.variant_values, target.variant_values)
