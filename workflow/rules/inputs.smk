# What rules take for a run, a library or a model: their files, and what the sheets say of them.

import os
import sys
from functools import cache

from kcalseq.addresses import scheme_of
from kcalseq.errors import KcalseqError
from kcalseq.planning.remote import check_storage


def library_of(wildcards):
    return PLAN.libraries[wildcards.library]


def earlier_fit(wildcards):
    """Weights that a fit begins from, if the configuration names earlier results that have them."""
    return PLAN.earlier_fit(wildcards.library, wildcards.model) or []


@cache
def remote_files():
    """The reads in object storage by their addresses; ends before any job where some cannot be had."""
    files = {address: getattr(storage, scheme_of(address))(address) for address in PLAN.addresses()}
    if workflow.is_main_process:
        try:
            check_storage(PLAN, {address: file.flags["storage_object"] for address, file in files.items()})
        except KcalseqError as error:
            # What an input function raises Snakemake would tell with a traceback.
            logger.error(str(error))
            sys.exit(1)
    return files


def fetched(path):
    """A file as an input: where it lies in object storage Snakemake fetches it for the job that reads it."""
    if not scheme_of(path):
        return path
    file = remote_files()[path]
    # A job beside its copy asks the storage nothing: nodes of a cluster often have neither network nor credentials.
    return str(file) if os.path.exists(file) and not workflow.is_main_process else file


def run_inputs(wildcards):
    """The files of a run by their columns in runs.tsv, and the layout they are read by."""
    files = {slot: fetched(path) for slot, path in PLAN.files_of_run(wildcards.run).items()}
    return {**files, "assay": PLAN.layout_of_run(wildcards.run).name}


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


def library_folds(wildcards):
    """Cross-validation of a library's fits that have one."""
    models = [model for model in library_of(wildcards).models if has_folds(wildcards.library, model)]
    return expand(f"{MODEL}/cross_validation.tsv", library=wildcards.library, model=models)
