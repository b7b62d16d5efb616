"""Refit one fitted model without each fold of variants in turn, to see how well it predicts what it has not seen."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.models.spec import read_model
from kcalseq.progress import progress_bar
from kcalseq.step import job
from kcalseq.tablefile import write_table
from kcalseq.training.bootstrap import check_size
from kcalseq.training.fitting import prepare
from kcalseq.training.folds import cross_validate
from kcalseq.training.inputs import read_inputs
from kcalseq.training.keeping import Keeper
from kcalseq.training.left_out import cross_validation_table, left_out_table
from kcalseq.training.weights import load_weights

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    library, spec = snakemake.wildcards.library, read_model(source.model)
    problem = read_inputs(spec, dict(source.items()), params.observations)
    check_size(problem, params.batches_above, "folds")
    flat = load_weights(prepare(spec, problem).posterior.network.layout, source.weights)
    keeper = Keeper(Path(target.folds).parent / "folds.checkpoint", params.code, log.info, "fold")
    with progress_bar(f"cross-validating {spec.name} of {library}", "steps") as progress:
        folds = cross_validate(spec, problem, flat, params.folds, params.seed, snakemake.threads, progress, keeper)
    log.info("%d folds, %d refits converged", folds.n_folds, int(folds.fit.converged.sum()))
    log.info("CPU seconds a refit: %.1f in the mean", float(folds.fit.cpu_seconds.mean()))
    left_out = left_out_table(problem, folds)
    of_folds = cross_validation_table(problem, folds, left_out, params.seed)
    log.info("%s", of_folds.to_dict("records"))
    write_table("cross_validation", of_folds.assign(library=library, model=spec.name), target.folds)
    write_table("left_out", left_out.assign(library=library, model=spec.name), target.variants)
    keeper.clear()
