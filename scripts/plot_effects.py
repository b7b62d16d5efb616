"""Draw the effects of one library's variants along the sequence."""

from typing import TYPE_CHECKING

from kcalseq.figures import saturation_map
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    effects = read_table("variant_effects", snakemake.input.variant_effects)
    save(saturation_map.draw(effects, snakemake.params.first_position), stems(snakemake.output)["saturation_map"])
