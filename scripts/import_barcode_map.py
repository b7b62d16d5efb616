"""Import the barcode map of one library that was made elsewhere."""

from typing import TYPE_CHECKING

from kcalseq.association.design import read_design
from kcalseq.association.imports import import_map
from kcalseq.association.variants import check_split, name_variants
from kcalseq.step import job
from kcalseq.tablefile import read_sheet_frame, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    library, split = snakemake.wildcards.library, None
    if source.get("split"):
        split = read_sheet_frame(source.split)
        check_split(split, source.split)
    design = read_design(source.design, **params.design_options) if source.get("design") else None
    spellings = None if design is None else design.spellings()
    barcode_map = import_map(library, source.map, spellings, params.reverse_complement)
    # Without a design the sequences are unknown: the split is drawn by the names.
    sequences = dict(zip(design.names, design.sequences, strict=True)) if design else {}
    named = sequences or {name: name for name in sorted(barcode_map["variant"].unique())}
    variants = name_variants(library, named, split, params.seed)
    if not design:
        variants["variant_sequence"] = None
    log.info("barcodes: %d, variants: %d", len(barcode_map), len(variants))
    write_table("barcode_map", barcode_map, target.barcode_map)
    write_table("variants", variants, target.variants)
