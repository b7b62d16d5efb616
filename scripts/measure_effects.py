"""Effects of variants of one library against their references."""

from typing import TYPE_CHECKING

from kcalseq.activity.effects import variant_effects
from kcalseq.activity.pairs import check_names, pairs_table
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, params, library = snakemake.input, snakemake.params, snakemake.wildcards.library
    variants = read_table("variants", source.variants)
    pairs = pairs_table(variants, params.pairs, params.reference)
    check_names(variants, pairs, f"library '{library}': its effects")
    effects = variant_effects(read_table("combined_activity", source.combined_activity), pairs, params.confidence)
    log.info("pairs: %d, not measured: %d", len(effects), effects["effect"].isna().sum())
    write_table("variant_effects", effects.assign(library=library, confidence=params.confidence), snakemake.output[0])
