"""Refit one fitted model to drawn data, for errors and bias of its numbers."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.models.spec import read_model
from kcalseq.progress import progress_bar
from kcalseq.step import job
from kcalseq.tablefile import write_table
from kcalseq.training.bootstrap import bootstrap, check_size
from kcalseq.training.fitting import prepare
from kcalseq.training.inputs import read_inputs
from kcalseq.training.keeping import Keeper
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.parameter_tables import bootstraps_table
from kcalseq.training.weights import load_weights

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, params = snakemake.input, snakemake.params
    library, spec = snakemake.wildcards.library, read_model(source.model)
    problem = read_inputs(spec, dict(source.items()), params.observations)
    check_size(problem, params.batches_above)
    setup = prepare(spec, problem)
    network = setup.posterior.network
    flat = load_weights(network.layout, source.weights)
    learned = gauge_fixed_errors(spec, setup, problem, flat).learned
    drawn = params.kind, params.seed, snakemake.threads
    keeper = Keeper(Path(snakemake.output[0]).parent / "bootstraps.checkpoint", params.code, log.info, "refit")
    with progress_bar(f"refitting {spec.name} of {library}", "steps") as progress:
        found = bootstrap(spec, problem, setup, flat, params.bootstraps, *drawn, progress, keeper)
    log.info("%d refits, %d of them converged", len(found.values), found.n_converged)
    log.info("CPU seconds a refit: %.1f in the mean", float(found.fit.cpu_seconds.mean()))
    table = bootstraps_table(spec, network, learned, found, params.kind, params.confidence)
    write_table("bootstraps", table.assign(library=library, model=spec.name), snakemake.output[0])
    keeper.clear()
