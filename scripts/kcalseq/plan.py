"""All that a run of the pipeline knows before any job starts: config, sheets, layouts and models, checked together.

Read in Snakemake's own process; needs only what Snakemake itself brings. With ``planning`` the one place below the
scripts that looks into several floors (their readers of YAML and FASTA), because a plan is whole only when sheets,
layouts, designs and models agree.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.planning.checks import (
    activity_errors,
    check_codes,
    check_folds,
    check_warm_start,
    coverage_errors,
    run_errors,
    sample_errors,
)
from kcalseq.planning.contents import Plan
from kcalseq.planning.gates import gate_errors
from kcalseq.planning.library import read_library
from kcalseq.planning.paths import address_errors, path_errors
from kcalseq.planning.sharedfiles import SharedFiles
from kcalseq.planning.thresholds import read_thresholds
from kcalseq.sheets import check_unique, read_sheet
from kcalseq.yamlfile import Document, check, read_document

__all__ = ["Plan", "read_plan"]


def read_plan(config: dict[str, Any], config_files: list[str]) -> Plan:
    """Read and check everything that a configuration names.

    Args:
        config: the merged configuration.
        config_files: the files it came from, for line numbers in messages (command-line changes have none).

    Raises:
        KcalseqError: the first kind of fault found, with all faults of that kind.
    """
    document = _config_document(config, config_files)
    check(document, "config")
    _raise_all(address_errors(document))
    sheets = {name: read_sheet(config[name], name) if name in config else [] for name in ("samples", "runs")}
    samples, runs = sheets["samples"], sheets["runs"]
    identity = ("library", "condition", "replicate", "fraction", "bin")
    check_unique(config.get("samples", ""), samples, ("sample",), "rename one")
    remedy = "correct the row; several runs of a sample go into runs.tsv"
    check_unique(config.get("samples", ""), samples, identity, remedy)
    check_unique(config.get("runs", ""), runs, ("run",), "rename one")
    fit, reads, files = config.get("fit", {}), config.get("reads", {}), SharedFiles()
    plan = Plan(
        samples_sheet=config.get("samples", ""),
        runs_sheet=config.get("runs", ""),
        results=config.get("results", "results"),
        container=config.get("container", ""),
        record=dict(config.get("record", {})),
        seed=config.get("seed", 1),
        starts=fit.get("starts", 4),
        confidence=float(fit.get("confidence", 0.95)),
        warm_start=fit.get("warm_start", ""),
        models_environment=fit.get("environment", "models"),
        batches_above=fit.get("batches_above", 2_000_000),
        folds=fit.get("folds", 0),
        bootstraps=fit.get("bootstraps", 0),
        bootstrap_kind=fit.get("bootstrap_kind", "parametric"),
        thresholds=read_thresholds(document),
        tolerate=tuple(sorted(reads.get("tolerate", []))),
        memory_mb=reads.get("memory_mb", 2000),
        part_mb=reads.get("part_mb", 4000),
        libraries={name: read_library(document, name, files) for name in config["libraries"]},
        samples={row["sample"]: row for row in samples},
        runs={row["run"]: row for row in runs},
    )
    if Path(plan.results).exists() and not Path(plan.results).is_dir():
        raise KcalseqError(document.where(("results",)), f"'{plan.results}' is a file", "a folder", "name another")
    for name in ("samples", "runs"):
        if name not in config and not all(library.values for library in plan.libraries.values()):
            found, expected = (
                f"the key '{name}' is missing",
                f"the sheet of {name}, since there are libraries with reads",
            )
            raise KcalseqError(document.where(), found, expected, f"add '{name}:'")
    check_warm_start(plan, document)
    check_folds(plan, document)
    _raise_all([*path_errors(plan, document), *sample_errors(plan), *run_errors(plan)])
    _raise_all(gate_errors(plan.samples, plan.samples_sheet))
    _raise_all([*coverage_errors(plan, document), *activity_errors(plan, document)])
    check_codes(plan)
    return plan


def _config_document(config: dict[str, Any], config_files: list[str]) -> Document:
    if not config_files:
        raise KcalseqError(
            "snakemake", "no configuration", "a config file", "start with --configfile config/config.yaml"
        )
    base = read_document(config_files[-1])
    return base.with_content(config)


def _raise_all(errors: Iterable[KcalseqError]) -> None:
    found = list(errors)
    if found:
        raise KcalseqErrors(found)
