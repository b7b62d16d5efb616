# Names of libraries, fits, tables and figures by what is done with them, and the wildcards that take them.

import re

# Every figure has the numbers that it shows beside it.
FORMATS = ["pdf", "svg", "png", "tsv"]
READ_FIGURES = ["read_fates"]
MAP_FIGURES = ["barcodes_per_variant"]
ASSOCIATION_FIGURES = ["barcode_calls", "reads_per_barcode"]
COUNT_FIGURES = ["count_fates", "saturation"]
ACTIVITY_FIGURES = ["information_footprint"]
RATIO_FIGURES = ["replicate_activity", "replicate_correlations", "ranked_activity"]
FLUORESCENCE_FIGURES = ["replicate_fluorescence", "ranked_fluorescence"]
FOOTPRINT_FIGURES = ["putative_sites", "expression_shift"]
ERROR_FIGURES = ["error_model"]
EFFECT_FIGURES = ["saturation_map"]
BASE_EFFECT_FIGURES = ["base_effects_map"]
MODEL_FIGURES = [
    "energy_logos",
    "measurement_process",
    "predicted_activity",
    "parameters",
    "training_history",
]
VALUE_MODEL_FIGURES = [
    "energy_logos",
    "response",
    "parameters",
    "training_history",
]
BLACK_BOX_FIGURES = ["measurement_process", "predicted_activity", "training_history"]
VALUE_BLACK_BOX_FIGURES = ["response", "training_history"]
FITS = [(library.name, model) for library in PLAN.libraries.values() for model in library.models]
MODELS = sorted({model for _, model in FITS})
# Fits of models with energies, which have more to tell than predictions, and those of black boxes and constant models.
EXPLAINED = [(library, model) for library, model in FITS if PLAN.libraries[library].models[model].has_energies]
UNEXPLAINED = [(library, model) for library, model in FITS if not PLAN.libraries[library].models[model].has_energies]

# Large runs are read in parts.
PARTED_RUNS = list(PLAN.parted_runs)
WHOLE_RUNS = [run for run in PLAN.runs if run not in PLAN.parted_runs]

# Libraries by what is done with them.
VALUED = [name for name, library in PLAN.libraries.items() if library.values]
DIRECT = [name for name, library in PLAN.libraries.items() if not library.has_barcodes and not library.values]
BARCODED = [name for name, library in PLAN.libraries.items() if library.has_barcodes]
MAPPED = [name for name in BARCODED if PLAN.libraries[name].association and not PLAN.libraries[name].association.map]
IMPORTED = [name for name in BARCODED if PLAN.libraries[name].association and PLAN.libraries[name].association.map]
WITH_VARIANTS = [name for name, library in PLAN.libraries.items() if library.has_variants]
COUNTED = [name for name in WITH_VARIANTS if name not in VALUED]
WITH_READS = [name for name in PLAN.libraries if name not in VALUED]
FITTED = [name for name, library in PLAN.libraries.items() if library.models]
SORTED = [name for name in WITH_VARIANTS if PLAN.has_bins(name)]
RATIOED = [name for name in COUNTED if PLAN.has_ratios(name)]
# Sorted with gates and cells in the sheet of samples.
GATED = [name for name in SORTED if PLAN.gates(name)]
# Of activities, or where there are none of fluorescence.
WITH_RATIO_EFFECTS = [name for name in RATIOED if PLAN.libraries[name].effects]
WITH_FLUORESCENCE_EFFECTS = [name for name in GATED if PLAN.libraries[name].effects and name not in RATIOED]
WITH_EFFECTS = WITH_RATIO_EFFECTS + WITH_FLUORESCENCE_EFFECTS
WITH_BASE_EFFECTS = [name for name in WITH_RATIO_EFFECTS if PLAN.libraries[name].effects.single_bases]
BASE_EFFECT_TABLES = [
    "base_effects.tsv",
    "replicate_base_effects.tsv",
    "base_effect_agreement.tsv",
    "base_effect_drops.tsv",
]
RATIO_TABLES = [
    "barcode_activity.parquet",
    "variant_log_ratio.parquet",
    "combined_activity.parquet",
    "condition_differences.parquet",
    "replicate_agreement.tsv",
    "activity_replicates.tsv",
    "activity_drops.tsv",
    "activity_summary.tsv",
    "error_model.tsv",
    "error_model_bins.tsv",
]
FLUORESCENCE_TABLES = [
    "sorted_fluorescence.parquet",
    "combined_fluorescence.parquet",
    "fluorescence_replicates.tsv",
    "fluorescence_agreement.tsv",
    "fluorescence_drops.tsv",
]
IGVF = [name for name in WITH_VARIANTS if name in MAPPED + IMPORTED + RATIOED]
FOOTPRINTED = [name for name in COUNTED if PLAN.has_footprints(name)]


def any_of(names, known=PLAN.libraries):
    """A wildcard that takes these names and, where there are none, nothing that could be a name.

    Snakemake goes through the whole pattern for every file of every job. So where these are most of a hundred or more
    known names, it takes any name but the others.
    """
    own = set(names)
    others = [name for name in known if name not in own]
    if len(names) < 100 or len(others) > len(names):
        return "|".join(map(re.escape, names)) or "^$"
    return f"(?!(?:{'|'.join(map(re.escape, others))})(?:/|$))[^/]+" if others else "[^/]+"


def fitted_model(fits):
    """A wildcard `model` that takes these fits and no others: behind its library's folder where not all fit it so."""
    own = set(fits)
    of_some = {model for library, model in FITS if (library, model) not in own}
    of_all = sorted({model for _, model in fits} - of_some)
    folders = [f"(?<=/{re.escape(library)}/models/){re.escape(model)}" for library, model in fits if model in of_some]
    return "|".join([*map(re.escape, of_all), *folders]) or "^$"


wildcard_constraints:
    run=any_of(PLAN.runs, PLAN.runs),
    part="[1-9][0-9]*",
    library=any_of(PLAN.libraries),
    model=any_of(MODELS, MODELS),


def has_folds(library, model):
    """Whether a fit is cross-validated: if the configuration asks for it, and the model has energies."""
    return PLAN.folds > 0 and (library, model) in EXPLAINED


def figures_of(library, model):
    """Names of the figures of a fit."""
    if (library, model) in EXPLAINED:
        return VALUE_MODEL_FIGURES if library in VALUED else MODEL_FIGURES
    return VALUE_BLACK_BOX_FIGURES if library in VALUED else BLACK_BOX_FIGURES
