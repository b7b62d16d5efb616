"""Effects of variants of one sorted library on their fluorescence, against their references."""

from typing import TYPE_CHECKING

from kcalseq.activity.effectmethods import combined_effects
from kcalseq.activity.effects import effects_table
from kcalseq.activity.fluorescence_tables import as_activity
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
    combined = as_activity(read_table("combined_fluorescence", source.combined_fluorescence))
    effects = effects_table(pairs, combined_effects(combined, pairs), "combined", params.confidence)
    for fate, n in effects["fate"].value_counts().sort_index().items():
        log.info("pairs %s: %d", fate, n)
    write_table("variant_effects", effects.assign(library=library), snakemake.output[0])
