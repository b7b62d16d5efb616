"""Draw the fates of the reads of one library's runs."""

from typing import TYPE_CHECKING

from kcalseq.figures import read_fates
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    fates = read_tables("read_fates", list(snakemake.input.read_fates))
    save(read_fates.draw(fates), stems(snakemake.output)["read_fates"])
