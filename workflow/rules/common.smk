# Reads and checks everything a run is made of; the only file with functions. Wires, never computes.

import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

from kcalseq.errors import KcalseqError
from kcalseq.plan import read_plan
from kcalseq.provenance import digest

try:
    PLAN = read_plan(config, [str(path) for path in workflow.configfiles])
except KcalseqError as error:
    raise WorkflowError(str(error)) from None

RESULTS = PLAN.results
RUN = f"{RESULTS}/runs/{{run}}"
LIBRARY = f"{RESULTS}/libraries/{{library}}"
MODEL = f"{LIBRARY}/models/{{model}}"
REPORT = f"{RESULTS}/report.html"
SUMMARY = f"{RESULTS}/summary.tsv"
RUN_CONFIG = f"{RESULTS}/run_config.yaml"
LOGS = "logs" if RESULTS == "results" else f"logs/{Path(RESULTS).name}"

LIBRARY_FIGURES = ["read_fates", "information_footprint"]
MODEL_FIGURES = [
    "energy_logos",
    "measurement_process",
    "predicted_activity",
    "parameters",
    "training_history",
]
FORMATS = ["pdf", "svg", "png"]
FITS = [(library.name, model) for library in PLAN.libraries.values() for model in library.models]


wildcard_constraints:
    run="|".join(map(re.escape, PLAN.runs)),
    library="|".join(map(re.escape, PLAN.libraries)),
    model="|".join(sorted({re.escape(model) for _, model in FITS})) or "none",


def code(script):
    """Digest of the library modules that a script reaches: editing one reruns the steps that reach it."""
    return digest(SCRIPTS / f"{script}.py")


def library_of(wildcards):
    return PLAN.libraries[wildcards.library]


def library_runs(pattern):
    """Files of the runs that carry a library's samples."""
    return lambda wildcards: expand(pattern, run=PLAN.runs_of_library(wildcards.library))


def library_split(wildcards):
    split = library_of(wildcards).split
    return [] if split is None else split


def library_samples(wildcards):
    rows = [row for row in PLAN.samples.values() if row["library"] == wildcards.library]
    columns = ("sample", "condition", "replicate", "fraction", "bin")
    return [{column: row[column] for column in columns} for row in rows]


def library_first_position(wildcards):
    """Label of the first position, from the first model that gives one, for the axes of the library's figures."""
    labels = [model.first_position for model in library_of(wildcards).models.values()]
    return next((label for label in labels if label is not None), None)


def library_sites(wildcards):
    """Binding sites of the library's models, for its figures."""
    models = [model for model in library_of(wildcards).models.values() if model.kind == "thermodynamic"]
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
            "samples": [s for s, row in PLAN.samples.items() if row["library"] == library.name],
            "runs": PLAN.runs_of_library(library.name),
            "conditions": sorted({row["condition"] for row in PLAN.samples.values() if row["library"] == library.name}),
        }
        for library in PLAN.libraries.values()
    }


def model_files(name):
    """One file of every fit."""
    return [f"{MODEL}/{name}".format(library=library, model=model) for library, model in FITS]


def library_files(name):
    """One file of every library."""
    return expand(f"{LIBRARY}/{name}", library=PLAN.libraries)


def run_files(name):
    """One file of every run."""
    return expand(f"{RUN}/{name}", run=PLAN.runs)


def all_observations():
    return run_files("observations.parquet") + run_files("read_fates.parquet")


def all_counts():
    return library_files("variant_counts.parquet")


def all_activities():
    return library_files("variant_activity.parquet") + library_files("information_footprint.parquet")


def all_models():
    return model_files("parameters.tsv") + model_files("predictions.parquet")


def all_figures(formats=FORMATS):
    return [
        *(f for name in LIBRARY_FIGURES for e in formats for f in library_files(f"figures/{name}.{e}")),
        *(f for name in MODEL_FIGURES for e in formats for f in model_files(f"figures/{name}.{e}")),
    ]
