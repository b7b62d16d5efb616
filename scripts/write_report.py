"""Write the report: one HTML page from tables and figures."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.report.embedding import read_figures
from kcalseq.report.page import relative_paths, render_page
from kcalseq.report.reporttables import ReportTables
from kcalseq.step import job
from kcalseq.tablefile import read_table, read_tables
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

TABLES = [name for name in ReportTables.__dataclass_fields__ if name != "summary"]

with job(snakemake):
    source, params = snakemake.input, snakemake.params
    tables = {name: read_tables(name, list(source[name])) for name in TABLES}
    fits = [json.loads(Path(path).read_text(encoding="utf-8")) for path in source.fits]
    cards = {
        name: {
            **card,
            "sheet": {sample: params.samples[sample] for sample in card["samples"]},
            "association_runs": params.association_runs[name],
        }
        for name, card in params.libraries.items()
    }
    page_models = [json.loads(Path(path).read_text(encoding="utf-8")) for path in source.page_models]
    told = [*TABLES, "fits", "listed"]
    paths = dict.fromkeys([source.summary, *(path for name in told for path in source[name])])
    lying = relative_paths(list(paths), snakemake.output[0])
    shown = ReportTables(summary=read_table("summary", source.summary), **tables)
    tables_of_figures = list(source.figure_sources)
    sources = dict(zip(tables_of_figures, relative_paths(tables_of_figures, snakemake.output[0]), strict=True))
    html = render_page(shown, fits, read_figures(list(source.figures), sources), cards, lying, page_models)
    write_text(html, snakemake.output[0])
