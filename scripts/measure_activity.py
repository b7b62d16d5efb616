"""Mean sort bin of each variant of one library, and its information footprint."""

from typing import TYPE_CHECKING

from kcalseq.activity.footprint import information_footprint
from kcalseq.activity.mean_bin import mean_bins
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    source, target, observations = snakemake.input, snakemake.output, snakemake.params.observations
    variants, counts = read_table("variants", source.variants), read_table("variant_counts", source.variant_counts)
    write_table("variant_activity", mean_bins(counts, observations), target.variant_activity)
    footprint = information_footprint(counts, variants, observations)
    write_table("information_footprint", footprint, target.information_footprint)
