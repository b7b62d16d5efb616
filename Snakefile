from snakemake.utils import min_version

min_version("9.14.8")


# Only where the user names none: Snakemake merges configuration files, and the example's libraries must not leak in.
if not workflow.configfiles:

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/names.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/targets.smk"
include: "workflow/rules/reads.smk"
include: "workflow/rules/association.smk"
include: "workflow/rules/counts.smk"
include: "workflow/rules/activity.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


onstart:
    check_cluster()


localrules:
    all,
    reads,
    association,
    counts,
    activity,
    models,
    draft_models,
    predict,
    exports,
    figures,


rule all:
    default_target: True
    input:
        REPORT,
        SUMMARY,
        RUN_CONFIG,
        RECORD,
        all_predicted(),


rule reads:
    input:
        all_observations(),


rule association:
    input:
        all_maps(),


rule counts:
    input:
        all_counts(),


rule activity:
    input:
        all_activities(),


rule models:
    input:
        all_models(),


rule draft_models:
    input:
        all_drafts(),


rule predict:
    input:
        all_predicted(),


rule exports:
    input:
        all_exports(),


rule figures:
    input:
        all_figures(),
