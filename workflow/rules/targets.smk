# Files of the whole run, of every library or of every fit: what targets and the report ask for.


def model_files(name, fits=None):
    """One file of every fit, or of some."""
    own = FITS if fits is None else fits
    return [f"{MODEL}/{name}".format(library=library, model=model) for library, model in own]


def library_files(name, libraries=None):
    """One file of every library, or of some."""
    return expand(f"{LIBRARY}/{name}", library=PLAN.libraries if libraries is None else libraries)


def run_files(name):
    """One file of every run."""
    return expand(f"{RUN}/{name}", run=PLAN.runs)


def all_observations():
    return run_files("observations.parquet") + run_files("read_fates.parquet")


def all_maps():
    return [
        *library_files("barcode_map.parquet", MAPPED + IMPORTED),
        *library_files("variants.parquet", WITH_VARIANTS),
        *library_files("design_conflicts.tsv", MAPPED),
        *library_files("variant_values.parquet", VALUED),
    ]


def all_counts():
    return library_files("barcode_counts.parquet", BARCODED) + library_files("variant_counts.parquet", COUNTED)


def all_activities():
    names = ("variant_activity.parquet", "information_footprint.parquet")
    sorted_files = [file for name in names for file in library_files(name, SORTED)]
    sorted_files += [file for name in FLUORESCENCE_TABLES for file in library_files(name, GATED)]
    ratio_files = [file for name in RATIO_TABLES for file in library_files(name, RATIOED)]
    effects = library_files("variant_effects.tsv", WITH_EFFECTS)
    effects += [file for name in BASE_EFFECT_TABLES for file in library_files(name, WITH_BASE_EFFECTS)]
    return sorted_files + ratio_files + effects + all_footprints() + all_drafts()


def large_ratio_tables():
    """Tables of activity that grow with variants or barcodes."""
    return [file for name in RATIO_TABLES if name.endswith(".parquet") for file in library_files(name, RATIOED)]


def large_fluorescence_tables():
    """Tables of fluorescence that grow with variants."""
    return [file for name in FLUORESCENCE_TABLES if name.endswith(".parquet") for file in library_files(name, GATED)]


def all_footprints():
    names = ("promoter_footprint.parquet", "base_shift.parquet", "putative_sites.tsv", "footprint_check.tsv")
    return [file for name in names for file in library_files(name, FOOTPRINTED)]


def all_drafts():
    """Drafts of models from footprints, one a library."""
    return library_files("draft_model.yaml", FOOTPRINTED)


def all_exports():
    """Files for other programs."""
    return [
        *library_files("exports/igvf", IGVF),
        *library_files("exports/tracks", WITH_EFFECTS),
        *[f"{LIBRARY}/exports/{{library}}.h5ad".format(library=name) for name in COUNTED],
        *library_files("exports/csv"),
    ]


def motif_files():
    """The sites of every fit that has energies in kcal/mol, for other programs."""
    fits = [
        (library, model) for library, model in EXPLAINED if PLAN.libraries[library].models[model].kind != "additive"
    ]
    return model_files("motifs.meme", fits)


def bootstrap_files():
    """Bootstraps of every fit that has energies, if the configuration asks for any."""
    return model_files("bootstraps.tsv", EXPLAINED) if PLAN.bootstraps else []


def fold_files():
    """Cross-validation of every fit that has one."""
    return model_files("cross_validation.tsv", [fit for fit in FITS if has_folds(*fit)])


def all_predicted():
    """Predictions of new sequences, by every model of the libraries that name some."""
    fits = [(library, model) for library, model in FITS if PLAN.libraries[library].predict]
    return [f"{MODEL}/predicted_sequences.tsv".format(library=library, model=model) for library, model in fits]


def all_models():
    compared = library_files("model_comparison.tsv", FITTED) + bootstrap_files() + fold_files()
    return model_files("parameters.tsv", EXPLAINED) + model_files("predictions.parquet") + compared + motif_files()


def all_figures(formats=FORMATS):
    figures = [
        (READ_FIGURES, WITH_READS),
        (ASSOCIATION_FIGURES, MAPPED),
        (MAP_FIGURES, MAPPED + IMPORTED),
        (COUNT_FIGURES, BARCODED),
        (ACTIVITY_FIGURES, SORTED),
        (RATIO_FIGURES, RATIOED),
        (FLUORESCENCE_FIGURES, GATED),
        (FOOTPRINT_FIGURES, FOOTPRINTED),
        (ERROR_FIGURES, RATIOED),
        (EFFECT_FIGURES, WITH_EFFECTS),
        (BASE_EFFECT_FIGURES, WITH_BASE_EFFECTS),
    ]
    return [
        *(
            file
            for names, libraries in figures
            for name in names
            for e in formats
            for file in library_files(f"figures/{name}.{e}", libraries)
        ),
        *(
            f"{MODEL}/figures/{name}.{e}".format(library=library, model=model)
            for library, model in FITS
            for name in figures_of(library, model)
            for e in formats
        ),
    ]


def all_recorded():
    """The results that the record of the run names: tables, fits and the page."""
    tables = all_observations() + all_maps() + all_counts() + all_activities() + all_models() + all_predicted()
    fits = [file for name in ("fit.json", "model.yaml", "fit_metrics.tsv") for file in model_files(name)]
    return [*dict.fromkeys([*tables, *fits, SUMMARY, QC, MULTIQC, REPORT])]
