"""Describe one fitted model in plain numbers, for the report to compute with."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.step import job
from kcalseq.training.fitted import load
from kcalseq.training.page_model import page_model
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    described = page_model(load(Path(snakemake.input.fit).parent))
    write_text(json.dumps(described, allow_nan=False) + "\n", snakemake.output[0])
