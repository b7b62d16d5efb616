"""Draw the figures of one model without energies fitted to one library."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.figures import measurement_process, predicted_activity, predicted_ratio, training_history
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

TABLES = ("predictions", "measurement_process", "training_history")

with job(snakemake):
    to = stems(snakemake.output)
    fit = json.loads(Path(snakemake.input.fit).read_text(encoding="utf-8"))
    tables = {name: read_table(name, snakemake.input[name]) for name in TABLES}
    predictions = tables["predictions"]
    save(measurement_process.draw(tables["measurement_process"], predictions), to["measurement_process"])
    if snakemake.input.variant_activity:
        observed = read_table("variant_activity", snakemake.input.variant_activity)
        save(predicted_activity.draw(predictions, observed), to["predicted_activity"])
    else:
        save(predicted_ratio.draw(predictions), to["predicted_activity"])
    save(training_history.draw(tables["training_history"], fit), to["training_history"])
