# Reads of each run to observations.
#
# REQUIRED INPUTS: the files of runs.tsv, the assay's layout
# OUTPUTS: results/runs/{run}/observations.parquet, results/runs/{run}/read_fates.parquet


rule extract_reads:
    input:
        unpack(run_inputs),
    output:
        observations=f"{RUN}/observations.parquet",
        read_fates=f"{RUN}/read_fates.parquet",
    log:
        f"{LOGS}/extract_reads/{{run}}.log",
    conda:
        "../../envs/reads.yaml"
    params:
        samples=run_samples,
        keep_qualities=lambda wildcards: PLAN.keeps_qualities(wildcards.run),
        tolerate=PLAN.tolerate,
        memory_mb=PLAN.memory_mb,
        code=code("extract_reads"),
    message:
        "Reading run {wildcards.run}"
    script:
        "../../scripts/extract_reads.py"
