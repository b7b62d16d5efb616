"""What makes the replicates of one library differ: counting, factors of it, and what counts leave."""

from typing import TYPE_CHECKING

from kcalseq.activity.errortables import error_tables
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    library = snakemake.wildcards.library
    ratios = read_table("variant_log_ratio", snakemake.input.variant_log_ratio)
    model, bins = error_tables(ratios, snakemake.params.seed, snakemake.params.has_own_dna)
    for fate, n in model["fate"].value_counts().sort_index().items():
        log.info("numbers of the error model, %s: %d", fate, n)
    write_table("error_model", model.assign(library=library), snakemake.output.error_model)
    write_table("error_model_bins", bins.assign(library=library), snakemake.output.error_model_bins)
