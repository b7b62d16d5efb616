"""Count the reads of each variant in each fraction of one library, over all its runs or all its barcodes."""

from typing import TYPE_CHECKING

import pandas as pd

from kcalseq.arrowfile import read_pieces
from kcalseq.counts.variants import count_variants, count_variants_of_barcodes
from kcalseq.step import job
from kcalseq.tablefile import read_table, read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, library = snakemake.input, snakemake.wildcards.library
    samples = pd.DataFrame(snakemake.params.samples).astype({"bin": "int64"})
    if snakemake.params.has_barcodes:
        counts = count_variants_of_barcodes(library, read_pieces("barcode_counts", source.counted), samples)
    else:
        observations = read_tables("observations", source.counted)
        counts = count_variants(library, observations, read_table("variants", source.variants), samples)
    log.info("reads: %d in %d rows", counts["n_reads"].sum(), len(counts))
    write_table("variant_counts", counts, snakemake.output.variant_counts)
