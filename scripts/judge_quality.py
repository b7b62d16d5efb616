"""Judge the experiment behind one library by what its tables say."""

from typing import TYPE_CHECKING

from kcalseq.activity.quality import Measured, quality_table
from kcalseq.step import job
from kcalseq.tablefile import read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, params = snakemake.input, snakemake.params
    names = [name for name in Measured._fields if name != "n_designed"]
    tables = {
        name: read_tables(name, [source[name]] if isinstance(source[name], str) else source[name]) for name in names
    }
    n_designed = len(tables["variants"]) if params.designed else 0
    quality = quality_table(
        snakemake.wildcards.library, Measured(**tables, n_designed=n_designed), params.observations, params.thresholds
    )
    for row in quality[quality["mark"].isin(["caution", "bad"])].to_dict("records"):
        log.warning(
            "%s of %s is %.3g (%s): %s", row["metric"], row["subject"], row["value"], row["mark"], row["advice"]
        )
    write_table("quality", quality, snakemake.output[0])
