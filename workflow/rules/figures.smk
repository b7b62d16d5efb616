# Tables to figures: PDF and SVG for papers, PNG for slides, the numbers drawn as TSV.
#
# REQUIRED INPUTS: read_fates of the library's runs; of barcoded libraries the tables of their association and counts;
#                  information_footprint; variant_log_ratio, combined_activity, replicate_agreement; error_model and its bins;
#                  for each model its tables and fit.json
# OUTPUTS: results/libraries/{library}/figures/, results/libraries/{library}/models/{model}/figures/: each figure as PDF,
#          SVG and PNG, and the numbers that it shows as TSV


rule plot_reads:
    input:
        read_fates=library_runs(f"{RUN}/read_fates.parquet"),
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=READ_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_reads/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_reads/{{library}}.usage.tsv"
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_reads"),
    message:
        "Drawing the fates of the reads of library {wildcards.library}"
    script:
        "../../scripts/plot_reads.py"


rule plot_association:
    input:
        association_summary=f"{LIBRARY}/association_summary.tsv",
        reads_per_barcode=f"{LIBRARY}/reads_per_barcode.tsv",
    output:
        expand(
            f"{LIBRARY}/figures/{{figure}}.{{format}}",
            figure=ASSOCIATION_FIGURES,
            format=FORMATS,
            allow_missing=True,
        ),
    log:
        f"{LOGS}/plot_association/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_association/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(MAPPED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_association"),
    message:
        "Drawing the association of library {wildcards.library}"
    script:
        "../../scripts/plot_association.py"


