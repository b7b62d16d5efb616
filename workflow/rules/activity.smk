# Counts to activities and information footprints.
#
# REQUIRED INPUTS: results/libraries/{library}/variants.parquet, variant_counts.parquet
#                  and, for quality, the summaries of reads, association and counts
# OUTPUTS: results/libraries/{library}/variant_activity.parquet, information_footprint.parquet, quality.tsv


rule measure_activity:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        variant_counts=f"{LIBRARY}/variant_counts.parquet",
    output:
        variant_activity=f"{LIBRARY}/variant_activity.parquet",
        information_footprint=f"{LIBRARY}/information_footprint.parquet",
    log:
        f"{LOGS}/measure_activity/{{library}}.log",
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


rule judge_quality:
    input:
        read_fates=library_runs(f"{RUN}/read_fates.parquet"),
        variants=library_file("variants.parquet", WITH_VARIANTS),
        variant_counts=library_file("variant_counts.parquet", COUNTED),
        association_summary=library_file("association_summary.tsv", MAPPED),
        count_fates=library_file("count_fates.tsv", BARCODED),
        saturation=library_file("saturation.tsv", BARCODED),
        index_hopping=library_file("index_hopping.tsv", BARCODED),
    output:
        f"{LIBRARY}/quality.tsv",
    log:
        f"{LOGS}/judge_quality/{{library}}.log",
    wildcard_constraints:
        library=any_of(WITH_READS),
    conda:
        "../../envs/activity.yaml"
    params:
        designed=lambda wildcards: wildcards.library in MAPPED + IMPORTED,
        observations=lambda wildcards: library_of(wildcards).observations,
        thresholds=PLAN.thresholds,
        code=code("judge_quality"),
    message:
        "Judging the experiment behind library {wildcards.library}"
    script:
        "../../scripts/judge_quality.py"
