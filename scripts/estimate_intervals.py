"""Intervals of one fitted model's parameters: profile likelihood for interactions, curvature for the rest."""

from typing import TYPE_CHECKING

from kcalseq.models.spec import read_model
from kcalseq.progress import progress_bar
from kcalseq.step import job
from kcalseq.tablefile import write_table
from kcalseq.training.fitting import prepare
from kcalseq.training.inputs import read_inputs
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.parameter_tables import parameters_table, profile_intervals_table, profiles_table
from kcalseq.training.profile import profile_scalars
from kcalseq.training.weights import load_weights

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target, params = snakemake.input, snakemake.output, snakemake.params
    library, spec = snakemake.wildcards.library, read_model(source.model)
    problem = read_inputs(spec, dict(source.items()), params.observations)
    n_training = len(problem.rows("training"))
    problem = problem.thinned(params.batches_above)
    scale = n_training / len(problem.rows("training"))
    setup = prepare(spec, problem)
    network = setup.posterior.network
    flat = load_weights(network.layout, source.weights)
    fixed = gauge_fixed_errors(spec, setup, problem, flat, scale)
    profiles = {}
    if scale > 1:
        # A fit in minibatches has not come to the optimum from which a profile would be measured.
        log.info("by curvature alone, from %d of %d training variants", params.batches_above, n_training)
    else:
        with progress_bar(f"profiling {spec.name} of {library}", "points") as progress:
            profiles = profile_scalars(spec, setup, flat, fixed, params.confidence, snakemake.threads, progress)
    for name, profile in profiles.items():
        log.info(
            "%s: estimate %.3f, %.0f %% interval %s",
            name,
            profile.estimate,
            100 * params.confidence,
            profile.interval(params.confidence),
        )
    for name, frame in {
        "parameters": parameters_table(spec, network, fixed, profiles, params.confidence),
        "profile_intervals": profile_intervals_table(profiles, params.confidence),
        "profiles": profiles_table(profiles),
    }.items():
        write_table(name, frame.assign(library=library, model=spec.name), target[name])
