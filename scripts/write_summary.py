"""Gather the key numbers of all libraries and models into one small table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.report.summary import ModelTables, build_summary
from kcalseq.step import job
from kcalseq.tablefile import read_tables, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    fates, variants, metrics, parameters, timing = (
        read_tables(name, list(snakemake.input[name]))
        for name in ("read_fates", "variants", "fit_metrics", "parameters", "fit_timing")
    )
    fits = [json.loads(Path(path).read_text(encoding="utf-8")) for path in snakemake.input.fits]
    models = ModelTables(metrics, parameters, timing)
    summary = build_summary(fates, snakemake.params.run_libraries, variants, models, fits)
    write_table("summary", summary, snakemake.output[0])
