# Reads of each run to observations.
#
# REQUIRED INPUTS: the files of runs.tsv, the assay's layout
# OUTPUTS: results/runs/{run}/observations.parquet, read_fates.parquet, input_files.tsv; on demand
#          results/runs/{run}/layout_check.tsv; on the way, of a large run, read_parts.tsv and parts/


rule extract_reads:
    input:
        unpack(run_inputs),
    output:
        observations=f"{RUN}/observations.parquet",
        read_fates=f"{RUN}/read_fates.parquet",
        input_files=f"{RUN}/input_files.tsv",
    log:
        f"{LOGS}/extract_reads/{{run}}.log",
    benchmark:
        f"{LOGS}/extract_reads/{{run}}.usage.tsv"
    wildcard_constraints:
        run=any_of(WHOLE_RUNS, PLAN.runs),
    conda:
        "../../envs/reads.yaml"
    threads: run_threads
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


rule split_reads:
    input:
        unpack(run_inputs),
    output:
        temp(f"{RUN}/read_parts.tsv"),
    log:
        f"{LOGS}/split_reads/{{run}}.log",
    benchmark:
        f"{LOGS}/split_reads/{{run}}.usage.tsv"
    wildcard_constraints:
        run=any_of(PARTED_RUNS, PLAN.runs),
    conda:
        "../../envs/reads.yaml"
    params:
        n_parts=lambda wildcards: PLAN.parted_runs[wildcards.run],
        code=code("split_reads"),
    message:
        "Finding the parts of run {wildcards.run}"
    script:
        "../../scripts/split_reads.py"


rule extract_part:
    input:
        unpack(run_inputs),
        parts=f"{RUN}/read_parts.tsv",
    output:
        observations=temp(f"{RUN}/parts/{{part}}/observations.parquet"),
        read_fates=temp(f"{RUN}/parts/{{part}}/read_fates.parquet"),
    log:
        f"{LOGS}/extract_part/{{run}}.{{part}}.log",
    benchmark:
        f"{LOGS}/extract_part/{{run}}.{{part}}.usage.tsv"
    wildcard_constraints:
        run=any_of(PARTED_RUNS, PLAN.runs),
    conda:
        "../../envs/reads.yaml"
    params:
        samples=run_samples,
        keep_qualities=lambda wildcards: PLAN.keeps_qualities(wildcards.run),
        memory_mb=PLAN.memory_mb,
        code=code("extract_part"),
    message:
        "Reading part {wildcards.part} of run {wildcards.run}"
    script:
        "../../scripts/extract_part.py"


rule join_parts:
    input:
        unpack(run_inputs),
        observations=run_parts("observations.parquet"),
        read_fates=run_parts("read_fates.parquet"),
    output:
        observations=f"{RUN}/observations.parquet",
        read_fates=f"{RUN}/read_fates.parquet",
        input_files=f"{RUN}/input_files.tsv",
    log:
        f"{LOGS}/join_parts/{{run}}.log",
    benchmark:
        f"{LOGS}/join_parts/{{run}}.usage.tsv"
    wildcard_constraints:
        run=any_of(PARTED_RUNS, PLAN.runs),
    conda:
        "../../envs/reads.yaml"
    params:
        samples=run_samples,
        keep_qualities=lambda wildcards: PLAN.keeps_qualities(wildcards.run),
        code=code("join_parts"),
    message:
        "Putting the parts of run {wildcards.run} together"
    script:
        "../../scripts/join_parts.py"


rule probe_layout:
    input:
        unpack(run_inputs),
        design=run_design,
    output:
        f"{RUN}/layout_check.tsv",
    log:
        f"{LOGS}/probe_layout/{{run}}.log",
    benchmark:
        f"{LOGS}/probe_layout/{{run}}.usage.tsv"
    conda:
        "../../envs/reads.yaml"
    params:
        codes=run_codes,
        design_options=run_design_options,
        tolerate=PLAN.tolerate,
        n_reads=10_000,
        code=code("probe_layout"),
    message:
        "Holding the first reads of run {wildcards.run} against its layout"
    script:
        "../../scripts/probe_layout.py"


localrules:
    check_layout,


# Has no output: whoever asks for it wants to read it now.
rule check_layout:
    input:
        run_files("layout_check.tsv"),
    log:
        f"{LOGS}/check_layout.log",
    conda:
        "../../envs/reads.yaml"
    params:
        code=code("check_layout"),
    message:
        "How the first reads of each run fit the layouts"
    script:
        "../../scripts/check_layout.py"
