# Counts to activities: mean bins and information footprints of sorted libraries, log ratios of DNA and RNA counts.
#
# REQUIRED INPUTS: results/libraries/{library}/variants.parquet, variant_counts.parquet, of barcoded libraries
#                  barcode_counts.parquet; for quality, the summaries of reads, association and counts, and the log ratios
# OUTPUTS: results/libraries/{library}/variant_activity.parquet, information_footprint.parquet of sorted libraries;
#          sorted_fluorescence.parquet, combined_fluorescence.parquet, fluorescence_replicates.tsv,
#          fluorescence_agreement.tsv, fluorescence_drops.tsv of those with gates;
#          barcode_activity.parquet, variant_log_ratio.parquet, combined_activity.parquet,
#          condition_differences.parquet, replicate_agreement.tsv, activity_replicates.tsv, activity_drops.tsv,
#          activity_summary.tsv, error_model.tsv, error_model_bins.tsv of libraries with DNA and RNA samples;
#          variant_effects.tsv where pairs are named; base_effects.tsv, replicate_base_effects.tsv,
#          base_effect_agreement.tsv, base_effect_drops.tsv where single bases are asked for;
#          quality.tsv, replicate_correlations.tsv, gc_bias.tsv, base_composition.tsv,
#          promoter_footprint.parquet, base_shift.parquet, putative_sites.tsv, footprint_check.tsv of both


rule measure_activity:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        variant_counts=f"{LIBRARY}/variant_counts.parquet",
    output:
        variant_activity=f"{LIBRARY}/variant_activity.parquet",
        information_footprint=f"{LIBRARY}/information_footprint.parquet",
    log:
        f"{LOGS}/measure_activity/{{library}}.log",
    benchmark:
        f"{LOGS}/measure_activity/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(SORTED),
    conda:
        "../../envs/activity.yaml"
    params:
        observations=lambda wildcards: library_of(wildcards).observations,
        code=code("measure_activity"),
    message:
        "Measuring activities of library {wildcards.library}"
    script:
        "../../scripts/measure_activity.py"


rule measure_fluorescence:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        variant_counts=f"{LIBRARY}/variant_counts.parquet",
    output:
        sorted_fluorescence=f"{LIBRARY}/sorted_fluorescence.parquet",
        combined_fluorescence=f"{LIBRARY}/combined_fluorescence.parquet",
        fluorescence_replicates=f"{LIBRARY}/fluorescence_replicates.tsv",
        fluorescence_agreement=f"{LIBRARY}/fluorescence_agreement.tsv",
        fluorescence_drops=f"{LIBRARY}/fluorescence_drops.tsv",
    log:
        f"{LOGS}/measure_fluorescence/{{library}}.log",
    benchmark:
        f"{LOGS}/measure_fluorescence/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(GATED),
    conda:
        "../../envs/activity.yaml"
    params:
        gates=lambda wildcards: PLAN.gates(wildcards.library),
        confidence=PLAN.confidence,
        seed=PLAN.seed,
        code=code("measure_fluorescence"),
    message:
        "Measuring fluorescence of the variants of library {wildcards.library}"
    script:
        "../../scripts/measure_fluorescence.py"


rule call_sites:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        variant_counts=f"{LIBRARY}/variant_counts.parquet",
    output:
        promoter_footprint=f"{LIBRARY}/promoter_footprint.parquet",
        base_shift=f"{LIBRARY}/base_shift.parquet",
        putative_sites=f"{LIBRARY}/putative_sites.tsv",
        footprint_check=f"{LIBRARY}/footprint_check.tsv",
    log:
        f"{LOGS}/call_sites/{{library}}.log",
    benchmark:
        f"{LOGS}/call_sites/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(FOOTPRINTED),
    conda:
        "../../envs/activity.yaml"
    params:
        library="{library}",
        observations=lambda wildcards: library_of(wildcards).observations,
        dna_of=lambda wildcards: library_of(wildcards).activity["dna"],
        rules=lambda wildcards: library_of(wildcards).footprints,
        seed=PLAN.seed,
        code=code("call_sites"),
    message:
        "Calling binding sites of library {wildcards.library}"
    script:
        "../../scripts/call_sites.py"


