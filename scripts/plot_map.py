"""Draw how many barcodes stand for each variant of one library."""

from typing import TYPE_CHECKING

from kcalseq.arrowfile import read_whole
from kcalseq.figures import barcodes_per_variant
from kcalseq.figures.style import save, stems
from kcalseq.step import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    to = stems(snakemake.output)
    # One column of each: a map can have millions of rows.
    barcode_map, variants = (
        read_whole(name, snakemake.input[name], ["variant"]).to_pandas() for name in ("barcode_map", "variants")
    )
    save(barcodes_per_variant.draw(barcode_map, variants), to["barcodes_per_variant"])
