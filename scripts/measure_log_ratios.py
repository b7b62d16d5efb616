"""RNA per DNA of each barcode and variant of one library, replicates combined, controls and conditions compared."""

from typing import TYPE_CHECKING

import numpy as np

from kcalseq.activity import logtables
from kcalseq.activity.controlnames import find_controls
from kcalseq.activity.counted import gather
from kcalseq.activity.logratios import activities
from kcalseq.activity.settings import Settings
from kcalseq.activity.shared_dna import share_counted
from kcalseq.arrowfile import read_pieces, read_whole, write_pieces
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    library, settings = snakemake.wildcards.library, Settings(**params.activity)
    names = read_whole("variants", source.variants, ["variant"]).column("variant").to_pylist()
    places = [(row["condition"], row["replicate"], row["fraction"]) for row in params.samples]
    pieces = read_pieces("barcode_counts" if params.has_barcodes else "variant_counts", source.counted)
    counted = gather(library, pieces, names, [place for place in places if place[2] in ("dna", "rna")])
    counted = share_counted(counted, settings.dna)
    where = f"library '{library}': its activity"
    is_control = find_controls(counted.names, settings.controls_file, settings.controls_pattern, where, whole=False)
    log.info("negative controls among the variants: %d", sum(is_control))
    found = activities(counted, settings, np.array(is_control), params.seed)
    log.info("barcodes: %d, variants: %d, replicates: %d", len(counted.variant), len(names), len(found.measured))
    write_pieces("barcode_activity", logtables.barcode_pieces(library, counted, found), target.barcode_activity)
    write_table("variant_log_ratio", logtables.variant_table(library, counted, found), target.variant_log_ratio)
    write_table("combined_activity", logtables.combined_table(library, counted, found), target.combined_activity)
    differences = logtables.difference_table(library, counted, found)
    write_table("condition_differences", differences, target.condition_differences)
    write_table("replicate_agreement", logtables.agreement_table(library, found), target.replicate_agreement)
    write_table("activity_replicates", logtables.replicate_table(library, found), target.activity_replicates)
    write_table("activity_drops", logtables.drop_table(library, counted, found), target.activity_drops)
    write_table("activity_summary", logtables.summary_table(library, counted, found), target.activity_summary)
