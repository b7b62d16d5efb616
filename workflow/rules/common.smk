# Reads and checks everything a run is made of; the only file with functions. Wires, never computes.

import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

from kcalseq.errors import KcalseqError
from kcalseq.plan import read_plan
from kcalseq.planning.named import data_files, text_files
from kcalseq.planning.stale import stale_results
from kcalseq.planning.submitted import check_nothing_submitted
from kcalseq.provenance import digest, program_digest
from kcalseq.software import versions

try:
    PLAN = read_plan(config, [str(path) for path in workflow.configfiles])
except KcalseqError as error:
    raise WorkflowError(str(error)) from None

# Jobs read the plan again; only the process that started them tells this.
if workflow.is_main_process:
    for sentence in stale_results(PLAN):
        logger.warning(sentence)

if PLAN.container:

    containerized: PLAN.container


RESULTS = PLAN.results
RUN = f"{RESULTS}/runs/{{run}}"
LIBRARY = f"{RESULTS}/libraries/{{library}}"
MODEL = f"{LIBRARY}/models/{{model}}"
REPORT = f"{RESULTS}/report.html"
SUMMARY = f"{RESULTS}/summary.tsv"
QC = f"{RESULTS}/qc.tsv"
MULTIQC = f"{RESULTS}/kcalseq_mqc.json"
RUN_CONFIG = f"{RESULTS}/run_config.yaml"
RECORD = f"{RESULTS}/ro-crate-metadata.json"
LOGS = "logs" if RESULTS == "results" else f"logs/{Path(RESULTS).name}"

MODELS_ENVIRONMENT = f"../../envs/{PLAN.models_environment}.yaml"

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


def check_cluster():
    """Refuse to start beside jobs that an earlier run left on the cluster; not with --nolock, as for status."""
    if not workflow.execution_settings.lock:
        return
    try:
        check_nothing_submitted(os.getcwd())
    except KcalseqError as error:
        raise WorkflowError(str(error)) from None


def code(script):
    """Digest of the library modules that a script reaches: editing one reruns the steps that reach it."""
    return digest(SCRIPTS / f"{script}.py")


def library_of(wildcards):
    return PLAN.libraries[wildcards.library]


def earlier_fit(wildcards):
    """Weights that a fit begins from, if the configuration names earlier results that have them."""
    return PLAN.earlier_fit(wildcards.library, wildcards.model) or []


def run_inputs(wildcards):
    """The files of a run by their columns in runs.tsv, and the layout they are read by."""
    return {**PLAN.files_of_run(wildcards.run), "assay": PLAN.layout_of_run(wildcards.run).name}


def run_threads(wildcards, input):
    """A second thread pays for large files only; of small ones rather two are read side by side."""
    return 2 if input.size_mb > 100 else 1


def run_parts(name):
    """One file of every part of a run."""
    return lambda wildcards: expand(
        f"{RUN}/parts/{{part}}/{name}", run=wildcards.run, part=range(1, PLAN.parted_runs[wildcards.run] + 1)
    )


def run_samples(wildcards):
    """Name and library of the run's one sample, or of the sample of each code."""
    codes = PLAN.codes_of_run(wildcards.run)
    if isinstance(codes, str):
        return [codes, PLAN.samples[codes]["library"]]
    return {code: [sample, PLAN.samples[sample]["library"]] for code, sample in codes.items()}


def run_codes(wildcards):
    """Sample codes of a run."""
    codes = PLAN.codes_of_run(wildcards.run)
    return [] if isinstance(codes, str) else sorted(codes)


def run_associations(wildcards):
    """Associations with a design of the libraries that an association run is for."""
    if not PLAN.keeps_qualities(wildcards.run):
        return []
    libraries = [PLAN.libraries[name].association for name in PLAN.libraries_of_run(wildcards.run)]
    return [association for association in libraries if association and association.design]


def run_design(wildcards):
    """The design that the variants of an association run come from, if there is one."""
    found = run_associations(wildcards)
    return found[0].design if len(found) == 1 else []


def run_design_options(wildcards):
    found = run_associations(wildcards)
    return found[0].design_options if len(found) == 1 else {}


def library_runs(pattern, association=None):
    """Files of the runs that carry a library's samples: all, those for association, or those that are counted."""
    return lambda wildcards: expand(pattern, run=PLAN.runs_of_library(wildcards.library, association))


def map_runs(pattern):
    """Files of the runs from which a library's barcode map is made: its association runs, or, without, all."""
    return lambda wildcards: expand(
        pattern,
        run=PLAN.runs_of_library(wildcards.library, True) or PLAN.runs_of_library(wildcards.library),
    )


def map_samples(wildcards):
    """The samples whose reads make a library's barcode map."""
    samples = PLAN.samples_of_library(wildcards.library, True) or PLAN.samples_of_library(wildcards.library)
    return list(samples)


def library_design(wildcards):
    """The design of a library as an input, if it has one."""
    association = library_of(wildcards).association
    return association.design if association and association.design else []


def barcode_map(wildcards):
    """The barcode map of a library as an input, if it has one."""
    return f"{LIBRARY}/barcode_map.parquet" if wildcards.library in MAPPED + IMPORTED else []


def library_whitelist(wildcards):
    """The whitelist of a library's barcodes as an input, if there is one and no barcode map."""
    return library_of(wildcards).layout.whitelist or [] if not barcode_map(wildcards) else []


def counted_inputs(wildcards):
    """What the variants of a library are counted from: its counted barcodes, or its observations."""
    if wildcards.library in BARCODED:
        return f"{LIBRARY}/barcode_counts.parquet"
    return library_runs(f"{RUN}/observations.parquet")(wildcards)


