"""Effects of variants of one library against their references."""

from typing import TYPE_CHECKING

from kcalseq.activity import effectmethods
from kcalseq.activity.barcodesums import COLUMNS
from kcalseq.activity.effects import effects_table
from kcalseq.activity.pairs import check_names, pairs_table
from kcalseq.arrowfile import read_whole
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, params, library = snakemake.input, snakemake.params, snakemake.wildcards.library
    variants = read_table("variants", source.variants)
    pairs = pairs_table(variants, params.pairs, params.reference)
    check_names(variants, pairs, f"library '{library}': its effects")
    combined = read_table("combined_activity", source.combined_activity)
    ratios = read_table("variant_log_ratio", source.variant_log_ratio)
    if params.method == "moderated":
        terms, agreement = (read_table(name, source[name]) for name in ("error_model", "replicate_agreement"))
        estimates = effectmethods.moderated_effects(ratios, terms, agreement, pairs, params.has_own_dna)
    elif params.method == "beta_binomial":
        barcodes = read_whole("barcode_activity", source.barcode_activity, COLUMNS)
        estimates = effectmethods.beta_binomial_effects(barcodes, combined, pairs, params.has_own_dna)
    else:
        estimates = effectmethods.combined_effects(combined, pairs, ratios)
    estimates = effectmethods.without_unlevelled(estimates, pairs, ratios)
    effects = effects_table(pairs, estimates, params.method, params.confidence)
    for fate, n in effects["fate"].value_counts().sort_index().items():
        log.info("pairs by method %s, %s: %d", params.method, fate, n)
    write_table("variant_effects", effects.assign(library=library), snakemake.output[0])
