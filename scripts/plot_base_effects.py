"""Draw the effects of single bases of one library along the sequence."""

from typing import TYPE_CHECKING

from kcalseq.figures import base_effects_map
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    effects = read_table("base_effects", snakemake.input.base_effects)
    figure = base_effects_map.draw(effects, snakemake.params.first_position)
    save(figure, stems(snakemake.output)["base_effects_map"])
