# Observations to the variants of each library, and to the barcode map of barcoded ones. Where a library came as a table
# of values instead, that table to its variants and their values.
#
# REQUIRED INPUTS: results/runs/{run}/observations.parquet of the library's runs (of barcoded libraries: of its association
#                  runs), the design or an imported map if there is one, the split if there is one
# OUTPUTS: results/libraries/{library}/variants.parquet; of barcoded libraries barcode_map.parquet; of those whose map is
#          made here also design_conflicts.tsv, barcode_calls.parquet, reads_per_barcode.tsv,
#          association_summary.tsv, barcodes.bam; of libraries of values variant_values.parquet


rule assign_variants:
    input:
        observations=library_runs(f"{RUN}/observations.parquet"),
        split=library_split,
    output:
        variants=f"{LIBRARY}/variants.parquet",
    log:
        f"{LOGS}/assign_variants/{{library}}.log",
    benchmark:
        f"{LOGS}/assign_variants/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(DIRECT),
    conda:
        "../../envs/association.yaml"
    params:
        seed=PLAN.seed,
        code=code("assign_variants"),
    message:
        "Listing the variants of library {wildcards.library}"
    script:
        "../../scripts/assign_variants.py"


# Needs no reads, so what is wrong with the table is told at once.
rule read_values:
    input:
        table=lambda wildcards: library_of(wildcards).values,
        split=library_split,
    output:
        variants=f"{LIBRARY}/variants.parquet",
        variant_values=f"{LIBRARY}/variant_values.parquet",
    log:
        f"{LOGS}/read_values/{{library}}.log",
    benchmark:
        f"{LOGS}/read_values/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(VALUED),
    priority: 100
    conda:
        "../../envs/association.yaml"
    params:
        seed=PLAN.seed,
        code=code("read_values"),
    message:
        "Reading the values of library {wildcards.library}"
    script:
        "../../scripts/read_values.py"


# Needs no reads, so what is wrong with a design is told at once.
rule check_design:
    input:
        design=library_design,
    output:
        f"{LIBRARY}/design_conflicts.tsv",
    log:
        f"{LOGS}/check_design/{{library}}.log",
    benchmark:
        f"{LOGS}/check_design/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(MAPPED),
    priority: 100
    conda:
        "../../envs/association.yaml"
    params:
        design_options=lambda wildcards: library_of(wildcards).association.design_options,
        code=code("check_design"),
    message:
        "Checking the design of library {wildcards.library}"
    script:
        "../../scripts/check_design.py"


rule map_barcodes:
    input:
        observations=map_runs(f"{RUN}/observations.parquet"),
        design=library_design,
        split=library_split,
    output:
        variants=f"{LIBRARY}/variants.parquet",
        barcode_map=f"{LIBRARY}/barcode_map.parquet",
        barcode_calls=f"{LIBRARY}/barcode_calls.parquet",
        reads_per_barcode=f"{LIBRARY}/reads_per_barcode.tsv",
        association_summary=f"{LIBRARY}/association_summary.tsv",
        bam=f"{LIBRARY}/barcodes.bam",
        bam_index=f"{LIBRARY}/barcodes.bam.bai",
    log:
        f"{LOGS}/map_barcodes/{{library}}.log",
    benchmark:
        f"{LOGS}/map_barcodes/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(MAPPED),
    conda:
        "../../envs/association.yaml"
    params:
        rules=lambda wildcards: library_of(wildcards).association.rules,
        design_options=lambda wildcards: library_of(wildcards).association.design_options,
        samples=map_samples,
        seed=PLAN.seed,
        code=code("map_barcodes"),
    message:
        "Finding the variant of each barcode of library {wildcards.library}"
    script:
        "../../scripts/map_barcodes.py"


rule import_barcode_map:
    input:
        map=lambda wildcards: library_of(wildcards).association.map,
        design=library_design,
        split=library_split,
    output:
        variants=f"{LIBRARY}/variants.parquet",
        barcode_map=f"{LIBRARY}/barcode_map.parquet",
    log:
        f"{LOGS}/import_barcode_map/{{library}}.log",
    benchmark:
        f"{LOGS}/import_barcode_map/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(IMPORTED),
    conda:
        "../../envs/association.yaml"
    params:
        design_options=lambda wildcards: library_of(wildcards).association.design_options,
        reverse_complement=lambda wildcards: library_of(wildcards).association.map_turned,
        seed=PLAN.seed,
        code=code("import_barcode_map"),
    message:
        "Importing the barcode map of library {wildcards.library}"
    script:
        "../../scripts/import_barcode_map.py"
