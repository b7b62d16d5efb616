"""Gather the key numbers of all libraries and models into one small table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.report.summary import LibraryTables, ModelTables, build_summary
from kcalseq.step import job
from kcalseq.tablefile import read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    libraries, models = (
        kind(*(read_tables(name, list(snakemake.input[name])) for name in kind._fields))
        for kind in (LibraryTables, ModelTables)
    )
    fits = [json.loads(Path(path).read_text(encoding="utf-8")) for path in snakemake.input.fits]
    summary = build_summary(libraries, snakemake.params.run_libraries, models, fits)
    write_table("summary", summary, snakemake.output[0])
