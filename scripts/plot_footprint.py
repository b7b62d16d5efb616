"""Draw the footprints of one library: information with the sites called, and the expression shift base by base."""

from typing import TYPE_CHECKING

from kcalseq.figures import expression_shift, putative_sites
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    source, first_position, to = snakemake.input, snakemake.params.first_position, stems(snakemake.output)
    footprint, sites = (read_table(name, source[name]) for name in ("promoter_footprint", "putative_sites"))
    shifts, check = (read_table(name, source[name]) for name in ("base_shift", "footprint_check"))
    save(putative_sites.draw(footprint, sites, check, first_position), to["putative_sites"])
    save(expression_shift.draw(footprint, shifts, sites, check, first_position), to["expression_shift"])
