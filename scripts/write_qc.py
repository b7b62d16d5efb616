"""Gather the judged numbers of all libraries: one table, and the same for MultiQC."""

import json
from typing import TYPE_CHECKING

from kcalseq.report.multiqc import multiqc_content
from kcalseq.step import job
from kcalseq.tablefile import read_tables, write_table
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    quality = read_tables("quality", list(snakemake.input))
    write_table("qc", quality, snakemake.output.qc)
    write_text(json.dumps(multiqc_content(quality), indent=1) + "\n", snakemake.output.multiqc)