rule judge_quality:
    input:
        read_fates=library_runs(f"{RUN}/read_fates.parquet"),
        variants=library_file("variants.parquet", WITH_VARIANTS),
        variant_counts=library_file("variant_counts.parquet", COUNTED),
        association_summary=library_file("association_summary.tsv", MAPPED),
        count_fates=library_file("count_fates.tsv", BARCODED),
        saturation=library_file("saturation.tsv", BARCODED),
        index_hopping=library_file("index_hopping.tsv", BARCODED),
        barcode_overlap=library_file("barcode_overlap.tsv", BARCODED),
        variant_log_ratio=library_file("variant_log_ratio.parquet", RATIOED),
        combined_activity=library_file("combined_activity.parquet", RATIOED),
    output:
        quality=f"{LIBRARY}/quality.tsv",
        replicate_correlations=f"{LIBRARY}/replicate_correlations.tsv",
        gc_bias=f"{LIBRARY}/gc_bias.tsv",
        base_composition=f"{LIBRARY}/base_composition.tsv",
    log:
        f"{LOGS}/judge_quality/{{library}}.log",
    benchmark:
        f"{LOGS}/judge_quality/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(WITH_READS),
    conda:
        "../../envs/activity.yaml"
    params:
        designed=lambda wildcards: wildcards.library in MAPPED + IMPORTED,
        samples=library_samples,
        observations=lambda wildcards: library_of(wildcards).observations,
        thresholds=PLAN.thresholds,
        code=code("judge_quality"),
    message:
        "Judging the experiment behind library {wildcards.library}"
    script:
        "../../scripts/judge_quality.py"


rule measure_log_ratios:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        counted=library_counts,
        # Read by the step through its parameters; named here so that another list repeats it.
        controls=lambda wildcards: library_of(wildcards).activity["controls_file"] or [],
    output:
        barcode_activity=f"{LIBRARY}/barcode_activity.parquet",
        variant_log_ratio=f"{LIBRARY}/variant_log_ratio.parquet",
        combined_activity=f"{LIBRARY}/combined_activity.parquet",
        condition_differences=f"{LIBRARY}/condition_differences.parquet",
        replicate_agreement=f"{LIBRARY}/replicate_agreement.tsv",
        activity_replicates=f"{LIBRARY}/activity_replicates.tsv",
        activity_drops=f"{LIBRARY}/activity_drops.tsv",
        activity_summary=f"{LIBRARY}/activity_summary.tsv",
    log:
        f"{LOGS}/measure_log_ratios/{{library}}.log",
    benchmark:
        f"{LOGS}/measure_log_ratios/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(RATIOED),
    conda:
        "../../envs/activity.yaml"
    params:
        samples=library_samples,
        has_barcodes=lambda wildcards: wildcards.library in BARCODED,
        activity=lambda wildcards: library_of(wildcards).activity,
        seed=PLAN.seed,
        code=code("measure_log_ratios"),
    message:
        "Measuring RNA per DNA of library {wildcards.library}"
    script:
        "../../scripts/measure_log_ratios.py"


rule fit_error_model:
    input:
        variant_log_ratio=f"{LIBRARY}/variant_log_ratio.parquet",
    output:
        error_model=f"{LIBRARY}/error_model.tsv",
        error_model_bins=f"{LIBRARY}/error_model_bins.tsv",
    log:
        f"{LOGS}/fit_error_model/{{library}}.log",
    benchmark:
        f"{LOGS}/fit_error_model/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(RATIOED),
    conda:
        "../../envs/activity.yaml"
    params:
        has_own_dna=lambda wildcards: library_of(wildcards).activity["dna"] == "by_replicate",
        seed=PLAN.seed,
        code=code("fit_error_model"),
    message:
        "Fitting what makes the replicates of library {wildcards.library} differ"
    script:
        "../../scripts/fit_error_model.py"


