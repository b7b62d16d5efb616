"""Draw the figures of one model without energies fitted to one library of continuous values."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.figures import response, training_history
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

TABLES = ("predictions", "variant_values", "response", "training_history")

with job(snakemake):
    to = stems(snakemake.output)
    fit = json.loads(Path(snakemake.input.fit).read_text(encoding="utf-8"))
    tables = {name: read_table(name, snakemake.input[name]) for name in TABLES}
    save(response.draw(tables["response"], tables["predictions"], tables["variant_values"]), to["response"])
    save(training_history.draw(tables["training_history"], fit), to["training_history"])
