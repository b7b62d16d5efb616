# Tables and figures to the summary and to one page that explains them.
#
# REQUIRED INPUTS: the tables of all floors, the figures as SVG or PNG
# OUTPUTS: results/summary.tsv, results/qc.tsv, results/kcalseq_mqc.json, results/report.html, results/run_config.yaml,
#          results/ro-crate-metadata.json


localrules:
    save_config,
    status,


rule save_config:
    output:
        RUN_CONFIG,
    log:
        f"{LOGS}/save_config.log",
    benchmark:
        f"{LOGS}/save_config.usage.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        settings=PLAN.settings(),
        code=code("save_config"),
    message:
        "Keeping the merged configuration"
    script:
        "../../scripts/save_config.py"


rule write_summary:
    input:
        read_fates=run_files("read_fates.parquet"),
        variants=library_files("variants.parquet", WITH_VARIANTS),
        variant_counts=library_files("variant_counts.parquet", COUNTED),
        variant_values=library_files("variant_values.parquet", VALUED),
        association_summary=library_files("association_summary.tsv", MAPPED),
        barcode_map=library_files("barcode_map.parquet", MAPPED + IMPORTED),
        count_fates=library_files("count_fates.tsv", BARCODED),
        saturation=library_files("saturation.tsv", BARCODED),
        activity_summary=library_files("activity_summary.tsv", RATIOED),
        replicate_agreement=library_files("replicate_agreement.tsv", RATIOED),
        variant_effects=library_files("variant_effects.tsv", WITH_EFFECTS),
        fit_metrics=model_files("fit_metrics.tsv"),
        parameters=model_files("parameters.tsv", EXPLAINED),
        fit_timing=model_files("fit_timing.tsv"),
        cross_validation=fold_files(),
        fits=model_files("fit.json"),
    output:
        SUMMARY,
    log:
        f"{LOGS}/write_summary.log",
    benchmark:
        f"{LOGS}/write_summary.usage.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        run_libraries=run_libraries(),
        association_runs={name: PLAN.runs_of_library(name, True) for name in PLAN.libraries},
        code=code("write_summary"),
    message:
        "Summing up"
    script:
        "../../scripts/write_summary.py"


rule write_qc:
    input:
        library_files("quality.tsv", WITH_READS),
    output:
        qc=QC,
        multiqc=MULTIQC,
    log:
        f"{LOGS}/write_qc.log",
    benchmark:
        f"{LOGS}/write_qc.usage.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code("write_qc"),
    message:
        "Gathering what was judged, for other programs too"
    script:
        "../../scripts/write_qc.py"


rule write_report:
    input:
        summary=SUMMARY,
        quality=library_files("quality.tsv", WITH_READS),
        read_fates=run_files("read_fates.parquet"),
        parameters=model_files("parameters.tsv", EXPLAINED),
        fit_metrics=model_files("fit_metrics.tsv"),
        fit_starts=model_files("fit_starts.tsv"),
        profiles=model_files("profiles.tsv", EXPLAINED),
        bootstraps=bootstrap_files(),
        model_comparison=library_files("model_comparison.tsv", FITTED),
        fits=model_files("fit.json"),
        association_summary=library_files("association_summary.tsv", MAPPED),
        design_conflicts=library_files("design_conflicts.tsv", MAPPED),
        count_fates=library_files("count_fates.tsv", BARCODED),
        saturation=library_files("saturation.tsv", BARCODED),
        barcode_overlap=library_files("barcode_overlap.tsv", BARCODED),
        index_hopping=library_files("index_hopping.tsv", BARCODED),
        footprint_check=library_files("footprint_check.tsv", FOOTPRINTED),
        putative_sites=library_files("putative_sites.tsv", FOOTPRINTED),
        # Made with the report, and not read for it.
        qc=[QC, MULTIQC],
        drafts=all_drafts(),
        variants=library_files("variants.parquet", WITH_VARIANTS),
        variant_activity=library_files("variant_activity.parquet", SORTED),
        variant_values=library_files("variant_values.parquet", VALUED),
        predictions=model_files("predictions.parquet"),
        page_models=model_files("page_model.json", EXPLAINED),
        combined_activity=library_files("combined_activity.parquet", RATIOED),
        activity_summary=library_files("activity_summary.tsv", RATIOED),
        variant_effects=library_files("variant_effects.tsv", WITH_EFFECTS),
        error_model=library_files("error_model.tsv", RATIOED),
        base_effects=library_files("base_effects.tsv", WITH_BASE_EFFECTS),
        base_effect_agreement=library_files("base_effect_agreement.tsv", WITH_BASE_EFFECTS),
        base_effect_drops=library_files("base_effect_drops.tsv", WITH_BASE_EFFECTS),
        activity_drops=library_files("activity_drops.tsv", RATIOED),
        activity_replicates=library_files("activity_replicates.tsv", RATIOED),
        replicate_agreement=library_files("replicate_agreement.tsv", RATIOED),
        fluorescence_replicates=library_files("fluorescence_replicates.tsv", GATED),
        fluorescence_agreement=library_files("fluorescence_agreement.tsv", GATED),
        fluorescence_drops=library_files("fluorescence_drops.tsv", GATED),
        # Too large to read here: the page only says where they lie.
        listed=all_maps()
        + all_counts()
        + library_files("barcode_calls.parquet", MAPPED)
        + large_ratio_tables()
        + library_files("error_model_bins.tsv", RATIOED)
        + large_fluorescence_tables()
        + library_files("promoter_footprint.parquet", FOOTPRINTED)
        + library_files("base_shift.parquet", FOOTPRINTED)
        + motif_files()
        + fold_files(),
        figures=all_figures(["png"]),
        # Drawn in the same jobs; named here so that they are made with the report.
        vector_figures=all_figures(["pdf", "svg"]),
        figure_sources=all_figures(["tsv"]),
    output:
        report(REPORT, caption="../report/report.rst", category="Report"),
    log:
        f"{LOGS}/write_report.log",
    benchmark:
        f"{LOGS}/write_report.usage.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        libraries=library_cards(),
        samples=PLAN.samples,
        association_runs={name: PLAN.runs_of_library(name, True) for name in PLAN.libraries},
        code=code("write_report"),
    message:
        "Writing the report"
    script:
        "../../scripts/write_report.py"


rule write_record:
    input:
        texts=text_files(PLAN),
        data=data_files(PLAN),
        config=RUN_CONFIG,
        input_files=run_files("input_files.tsv"),
        results=all_recorded(),
    output:
        RECORD,
    log:
        f"{LOGS}/write_record.log",
    benchmark:
        f"{LOGS}/write_record.usage.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        record=PLAN.record,
        files={run: PLAN.files_of_run(run) for run in PLAN.runs},
        software=software(),
        program=program_digest(Path(workflow.basedir)),
        code=code("write_record"),
    message:
        "Writing the record"
    script:
        "../../scripts/write_record.py"


# Has no output: whoever asks for it wants to read it now, during a run too (--nolock).
rule status:
    log:
        f"{LOGS}/status.log",
    conda:
        "../../envs/report.yaml"
    params:
        logs=LOGS,
        code=code("status"),
    message:
        "What has run so far"
    script:
        "../../scripts/status.py"
