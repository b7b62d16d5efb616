"""Draw the activities of one library: its information footprint."""

from typing import TYPE_CHECKING

from kcalseq.figures import information_footprint
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    to = stems(snakemake.output)
    footprint = read_table("information_footprint", snakemake.input.information_footprint)
    drawn = information_footprint.draw(footprint, snakemake.params.first_position, snakemake.params.sites)
    save(drawn, to["information_footprint"])
