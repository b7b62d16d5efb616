"""Tell on the terminal how the first reads of every run fit the layouts."""

from typing import TYPE_CHECKING

from kcalseq.reads.findings import format_findings
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    for path in snakemake.input:
        text = format_findings(read_table("layout_check", path))
        log.info("%s", text)
        print(text, flush=True)
