"""Draw what was made of the reads of one library's counted samples."""

from typing import TYPE_CHECKING

from kcalseq.figures import count_fates, saturation
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    to = stems(snakemake.output)
    save(count_fates.draw(read_table("count_fates", snakemake.input.count_fates)), to["count_fates"])
    save(saturation.draw(read_table("saturation", snakemake.input.saturation)), to["saturation"])
