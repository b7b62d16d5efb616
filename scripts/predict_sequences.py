"""Predict sequences that were not measured with one fitted model."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kcalseq.queries import read_queries
from kcalseq.step import job
from kcalseq.tablefile import write_table
from kcalseq.tables import TABLES
from kcalseq.training.fitted import load
from kcalseq.training.genome import predict_records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, wildcards = snakemake.input, snakemake.wildcards
    model = load(Path(source.fit).parent)
    records = read_queries(source.sequences, model.spec.length, wildcards.model)
    n_direct = sum(len(sequence) == model.spec.length for _, sequence in records)
    log.info("sequences of the model's length: %d, longer ones: %d", n_direct, len(records) - n_direct)
    predicted = predict_records(model, records)
    log.info("rows: %d, of which without a prediction (N): %d", len(predicted), predicted["phi"].isna().sum())
    predicted = predicted.assign(library=wildcards.library, model=wildcards.model)
    # What the model's measurement process does not tell is missing.
    unknown = set(TABLES["predicted_sequences"].column_names) - set(predicted.columns)
    write_table("predicted_sequences", predicted.assign(**dict.fromkeys(unknown, np.nan)), snakemake.output[0])
