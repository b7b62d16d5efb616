"""Judge the experiment behind one library by what its tables say."""

from typing import TYPE_CHECKING

from kcalseq.activity.barcode_thresholds import replicate_correlations
from kcalseq.activity.composition import composition_table, gc_table
from kcalseq.activity.quality import Measured, quality_table
from kcalseq.step import job
from kcalseq.tablefile import read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    names = [name for name in Measured._fields if name != "n_designed"]
    tables = {
        name: read_tables(name, [source[name]] if isinstance(source[name], str) else source[name]) for name in names
    }
    n_designed = len(tables["variants"]) if params.designed else 0
    library, measured = snakemake.wildcards.library, Measured(**tables, n_designed=n_designed)
    quality = quality_table(library, measured, params.samples, params.observations, params.thresholds)
    for row in quality[quality["mark"].isin(["caution", "bad"])].to_dict("records"):
        log.warning(
            "%s of %s is %.3g (%s): %s", row["metric"], row["subject"], row["value"], row["mark"], row["advice"]
        )
    write_table("quality", quality, target.quality)
    counts, ratios = measured.variant_counts, measured.variant_log_ratio
    write_table(
        "replicate_correlations", replicate_correlations(library, counts, ratios), target.replicate_correlations
    )
    # Of variants that are read directly nobody knows what should be there.
    designed = measured.variants.set_index("variant")["variant_sequence"].iloc[: n_designed or 0]
    write_table("gc_bias", gc_table(library, counts, ratios, designed), target.gc_bias)
    write_table("base_composition", composition_table(library, counts, designed), target.base_composition)
