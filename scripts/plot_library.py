"""Draw the figures of one library: fates of its reads and its information footprint."""

from typing import TYPE_CHECKING

from kcalseq.figures import information_footprint, read_fates
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table, read_tables

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    to = stems(snakemake.output)
    fates = read_tables("read_fates", list(snakemake.input.read_fates))
    footprint = read_table("information_footprint", snakemake.input.information_footprint)
    save(read_fates.draw(fates), to["read_fates"])
    drawn = information_footprint.draw(footprint, snakemake.params.first_position, snakemake.params.sites)
    save(drawn, to["information_footprint"])
