"""Draw the log ratios of one library, replicates against each other and variants by rank."""

from typing import TYPE_CHECKING

from kcalseq.figures import ranked_activity, replicate_activity, replicate_correlations
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    source, to = snakemake.input, stems(snakemake.output)
    ratios = read_table("variant_log_ratio", source.variant_log_ratio)
    agreement = read_table("replicate_agreement", source.replicate_agreement)
    save(replicate_activity.draw(ratios, agreement), to["replicate_activity"])
    correlations = read_table("replicate_correlations", source.replicate_correlations)
    save(replicate_correlations.draw(correlations), to["replicate_correlations"])
    combined = read_table("combined_activity", source.combined_activity)
    save(ranked_activity.draw(combined, snakemake.params.confidence), to["ranked_activity"])
