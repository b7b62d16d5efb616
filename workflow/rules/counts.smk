# Observations of all runs to counts per variant and fraction.
#
# REQUIRED INPUTS: results/runs/{run}/observations.parquet of the library's runs, results/libraries/{library}/variants.parquet
# OUTPUTS: results/libraries/{library}/variant_counts.parquet


rule count_variants:
    input:
        observations=library_runs(f"{RUN}/observations.parquet"),
        variants=f"{LIBRARY}/variants.parquet",
    output:
        variant_counts=f"{LIBRARY}/variant_counts.parquet",
    log:
        f"{LOGS}/count_variants/{{library}}.log",
    conda:
        "../../envs/counts.yaml"
    params:
        samples=library_samples,
        code=code("count_variants"),
    message:
        "Counting the variants of library {wildcards.library}"
    script:
        "../../scripts/count_variants.py"
