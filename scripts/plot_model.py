"""Draw the figures of one model fitted to one library."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.figures import (
    energy_logos,
    measurement_process,
    parameters,
    predicted_activity,
    predicted_ratio,
    training_history,
)
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

TABLES = ("parameters", "profiles", "predictions", "measurement_process", "training_history")

with job(snakemake):
    to = stems(snakemake.output)
    fit = json.loads(Path(snakemake.input.fit).read_text(encoding="utf-8"))
    tables = {name: read_table(name, snakemake.input[name]) for name in TABLES}
    predictions = tables["predictions"]
    save(energy_logos.draw(tables["parameters"], fit), to["energy_logos"])
    save(measurement_process.draw(tables["measurement_process"], predictions), to["measurement_process"])
    if snakemake.input.variant_activity:
        observed = read_table("variant_activity", snakemake.input.variant_activity)
        save(predicted_activity.draw(predictions, observed), to["predicted_activity"])
    else:
        save(predicted_ratio.draw(predictions), to["predicted_activity"])
    save(parameters.draw(tables["parameters"], tables["profiles"], fit), to["parameters"])
    save(training_history.draw(tables["training_history"], fit), to["training_history"])
