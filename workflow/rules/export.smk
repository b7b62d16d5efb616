# Tables to files for other programs: IGVF's formats, AnnData, tracks of genome browsers, CSV for spreadsheet programs.
# Made on demand (`snakemake exports`): nothing reads them, and they repeat what the tables hold.
#
# REQUIRED INPUTS: results/libraries/{library}/variants.parquet and, as far as the library has them, barcode_map,
#                  barcode_counts, variant_counts, variant_log_ratio, combined_activity, variant_effects,
#                  base_effects, combined_fluorescence, variant_activity, variant_values, quality, the parameters of its models; coordinates if there are any
# OUTPUTS: results/libraries/{library}/exports/igvf/, igvf.tsv, tracks/, tracks.tsv, {library}.h5ad, csv/


rule export_igvf:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        barcode_map=barcode_map,
        barcode_counts=library_file("barcode_counts.parquet", sorted(set(BARCODED) & set(RATIOED))),
        variant_log_ratio=library_file("variant_log_ratio.parquet", RATIOED),
        combined_activity=library_file("combined_activity.parquet", RATIOED),
        variant_effects=library_file("variant_effects.tsv", WITH_RATIO_EFFECTS),
        genome=lambda wildcards: library_of(wildcards).genome or [],
    output:
        folder=directory(f"{LIBRARY}/exports/igvf"),
        exported=f"{LIBRARY}/exports/igvf.tsv",
    log:
        f"{LOGS}/export_igvf/{{library}}.log",
    benchmark:
        f"{LOGS}/export_igvf/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(IGVF),
    conda:
        "../../envs/export.yaml"
    params:
        samples=library_samples,
        activity=lambda wildcards: library_of(wildcards).activity,
        code=code("export_igvf"),
    message:
        "Writing library {wildcards.library} in the formats of IGVF"
    script:
        "../../scripts/export_igvf.py"


rule export_tracks:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        variant_effects=f"{LIBRARY}/variant_effects.tsv",
        base_effects=library_file("base_effects.tsv", WITH_BASE_EFFECTS),
        genome=lambda wildcards: library_of(wildcards).genome or [],
    output:
        folder=directory(f"{LIBRARY}/exports/tracks"),
        exported=f"{LIBRARY}/exports/tracks.tsv",
    log:
        f"{LOGS}/export_tracks/{{library}}.log",
    benchmark:
        f"{LOGS}/export_tracks/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(WITH_EFFECTS),
    conda:
        "../../envs/export.yaml"
    params:
        code=code("export_tracks"),
    message:
        "Writing the effects of library {wildcards.library} as tracks of a genome browser"
    script:
        "../../scripts/export_tracks.py"


rule export_anndata:
    input:
        variants=f"{LIBRARY}/variants.parquet",
        variant_counts=f"{LIBRARY}/variant_counts.parquet",
        variant_log_ratio=library_file("variant_log_ratio.parquet", RATIOED),
        combined_activity=library_file("combined_activity.parquet", RATIOED),
        combined_fluorescence=library_file("combined_fluorescence.parquet", GATED),
        variant_activity=library_activity,
    output:
        f"{LIBRARY}/exports/{{library}}.h5ad",
    log:
        f"{LOGS}/export_anndata/{{library}}.log",
    benchmark:
        f"{LOGS}/export_anndata/{{library}}.usage.tsv"
    wildcard_constraints:
        library=any_of(COUNTED),
    conda:
        "../../envs/export.yaml"
    params:
        samples=library_samples,
        code=code("export_anndata"),
    message:
        "Writing library {wildcards.library} as AnnData"
    script:
        "../../scripts/export_anndata.py"


rule export_tables:
    input:
        variants=library_file("variants.parquet", WITH_VARIANTS),
        tables=spreadsheet_tables,
        parameters=explained_parameters,
    output:
        directory(f"{LIBRARY}/exports/csv"),
    log:
        f"{LOGS}/export_tables/{{library}}.log",
    benchmark:
        f"{LOGS}/export_tables/{{library}}.usage.tsv"
    conda:
        "../../envs/export.yaml"
    params:
        code=code("export_tables"),
    message:
        "Writing tables of library {wildcards.library} for spreadsheet programs"
    script:
        "../../scripts/export_tables.py"
