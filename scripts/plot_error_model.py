"""Draw how far the replicates of one library differ, beside what its error model predicts."""

from typing import TYPE_CHECKING

from kcalseq.figures import error_model
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    terms = read_table("error_model", snakemake.input.error_model)
    bins = read_table("error_model_bins", snakemake.input.error_model_bins)
    save(error_model.draw(terms, bins), stems(snakemake.output)["error_model"])