def library_measurements(wildcards):
    """What a model is fitted to: values that came as a table, else counts of variants, or of barcodes."""
    kind = library_of(wildcards).models[wildcards.model].measurement.kind
    counts = "barcode_counts" if kind == "barcode_counts" else "variant_counts"
    name = "variant_values" if wildcards.library in VALUED else counts
    return {"variants": f"{LIBRARY}/variants.parquet", name: f"{LIBRARY}/{name}.parquet"}


def library_counts(wildcards):
    """The counts that activities are computed from: of barcodes, or of variants that are read directly."""
    return f"{LIBRARY}/{'barcode' if wildcards.library in BARCODED else 'variant'}_counts.parquet"


def library_units(wildcards):
    """The activities of what carries variants: of barcodes, or of variants that are read directly."""
    kind = "barcode_activity" if wildcards.library in BARCODED else "variant_log_ratio"
    return f"{LIBRARY}/{kind}.parquet"


def library_activity(wildcards):
    """The mean bins of a library's variants as an input, if it was sorted."""
    return f"{LIBRARY}/variant_activity.parquet" if wildcards.library in SORTED else []


def library_file(name, libraries):
    """A file of a library as an input, if it is one of those that have it."""
    return lambda wildcards: f"{LIBRARY}/{name}" if wildcards.library in libraries else []


def library_split(wildcards):
    split = library_of(wildcards).split
    return [] if split is None else split


def library_queries(wildcards):
    """The sequences that a library's models predict."""
    return library_of(wildcards).predict or []


def library_samples(wildcards):
    """The counted samples of a library."""
    rows = PLAN.samples_of_library(wildcards.library, False).values()
    columns = ("sample", "condition", "replicate", "fraction", "bin")
    return [{column: row[column] for column in columns} for row in rows]


def library_first_position(wildcards):
    """Label of the first position, from the first model that gives one, for the axes of the library's figures."""
    labels = [model.first_position for model in library_of(wildcards).models.values()]
    return next((label for label in labels if label is not None), None)


def library_sites(wildcards):
    """Binding sites of the library's models, for its figures."""
    models = [model for model in library_of(wildcards).models.values() if model.kind != "additive"]
    sites = {(site.start, site.length, site.name) for model in models for site in model.sites}
    return [{"name": name, "start": start, "length": length} for start, length, name in sorted(sites)]


def run_libraries():
    return {run: PLAN.libraries_of_run(run) for run in PLAN.runs}


def library_cards():
    """What the report says of each library, from the sheets."""
    return {
        library.name: {
            "description": library.description,
            "assay": library.assay,
            "value_table": library.values,
            "samples": list(PLAN.samples_of_library(library.name)),
            "runs": PLAN.runs_of_library(library.name),
            "conditions": sorted({row["condition"] for row in PLAN.samples_of_library(library.name).values()}),
        }
        for library in PLAN.libraries.values()
    }


def library_models(name):
    """One file of every fit of a library."""
    return lambda wildcards: expand(f"{MODEL}/{name}", model=library_of(wildcards).models, allow_missing=True)


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


def spreadsheet_tables(wildcards):
    """Tables of a library that people look at in spreadsheet programs."""
    tables = {
        "combined_activity.parquet": RATIOED,
        "variant_effects.tsv": WITH_EFFECTS,
        "base_effects.tsv": WITH_BASE_EFFECTS,
        "variant_activity.parquet": SORTED,
        "combined_fluorescence.parquet": GATED,
        "variant_values.parquet": VALUED,
        "quality.tsv": WITH_READS,
    }
    return [f"{LIBRARY}/{name}" for name, libraries in tables.items() if wildcards.library in libraries]


def explained_parameters(wildcards):
    """Parameters of a library's models that have energies."""
    models = [model for library, model in EXPLAINED if library == wildcards.library]
    return expand(f"{MODEL}/parameters.tsv", model=models, allow_missing=True)


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


def has_folds(library, model):
    """Whether a fit is cross-validated: if the configuration asks for it, and the model has energies."""
    return PLAN.folds > 0 and (library, model) in EXPLAINED


def fold_files():
    """Cross-validation of every fit that has one."""
    return model_files("cross_validation.tsv", [fit for fit in FITS if has_folds(*fit)])


def library_folds(wildcards):
    """Cross-validation of a library's fits that have one."""
    models = [model for model in library_of(wildcards).models if has_folds(wildcards.library, model)]
    return expand(f"{MODEL}/cross_validation.tsv", library=wildcards.library, model=models)


def all_predicted():
    """Predictions of new sequences, by every model of the libraries that name some."""
    fits = [(library, model) for library, model in FITS if PLAN.libraries[library].predict]
    return [f"{MODEL}/predicted_sequences.tsv".format(library=library, model=model) for library, model in fits]


def all_models():
    compared = library_files("model_comparison.tsv", FITTED) + bootstrap_files() + fold_files()
    return model_files("parameters.tsv", EXPLAINED) + model_files("predictions.parquet") + compared + motif_files()


def figures_of(library, model):
    """Names of the figures of a fit."""
    if (library, model) in EXPLAINED:
        return VALUE_MODEL_FIGURES if library in VALUED else MODEL_FIGURES
    return VALUE_BLACK_BOX_FIGURES if library in VALUED else BLACK_BOX_FIGURES


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


def software():
    """Versions of what the steps run on."""
    methods = {str(method) for method in workflow.deployment_settings.deployment_method}
    return versions(Path(workflow.basedir), "conda" in methods, PLAN.models_environment)
