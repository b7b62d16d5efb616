# Tables to figures: PDF and SVG for papers, PNG for slides.
#
# REQUIRED INPUTS: read_fates of the library's runs, information_footprint; for each model its tables and fit.json
# OUTPUTS: results/libraries/{library}/figures/, results/libraries/{library}/models/{model}/figures/


rule plot_reads:
    input:
        read_fates=library_runs(f"{RUN}/read_fates.parquet"),
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=READ_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_reads/{{library}}.log",
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_reads"),
    message:
        "Drawing the fates of the reads of library {wildcards.library}"
    script:
        "../../scripts/plot_reads.py"


rule plot_activity:
    input:
        information_footprint=f"{LIBRARY}/information_footprint.parquet",
    output:
        expand(f"{LIBRARY}/figures/{{figure}}.{{format}}", figure=ACTIVITY_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_activity/{{library}}.log",
    wildcard_constraints:
        library=any_of(SORTED),
    conda:
        "../../envs/figures.yaml"
    params:
        first_position=library_first_position,
        sites=library_sites,
        code=code("plot_activity"),
    message:
        "Drawing the activities of library {wildcards.library}"
    script:
        "../../scripts/plot_activity.py"


rule plot_model:
    input:
        parameters=f"{MODEL}/parameters.tsv",
        profiles=f"{MODEL}/profiles.tsv",
        predictions=f"{MODEL}/predictions.parquet",
        variant_activity=f"{LIBRARY}/variant_activity.parquet",
        measurement_process=f"{MODEL}/measurement_process.parquet",
        training_history=f"{MODEL}/training_history.parquet",
        fit=f"{MODEL}/fit.json",
    output:
        expand(f"{MODEL}/figures/{{figure}}.{{format}}", figure=MODEL_FIGURES, format=FORMATS, allow_missing=True),
    log:
        f"{LOGS}/plot_model/{{library}}.{{model}}.log",
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_model"),
    message:
        "Drawing the figures of {wildcards.model} for library {wildcards.library}"
    script:
        "../../scripts/plot_model.py"
