# Counts and a model to energies with intervals.
#
# REQUIRED INPUTS: results/libraries/{library}/variants.parquet, variant_counts.parquet (of models of barcode
#                  counts barcode_counts.parquet, of libraries of values variant_values.parquet), the model's YAML
# OUTPUTS: results/libraries/{library}/models/{model}/ fit.json, model.yaml, weights.safetensors, predictions.parquet,
#          fit_metrics.tsv, fit_starts.tsv, fit_timing.tsv, training_history.parquet, measurement_process.parquet,
#          response.parquet, predicted_sequences.tsv; of models with energies parameters.tsv, profiles.tsv,
#          profile_intervals.tsv, motifs, bootstraps.tsv, cross_validation.tsv, left_out.parquet, page_model.json;
#          results/libraries/{library}/model_comparison.tsv


rule fit_model:
    input:
        unpack(library_measurements),
        model=lambda wildcards: library_of(wildcards).model_files[wildcards.model],
        earlier=earlier_fit,
    output:
        fit=f"{MODEL}/fit.json",
        spec=f"{MODEL}/model.yaml",
        weights=f"{MODEL}/weights.safetensors",
        predictions=f"{MODEL}/predictions.parquet",
        fit_metrics=f"{MODEL}/fit_metrics.tsv",
        fit_starts=f"{MODEL}/fit_starts.tsv",
        fit_timing=f"{MODEL}/fit_timing.tsv",
        training_history=f"{MODEL}/training_history.parquet",
        measurement_process=f"{MODEL}/measurement_process.parquet",
        response=f"{MODEL}/response.parquet",
    log:
        f"{LOGS}/fit_model/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/fit_model/{{library}}.{{model}}.usage.tsv"
    conda:
        MODELS_ENVIRONMENT
    params:
        observations=lambda wildcards: library_of(wildcards).observations,
        seed=PLAN.seed,
        starts=PLAN.starts,
        confidence=PLAN.confidence,
        batches_above=PLAN.batches_above,
        code=code("fit_model"),
    message:
        "Fitting {wildcards.model} to library {wildcards.library}"
    script:
        "../../scripts/fit_model.py"


rule estimate_intervals:
    input:
        unpack(library_measurements),
        model=lambda wildcards: library_of(wildcards).model_files[wildcards.model],
        weights=f"{MODEL}/weights.safetensors",
    output:
        parameters=f"{MODEL}/parameters.tsv",
        profiles=f"{MODEL}/profiles.tsv",
        profile_intervals=f"{MODEL}/profile_intervals.tsv",
    log:
        f"{LOGS}/estimate_intervals/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/estimate_intervals/{{library}}.{{model}}.usage.tsv"
    wildcard_constraints:
        model=fitted_model(EXPLAINED),
    conda:
        MODELS_ENVIRONMENT
    params:
        observations=lambda wildcards: library_of(wildcards).observations,
        confidence=PLAN.confidence,
        batches_above=PLAN.batches_above,
        code=code("estimate_intervals"),
    message:
        "Estimating how sure the energies of {wildcards.model} are for library {wildcards.library}"
    script:
        "../../scripts/estimate_intervals.py"


rule bootstrap_model:
    input:
        unpack(library_measurements),
        model=lambda wildcards: library_of(wildcards).model_files[wildcards.model],
        weights=f"{MODEL}/weights.safetensors",
    output:
        f"{MODEL}/bootstraps.tsv",
    log:
        f"{LOGS}/bootstrap_model/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/bootstrap_model/{{library}}.{{model}}.usage.tsv"
    conda:
        MODELS_ENVIRONMENT
    params:
        observations=lambda wildcards: library_of(wildcards).observations,
        bootstraps=PLAN.bootstraps,
        kind=PLAN.bootstrap_kind,
        seed=PLAN.seed,
        confidence=PLAN.confidence,
        batches_above=PLAN.batches_above,
        code=code("bootstrap_model"),
    message:
        "Refitting {wildcards.model} of library {wildcards.library} to drawn data"
    script:
        "../../scripts/bootstrap_model.py"


