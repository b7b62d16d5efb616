# FASTQ of each run to observations.
#
# REQUIRED INPUTS: the FASTQ of runs.tsv, the assay's layout
# OUTPUTS: results/runs/{run}/observations.parquet, results/runs/{run}/read_fates.parquet


rule extract_reads:
    input:
        fastq=lambda wildcards: PLAN.runs[wildcards.run]["fastq"],
        assay=lambda wildcards: PLAN.assay_of_run(wildcards.run),
    output:
        observations=f"{RUN}/observations.parquet",
        read_fates=f"{RUN}/read_fates.parquet",
    log:
        f"{LOGS}/extract_reads/{{run}}.log",
    conda:
        "../../envs/reads.yaml"
    params:
        samples=lambda wildcards: PLAN.codes_of_run(wildcards.run),
        library_of_sample=lambda wildcards: {
            sample: row["library"] for sample, row in PLAN.samples_of_run(wildcards.run).items()
        },
        code=code("extract_reads"),
    message:
        "Reading variants and samples out of run {wildcards.run}"
    script:
        "../../scripts/extract_reads.py"