rule plot_map:
    input:
        barcode_map=f"{LIBRARY}/barcode_map.parquet",
        variants=f"{LIBRARY}/variants.parquet",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=MAP_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_map/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_map/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(MAPPED + IMPORTED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_map"),
    message:
        "Drawing the barcode map of library {wildcards.library}"
    script:
        "../../scripts/plot_map.py"


rule plot_counts:
    input:
        count_fates=f"{LIBRARY}/count_fates.tsv",
        saturation=f"{LIBRARY}/saturation.tsv",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=COUNT_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_counts/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_counts/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(BARCODED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_counts"),
    message:
        "Drawing the counts of library {wildcards.library}"
    script:
        "../../scripts/plot_counts.py"


rule plot_activity:
    input:
        information_footprint=f"{LIBRARY}/information_footprint.parquet",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=ACTIVITY_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_activity/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_activity/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(SORTED),
    conda:
        "../../envs/figures.yaml"
    params:
        first_position=library_first_position,
        sites=library_sites,
        code=code("plot_activity"),
    message:
        "Drawing the activities of library {wildcards.library}"
    script:
        "../../scripts/plot_activity.py"


rule plot_log_ratios:
    input:
        variant_log_ratio=f"{LIBRARY}/variant_log_ratio.parquet",
        combined_activity=f"{LIBRARY}/combined_activity.parquet",
        replicate_agreement=f"{LIBRARY}/replicate_agreement.tsv",
        replicate_correlations=f"{LIBRARY}/replicate_correlations.tsv",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=RATIO_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_log_ratios/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_log_ratios/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(RATIOED),
    conda:
        "../../envs/figures.yaml"
    params:
        confidence=PLAN.confidence,
        code=code("plot_log_ratios"),
    message:
        "Drawing RNA per DNA of library {wildcards.library}"
    script:
        "../../scripts/plot_log_ratios.py"


rule plot_fluorescence:
    input:
        sorted_fluorescence=f"{LIBRARY}/sorted_fluorescence.parquet",
        combined_fluorescence=f"{LIBRARY}/combined_fluorescence.parquet",
        fluorescence_agreement=f"{LIBRARY}/fluorescence_agreement.tsv",
    output:
        expand(
            f"{LIBRARY}/figures/{{figure}}.{{format}}",
            figure=FLUORESCENCE_FIGURES,
            format=FORMATS,
            allow_missing=True,
        ),
    log:
        f"{LOGS}/plot_fluorescence/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_fluorescence/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(GATED),
    conda:
        "../../envs/figures.yaml"
    params:
        gates=lambda wildcards: PLAN.gates(wildcards.library),
        code=code("plot_fluorescence"),
    message:
        "Drawing the fluorescence of library {wildcards.library}"
    script:
        "../../scripts/plot_fluorescence.py"


rule plot_footprint:
    input:
        promoter_footprint=f"{LIBRARY}/promoter_footprint.parquet",
        base_shift=f"{LIBRARY}/base_shift.parquet",
        putative_sites=f"{LIBRARY}/putative_sites.tsv",
        footprint_check=f"{LIBRARY}/footprint_check.tsv",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=FOOTPRINT_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_footprint/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_footprint/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(FOOTPRINTED),
    conda:
        "../../envs/figures.yaml"
    params:
        first_position=library_first_position,
        code=code("plot_footprint"),
    message:
        "Drawing the footprints of library {wildcards.library}"
    script:
        "../../scripts/plot_footprint.py"


rule plot_error_model:
    input:
        error_model=f"{LIBRARY}/error_model.tsv",
        error_model_bins=f"{LIBRARY}/error_model_bins.tsv",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=ERROR_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_error_model/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_error_model/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(RATIOED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_error_model"),
    message:
        "Drawing what makes the replicates of library {wildcards.library} differ"
    script:
        "../../scripts/plot_error_model.py"


rule plot_effects:
    input:
        variant_effects=f"{LIBRARY}/variant_effects.tsv",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=EFFECT_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_effects/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_effects/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(WITH_EFFECTS),
    conda:
        "../../envs/figures.yaml"
    params:
        first_position=library_first_position,
        code=code("plot_effects"),
    message:
        "Drawing what variants of library {wildcards.library} change"
    script:
        "../../scripts/plot_effects.py"


rule plot_base_effects:
    input:
        base_effects=f"{LIBRARY}/base_effects.tsv",
    output:
        expand(
            f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=BASE_EFFECT_FIGURES, format=FORMATS, allow_missing=True
        ),
    log:
        f"{LOGS}/plot_base_effects/{{library}}.log",
    benchmark:
        f"{LOGS}/plot_base_effects/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(WITH_BASE_EFFECTS),
    conda:
        "../../envs/figures.yaml"
    params:
        first_position=library_first_position,
        code=code("plot_base_effects"),
    message:
        "Drawing what single bases of library {wildcards.library} change"
    script:
        "../../scripts/plot_base_effects.py"


rule plot_value_model:
    input:
        parameters=f"{MODEL}/parameters.tsv",
        profiles=f"{MODEL}/profiles.tsv",
        predictions=f"{MODEL}/predictions.parquet",
        variant_values=f"{LIBRARY}/variant_values.parquet",
        response=f"{MODEL}/response.parquet",
        training_history=f"{MODEL}/training_history.parquet",
        fit=f"{MODEL}/fit.json",
    output:
        expand(f"{MODEL}/figures/{{figure}}.{{format}}", figure=VALUE_MODEL_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_value_model/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/plot_value_model/{{library}}.{{model}}.usage.tsv"
    wildcard_constraints:
        library=any_of(VALUED),
        model=fitted_model(EXPLAINED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_value_model"),
    message:
        "Drawing the figures of {wildcards.model} for library {wildcards.library}"
    script:
        "../../scripts/plot_value_model.py"


rule plot_model:
    input:
        parameters=f"{MODEL}/parameters.tsv",
        profiles=f"{MODEL}/profiles.tsv",
        predictions=f"{MODEL}/predictions.parquet",
        variant_activity=library_activity,
        measurement_process=f"{MODEL}/measurement_process.parquet",
        training_history=f"{MODEL}/training_history.parquet",
        fit=f"{MODEL}/fit.json",
    output:
        expand(f"{MODEL}/figures/{{figure}}.{{format}}", figure=MODEL_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_model/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/plot_model/{{library}}.{{model}}.usage.tsv"
    wildcard_constraints:
        library=any_of(COUNTED),
        model=fitted_model(EXPLAINED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_model"),
    message:
        "Drawing the figures of {wildcards.model} for library {wildcards.library}"
    script:
        "../../scripts/plot_model.py"


rule plot_value_black_box:
    input:
        predictions=f"{MODEL}/predictions.parquet",
        variant_values=f"{LIBRARY}/variant_values.parquet",
        response=f"{MODEL}/response.parquet",
        training_history=f"{MODEL}/training_history.parquet",
        fit=f"{MODEL}/fit.json",
    output:
        expand(
            f"{MODEL}/figures/{{figure}}.{{format}}",
            figure=VALUE_BLACK_BOX_FIGURES,
            format=FORMATS,
            allow_missing=True,
        ),
    log:
        f"{LOGS}/plot_value_black_box/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/plot_value_black_box/{{library}}.{{model}}.usage.tsv"
    wildcard_constraints:
        library=any_of(VALUED),
        model=fitted_model(UNEXPLAINED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_value_black_box"),
    message:
        "Drawing what {wildcards.model} predicts of library {wildcards.library}"
    script:
        "../../scripts/plot_value_black_box.py"


rule plot_black_box:
    input:
        predictions=f"{MODEL}/predictions.parquet",
        variant_activity=library_activity,
        measurement_process=f"{MODEL}/measurement_process.parquet",
        training_history=f"{MODEL}/training_history.parquet",
        fit=f"{MODEL}/fit.json",
    output:
        expand(f"{MODEL}/figures/{{figure}}.{{format}}", figure=BLACK_BOX_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_black_box/{{library}}.{{model}}.log",
    benchmark:
        f"{LOGS}/plot_black_box/{{library}}.{{model}}.usage.tsv"
    wildcard_constraints:
        library=any_of(COUNTED),
        model=fitted_model(UNEXPLAINED),
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_black_box"),
    message:
        "Drawing what {wildcards.model} predicts of library {wildcards.library}"
    script:
        "../../scripts/plot_black_box.py"
