"""Count the reads and molecules of each barcode in each fraction of one library, over all its runs."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from kcalseq.arrowfile import read_whole, write_pieces
from kcalseq.counts.barcodes import count_barcodes
from kcalseq.counts.correction import Correction
from kcalseq.reads.whitelist import read_whitelist
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    library, known = snakemake.wildcards.library, None
    if source.get("barcode_map"):
        known = read_whole("barcode_map", source.barcode_map, ["library", "barcode", "variant"])
    elif source.get("whitelist"):
        barcodes = read_whitelist(source.whitelist)
        known = pa.table({"library": [library] * len(barcodes), "barcode": barcodes})
    samples = pd.DataFrame(params.samples).astype({"bin": "int64"})
    paths = [Path(path) for path in source.observations]
    folder, memory = Path(target.barcode_counts).parent, params.memory_mb * 1_000_000
    counted = count_barcodes(library, paths, samples, known, Correction(**params.correction), folder, memory)
    log.info("barcodes: %d as read, %d counted", counted.n_as_read, counted.n_counted)
    moved = counted.count_fates.query("fate == 'corrected'")["n_reads"].sum()
    log.info("reads moved onto another barcode: %d", moved)
    log.info("reads: %s", counted.count_fates.groupby("fate")["n_reads"].sum().to_dict())
    write_pieces("barcode_counts", counted.barcode_counts, target.barcode_counts)
    for name in ("count_fates", "saturation", "barcode_overlap", "index_hopping"):
        write_table(name, getattr(counted, name), target[name])
