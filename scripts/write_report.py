"""Write the report: one HTML page from tables and figures."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.report.embedding import read_figures
from kcalseq.report.page import relative_paths, render_page
from kcalseq.report.views import ReportTables
from kcalseq.step import job
from kcalseq.tablefile import read_table, read_tables
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

TABLES = ("read_fates", "parameters", "fit_metrics", "fit_starts", "profiles")

with job(snakemake):
    found = {name: list(snakemake.input[name]) for name in (*TABLES, "fits", "figures")}
    tables = {name: read_tables(name, found[name]) for name in TABLES}
    fits = [json.loads(Path(path).read_text(encoding="utf-8")) for path in found["fits"]]
    summary, page = snakemake.input.summary, snakemake.output[0]
    lying = relative_paths([summary, *(path for name in (*TABLES, "fits") for path in found[name])], page)
    shown = ReportTables(read_table("summary", summary), **tables)
    html = render_page(shown, fits, read_figures(found["figures"]), snakemake.params.libraries, lying)
    write_text(html, page)
