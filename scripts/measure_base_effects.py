"""Effects of single changes of one library, from molecules that may carry several."""

from typing import TYPE_CHECKING

from kcalseq.activity import base_effect_tables as tables
from kcalseq.activity.base_effects import measure_library
from kcalseq.activity.units import COLUMNS, gather_units
from kcalseq.arrowfile import read_whole
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params, library = snakemake.input, snakemake.output, snakemake.params, snakemake.wildcards.library
    variants = read_table("variants", source.variants)
    name, keys = ("barcode_activity", ["barcode"]) if params.has_barcodes else ("variant_log_ratio", [])
    units = gather_units(read_whole(name, source.activity, [*COLUMNS, *keys]), variants["variant"].tolist())
    pairs = [(variant, reference) for variant, reference in params.pairs]
    measured = measure_library(library, variants, params.reference, pairs, units, params.pseudocount, params.least)
    for background, conditions in measured:
        for condition, found in conditions.items():
            log.info("%s, %s: %d effects", background.reference, condition, (found.fate == 0).sum())
    identity = tables.Identity(library, params.has_barcodes)
    write_table("base_effects", tables.combined_table(identity, measured, params.confidence), target.base_effects)
    write_table("replicate_base_effects", tables.replicate_table(identity, measured), target.replicate_base_effects)
    write_table("base_effect_agreement", tables.agreement_table(identity, measured), target.base_effect_agreement)
    write_table("base_effect_drops", tables.drop_table(identity, measured), target.base_effect_drops)
