"""Count the reads of each variant in each fraction of one library, over all its runs."""

from typing import TYPE_CHECKING

import pandas as pd

from kcalseq.counts.variants import count_variants
from kcalseq.step import job
from kcalseq.tablefile import read_table, read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source = snakemake.input
    observations = read_tables("observations", source.observations)
    variants = read_table("variants", source.variants)
    samples = pd.DataFrame(snakemake.params.samples).astype({"bin": "int64"})
    counts = count_variants(snakemake.wildcards.library, observations, variants, samples)
    log.info("reads: %d in %d rows", counts["n_reads"].sum(), len(counts))
    write_table("variant_counts", counts, snakemake.output.variant_counts)