rule cross_validate_model:
    input:
        unpack(library_measurements),
        model=lambda wildcards: library_of(wildcards).model_files[wildcards.model],
        weights=f"{MODEL}/weights.safetensors",
    output:
        folds=f"{MODEL}/cross_validation.tsv",
        variants=f"{MODEL}/left_out.parquet",
    log:
        f"{LOGS}/cross_validate_model/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/cross_validate_model/{{library}}.{{model}}.usage.tsv"
    conda:
        MODELS_ENVIRONMENT
    params:
        observations=lambda wildcards: library_of(wildcards).observations,
        batches_above=PLAN.batches_above,
        folds=PLAN.folds,
        seed=PLAN.seed,
        code=code("cross_validate_model"),
    message:
        "Refitting {wildcards.model} of library {wildcards.library} without each fold of its variants"
    script:
        "../../scripts/cross_validate_model.py"


rule compare_models:
    input:
        predictions=library_models("predictions.parquet"),
        cross_validation=library_folds,
    output:
        f"{LIBRARY}/model_comparison.tsv",
    log:
        f"{LOGS}/compare_models/{{library}}.log",
    benchmark:
        f"{LOGS}/compare_models/{{library}}.usage.tsv"
    conda:
        MODELS_ENVIRONMENT
    params:
        seed=PLAN.seed,
        confidence=PLAN.confidence,
        kinds=lambda wildcards: {name: model.kind for name, model in library_of(wildcards).models.items()},
        code=code("compare_models"),
    message:
        "Comparing the models of library {wildcards.library}"
    script:
        "../../scripts/compare_models.py"


# Energies of an additive model have no scale, so they are no motif.
rule export_motifs:
    input:
        model=lambda wildcards: library_of(wildcards).model_files[wildcards.model],
        parameters=f"{MODEL}/parameters.tsv",
    output:
        meme=f"{MODEL}/motifs.meme",
        jaspar=f"{MODEL}/motifs.jaspar",
        transfac=f"{MODEL}/motifs.transfac",
    log:
        f"{LOGS}/export_motifs/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/export_motifs/{{library}}.{{model}}.usage.tsv"
    conda:
        MODELS_ENVIRONMENT
    params:
        code=code("export_motifs"),
    message:
        "Writing the sites of {wildcards.model} of library {wildcards.library} as motifs"
    script:
        "../../scripts/export_motifs.py"


rule predict_sequences:
    input:
        sequences=library_queries,
        fit=f"{MODEL}/fit.json",
        spec=f"{MODEL}/model.yaml",
        weights=f"{MODEL}/weights.safetensors",
    output:
        f"{MODEL}/predicted_sequences.tsv",
    log:
        f"{LOGS}/predict_sequences/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/predict_sequences/{{library}}.{{model}}.usage.tsv"
    conda:
        MODELS_ENVIRONMENT
    params:
        code=code("predict_sequences"),
    message:
        "Predicting new sequences with {wildcards.model} of library {wildcards.library}"
    script:
        "../../scripts/predict_sequences.py"


# The report computes predictions in the page: there is no Python.
rule describe_model:
    input:
        fit=f"{MODEL}/fit.json",
        spec=f"{MODEL}/model.yaml",
        weights=f"{MODEL}/weights.safetensors",
    output:
        f"{MODEL}/page_model.json",
    log:
        f"{LOGS}/describe_model/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/describe_model/{{library}}.{{model}}.usage.tsv"
    conda:
        MODELS_ENVIRONMENT
    params:
        code=code("describe_model"),
    message:
        "Describing {wildcards.model} of library {wildcards.library} for the report"
    script:
        "../../scripts/describe_model.py"


# For a person to edit: no model of the configuration is made from it.
rule draft_model:
    input:
        promoter_footprint=f"{LIBRARY}/promoter_footprint.parquet",
        putative_sites=f"{LIBRARY}/putative_sites.tsv",
        footprint_check=f"{LIBRARY}/footprint_check.tsv",
    output:
        f"{LIBRARY}/draft_model.yaml",
    log:
        f"{LOGS}/draft_model/{{library}}.log",
    benchmark:
        f"{LOGS}/draft_model/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(FOOTPRINTED),
    conda:
        MODELS_ENVIRONMENT
    params:
        library="{library}",
        first_position=library_first_position,
        counted=lambda wildcards: wildcards.library not in SORTED,
        code=code("draft_model"),
    message:
        "Drafting a model of library {wildcards.library}"
    script:
        "../../scripts/draft_model.py"
