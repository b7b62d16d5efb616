# Counts to activities and information footprints.
#
# REQUIRED INPUTS: results/libraries/{library}/variants.parquet, variant_counts.parquet
# OUTPUTS: results/libraries/{library}/variant_activity.parquet, information_footprint.parquet


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
