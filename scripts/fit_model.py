"""Fit one model to one library."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kcalseq.models.spec import read_model
from kcalseq.progress import progress_bar
from kcalseq.step import job
from kcalseq.tablefile import write_table
from kcalseq.training import fit_tables
from kcalseq.training.batched import batching, fit_in_batches
from kcalseq.training.card import fit_card
from kcalseq.training.fitting import fit_problem, outlined, phenotypes
from kcalseq.training.inputs import read_inputs
from kcalseq.training.keeping import Keeper
from kcalseq.training.library_warnings import library_warnings
from kcalseq.training.metrics import metrics_table
from kcalseq.training.weights import earlier_weights, save_weights
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    library, spec = snakemake.wildcards.library, read_model(source.model)
    problem = read_inputs(spec, dict(source.items()), params.observations)
    setup = outlined(spec, problem)
    network = setup.posterior.network
    earlier = None
    if source.get("earlier"):
        earlier, missing = earlier_weights(network.layout, source.earlier)
        log.info("the first start begins at %s, but for %s", source.earlier, ", ".join(missing) or "nothing")
    # Beside the outputs and none of them, so that a fit that was killed goes on from there.
    keeper = Keeper(Path(target.fit).parent / "fit.checkpoint", params.code, log.info)
    batches, begun = batching(spec, problem, params.batches_above), (params.seed, params.starts)
    if batches:
        log.info("in minibatches of %d variants, %s", batches.size, batches.settings)
        with progress_bar(f"fitting {spec.name} to {library}", "epochs", batches.settings.n_epochs) as progress:
            fitted = fit_in_batches(spec, problem, batches, *begun, progress, earlier, keeper)
    else:
        with progress_bar(f"fitting {spec.name} to {library}", "steps") as progress:
            fitted = fit_problem(spec, problem, *begun, snakemake.threads, progress, earlier, keeper)
    log.info(
        "objective %.3f nats, converged: %s, swaps: %s",
        fitted.objective,
        fitted.converged,
        fitted.reported.swaps,
    )
    of_fit = problem, network, fitted.flat, phenotypes(spec, setup, problem, fitted.flat)
    timing = pd.DataFrame({"start": range(params.starts), "cpu_seconds": fitted.fit.cpu_seconds.numpy()})
    for name, frame in {
        "predictions": fit_tables.predictions_table(*of_fit),
        "fit_metrics": metrics_table(*of_fit, params.seed, params.confidence),
        "measurement_process": fit_tables.measurement_table(*of_fit),
        "response": fit_tables.response_table(*of_fit, params.confidence),
        "training_history": fit_tables.history_table(fitted),
        "fit_starts": fit_tables.starts_table(spec, network, fitted),
        "fit_timing": timing,
    }.items():
        write_table(name, frame.assign(library=library, model=spec.name), target[name])
    save_weights(network.layout, fitted.flat, target.weights)
    warnings = library_warnings(spec, problem)
    for warning in warnings:
        log.warning("%s", warning)
    card = fit_card(library, spec, problem, fitted, setup, params.observations, params.seed, warnings)
    write_text(json.dumps(card, indent=1) + "\n", target.fit)
    write_text(Path(source.model).read_text(encoding="utf-8"), target.spec)
    keeper.clear()
