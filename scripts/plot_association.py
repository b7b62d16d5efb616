"""Draw what was made of the barcodes of one library's association runs."""

from typing import TYPE_CHECKING

from kcalseq.figures import barcode_calls, reads_per_barcode
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    to = stems(snakemake.output)
    summary = read_table("association_summary", snakemake.input.association_summary)
    save(barcode_calls.draw(summary), to["barcode_calls"])
    numbers = read_table("reads_per_barcode", snakemake.input.reads_per_barcode)
    save(reads_per_barcode.draw(numbers, summary), to["reads_per_barcode"])
