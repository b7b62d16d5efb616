"""Counts and activities of one library as an AnnData file."""

from typing import TYPE_CHECKING

import pandas as pd

from kcalseq.export.h5ad import write_h5ad
from kcalseq.export.matrices import (
    VARIANT_TABLES,
    annotated,
    count_layers,
    measured_layers,
    sample_frame,
    variant_frame,
)
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    names = ("variant_log_ratio", *VARIANT_TABLES)
    found = {name: read_table(name, snakemake.input[name]) if snakemake.input.get(name) else None for name in names}
    measured_tables = {name: found[name] for name in VARIANT_TABLES if found[name] is not None}
    obs = variant_frame(read_table("variants", snakemake.input.variants), measured_tables)
    samples = sample_frame(snakemake.params.samples)
    counts = count_layers(read_table("variant_counts", snakemake.input.variant_counts), pd.Index(obs.index), samples)
    measured = measured_layers(found["variant_log_ratio"], pd.Index(obs.index), samples)
    content = annotated(obs, samples, counts, measured, snakemake.wildcards.library)
    log.info("variants: %d, samples: %d, layers: %s", *content.matrix.shape, ", ".join(content.layers))
    write_h5ad(content, snakemake.output[0])
