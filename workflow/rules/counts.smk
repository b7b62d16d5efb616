# Observations of all runs to counts per barcode and per variant.
#
# REQUIRED INPUTS: results/runs/{run}/observations.parquet of the library's counted runs; of barcoded libraries
#                  results/libraries/{library}/barcode_map.parquet if there is one; variants.parquet
# OUTPUTS: results/libraries/{library}/variant_counts.parquet; of barcoded libraries barcode_counts.parquet,
#          count_fates.tsv, saturation.tsv, barcode_overlap.tsv, index_hopping.tsv


rule count_barcodes:
    input:
        observations=library_runs(f"{RUN}/observations.parquet", False),
        barcode_map=barcode_map,
        whitelist=library_whitelist,
    output:
        barcode_counts=f"{LIBRARY}/barcode_counts.parquet",
        count_fates=f"{LIBRARY}/count_fates.tsv",
        saturation=f"{LIBRARY}/saturation.tsv",
        barcode_overlap=f"{LIBRARY}/barcode_overlap.tsv",
        index_hopping=f"{LIBRARY}/index_hopping.tsv",
    log:
        f"{LOGS}/count_barcodes/{{library}}.log",
    benchmark:
        f"{LOGS}/count_barcodes/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(BARCODED),
    conda:
        "../../envs/counts.yaml"
    params:
        samples=library_samples,
        correction=lambda wildcards: library_of(wildcards).correction,
        memory_mb=PLAN.memory_mb,
        code=code("count_barcodes"),
    message:
        "Counting the barcodes of library {wildcards.library}"
    script:
        "../../scripts/count_barcodes.py"


rule count_variants:
    input:
        counted=counted_inputs,
        variants=f"{LIBRARY}/variants.parquet",
    output:
        variant_counts=f"{LIBRARY}/variant_counts.parquet",
    log:
        f"{LOGS}/count_variants/{{library}}.log",
    benchmark:
        f"{LOGS}/count_variants/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(COUNTED),
    conda:
        "../../envs/counts.yaml"
    params:
        samples=library_samples,
        has_barcodes=lambda wildcards: library_of(wildcards).has_barcodes,
        code=code("count_variants"),
    message:
        "Counting the variants of library {wildcards.library}"
    script:
        "../../scripts/count_variants.py"
