"""Compare the models of one library on its test set."""

from typing import TYPE_CHECKING

from kcalseq.step import job
from kcalseq.tablefile import read_tables, write_table
from kcalseq.training.compare import comparison_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, params = snakemake.input, snakemake.params
    predictions = read_tables("predictions", list(source.predictions))
    folds = read_tables("cross_validation", list(source.cross_validation))
    compared = comparison_table(predictions, params.kinds, params.seed, params.confidence, folds)
    log.info("%s", compared.to_dict("records"))
    write_table("model_comparison", compared.assign(library=snakemake.wildcards.library), snakemake.output[0])
