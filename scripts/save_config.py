"""Keep the merged, checked configuration beside the results."""

from typing import TYPE_CHECKING

import yaml

from kcalseq.step import job
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    write_text(yaml.safe_dump(snakemake.params.settings, sort_keys=False, allow_unicode=True), snakemake.output[0])
