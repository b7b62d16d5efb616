"""Mean and width of the log fluorescence of each variant of one library, from sort bins with gates."""

from typing import TYPE_CHECKING

from kcalseq.activity import fluorescence_tables as tables
from kcalseq.activity.fluorescences import fluorescences
from kcalseq.arrowfile import read_whole
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    confidence = params.confidence
    names = sorted(read_whole("variants", source.variants, ["variant"]).column("variant").to_pylist())
    counts = read_table("variant_counts", source.variant_counts)
    found = fluorescences(counts, names, params.gates, confidence, params.seed)
    made = {
        "sorted_fluorescence": tables.variant_table(found, names, confidence),
        "combined_fluorescence": tables.combined_table(found, names, confidence),
        "fluorescence_replicates": tables.replicate_table(found),
        "fluorescence_agreement": tables.agreement_table(found),
        "fluorescence_drops": tables.drop_table(found),
    }
    log.info("variants: %d, conditions: %d", len(names), len(found))
    for name, table in made.items():
        write_table(name, table.assign(library=snakemake.wildcards.library), target[name])
