"""Find the variant of each barcode of one library from the reads that hold both."""

from typing import TYPE_CHECKING

from kcalseq.association.bam import write_bam
from kcalseq.association.design import read_design
from kcalseq.association.mapping import map_barcodes
from kcalseq.association.settings import Settings
from kcalseq.association.variants import check_split
from kcalseq.step import job
from kcalseq.tablefile import read_sheet_frame, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    design, split = None, None
    if source.get("design"):
        design = read_design(source.design, **params.design_options)
    if source.get("split"):
        split = read_sheet_frame(source.split)
        check_split(split, source.split)
    library, rules = snakemake.wildcards.library, Settings(**params.rules)
    found = map_barcodes(
        library, source.observations, design, rules, samples=params.samples, split=split, seed=params.seed
    )
    log.info("barcodes: %s", found.barcode_calls["call"].value_counts().to_dict())
    for name in ("variants", "barcode_map", "barcode_calls", "reads_per_barcode", "association_summary"):
        write_table(name, getattr(found, name), target[name])
    write_bam(target.bam, design, found.barcode_calls, found.molecules, found.turned)
