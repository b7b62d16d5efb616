"""Gather the key numbers of all libraries and models into one small table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kcalseq.arrowfile import read_whole
from kcalseq.report.activity_rows import RatioTables
from kcalseq.report.barcode_summary import BarcodeTables
from kcalseq.report.summary import LibraryTables, ModelTables, build_summary
from kcalseq.step import job
from kcalseq.tablefile import read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    source, params = snakemake.input, snakemake.params
    libraries, models, activities = (
        kind(*(read_tables(name, list(source[name])) for name in kind._fields))
        for kind in (LibraryTables, ModelTables, RatioTables)
    )
    # Two columns of the maps: they can have millions of rows.
    columns = ["library", "variant"]
    maps = [read_whole("barcode_map", path, columns).to_pandas() for path in source.barcode_map]
    barcodes = BarcodeTables(
        read_tables("association_summary", list(source.association_summary)),
        pd.concat(maps, ignore_index=True) if maps else pd.DataFrame(columns=columns),
        read_tables("count_fates", list(source.count_fates)),
        read_tables("saturation", list(source.saturation)),
    )
    fits = [json.loads(Path(path).read_text(encoding="utf-8")) for path in source.fits]
    by_association = params.association_runs
    summary = build_summary(libraries, params.run_libraries, models, fits, barcodes, by_association, activities)
    write_table("summary", summary, snakemake.output[0])
