# Observations to the variants of each library. Assays that read the variant directly pass it through under its own
# sequence; barcoded assays will build their barcode map here.
#
# REQUIRED INPUTS: results/runs/{run}/observations.parquet of the library's runs, the split if there is one
# OUTPUTS: results/libraries/{library}/variants.parquet


rule assign_variants:
    input:
        observations=library_runs(f"{RUN}/observations.parquet"),
        split=library_split,
    output:
        variants=f"{LIBRARY}/variants.parquet",
    log:
        f"{LOGS}/assign_variants/{{library}}.log",
    conda:
        "../../envs/association.yaml"
    params:
        seed=PLAN.seed,
        code=code("assign_variants"),
    message:
        "Listing the variants of library {wildcards.library}"
    script:
        "../../scripts/assign_variants.py"
