"""Footprints of the promoter of one library, and the binding sites called from them."""

from typing import TYPE_CHECKING

from kcalseq.activity.footprint_rules import FootprintRules
from kcalseq.activity.promoter_footprint import promoter_footprints
from kcalseq.activity.shared_dna import share_counts
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    counts, variants = read_table("variant_counts", source.variant_counts), read_table("variants", source.variants)
    counts = share_counts(counts, params.dna_of)
    rules = FootprintRules(**params.rules)
    found = promoter_footprints(params.library, counts, variants, params.observations, params.seed, rules)
    for name, table in found._asdict().items():
        write_table(name, table, target[name])
    for row in found.putative_sites.itertuples():
        log.info("%s: %s at %d, %d nt", row.site, row.kind, row.start, row.length)
    log.info("library: %s, putative sites: %d", found.footprint_check["call"].iloc[0], len(found.putative_sites))
