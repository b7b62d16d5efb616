"""Tell on the terminal what has run so far, how it ended, how long it took and with how much memory."""

from typing import TYPE_CHECKING

from kcalseq.step import job
from kcalseq.usage import format_jobs, read_jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    text = format_jobs([one for one in read_jobs(snakemake.params.logs) if one.step != snakemake.rule])
    log.info("%s", text)
    print(text, flush=True)