rule measure_effects:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        combined_activity=f"{LIBRARY}/combined_activity.parquet",
        # Each method reads some of these.
        barcode_activity=f"{LIBRARY}/barcode_activity.parquet",
        variant_log_ratio=f"{LIBRARY}/variant_log_ratio.parquet",
        replicate_agreement=f"{LIBRARY}/replicate_agreement.tsv",
        error_model=f"{LIBRARY}/error_model.tsv",
        # Read with the plan; named here so that other pairs repeat it.
        pairs=lambda wildcards: library_of(wildcards).effects.sheet or [],
    output:
        f"{LIBRARY}/variant_effects.tsv",
    log:
        f"{LOGS}/measure_effects/{{library}}.log",
    benchmark:
        f"{LOGS}/measure_effects/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(WITH_RATIO_EFFECTS),
    conda:
        "../../envs/activity.yaml"
    params:
        reference=lambda wildcards: library_of(wildcards).effects.reference,
        pairs=lambda wildcards: [list(pair) for pair in library_of(wildcards).effects.pairs],
        method=lambda wildcards: library_of(wildcards).effects.method,
        has_own_dna=lambda wildcards: library_of(wildcards).activity["dna"] == "by_replicate",
        confidence=PLAN.confidence,
        code=code("measure_effects"),
    message:
        "Measuring what variants of library {wildcards.library} change"
    script:
        "../../scripts/measure_effects.py"


rule measure_fluorescence_effects:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        combined_fluorescence=f"{LIBRARY}/combined_fluorescence.parquet",
        # Read with the plan; named here so that other pairs repeat it.
        pairs=lambda wildcards: library_of(wildcards).effects.sheet or [],
    output:
        f"{LIBRARY}/variant_effects.tsv",
    log:
        f"{LOGS}/measure_fluorescence_effects/{{library}}.log",
    benchmark:
        f"{LOGS}/measure_fluorescence_effects/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(WITH_FLUORESCENCE_EFFECTS),
    conda:
        "../../envs/activity.yaml"
    params:
        reference=lambda wildcards: library_of(wildcards).effects.reference,
        pairs=lambda wildcards: [list(pair) for pair in library_of(wildcards).effects.pairs],
        confidence=PLAN.confidence,
        code=code("measure_fluorescence_effects"),
    message:
        "Measuring what variants of library {wildcards.library} change in fluorescence"
    script:
        "../../scripts/measure_fluorescence_effects.py"


rule measure_base_effects:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        activity=library_units,
        # Read with the plan; named here so that other pairs repeat it.
        pairs=lambda wildcards: library_of(wildcards).effects.sheet or [],
    output:
        base_effects=f"{LIBRARY}/base_effects.tsv",
        replicate_base_effects=f"{LIBRARY}/replicate_base_effects.tsv",
        base_effect_agreement=f"{LIBRARY}/base_effect_agreement.tsv",
        base_effect_drops=f"{LIBRARY}/base_effect_drops.tsv",
    log:
        f"{LOGS}/measure_base_effects/{{library}}.log",
    benchmark:
        f"{LOGS}/measure_base_effects/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(WITH_BASE_EFFECTS),
    conda:
        "../../envs/activity.yaml"
    params:
        has_barcodes=lambda wildcards: wildcards.library in BARCODED,
        reference=lambda wildcards: library_of(wildcards).effects.reference,
        pairs=lambda wildcards: [list(pair) for pair in library_of(wildcards).effects.pairs],
        least=lambda wildcards: library_of(wildcards).effects.min_barcodes,
        pseudocount=lambda wildcards: library_of(wildcards).activity["pseudocount"],
        confidence=PLAN.confidence,
        code=code("measure_base_effects"),
    message:
        "Measuring what single bases of library {wildcards.library} change"
    script:
        "../../scripts/measure_base_effects.py"
