"""All that a run of the pipeline knows before any job starts: config, sheets, layouts and models, checked together.

Read in Snakemake's own process; needs only what Snakemake itself brings. The one module below the scripts that
looks into two floors (their YAML readers), because a plan is whole only when sheets, layouts and models agree.
"""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kcalseq.errors import KcalseqError, KcalseqErrors, did_you_mean
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.reads.layout import Layout, check_sample_codes, read_layout
from kcalseq.sheets import Row, check_unique, read_sheet
from kcalseq.yamlfile import Document, check, read_document

_T = TypeVar("_T")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Library:
    """A library with its layout and its models, and the file each model came from."""

    name: str
    description: str
    assay: str
    layout: Layout
    models: dict[str, ModelSpec]
    model_files: dict[str, str]
    split: str | None
    observations: str


@dataclass(frozen=True)
class Plan:
    """The checked plan. ``samples`` and ``runs`` are the sheets' rows by name."""

    samples_sheet: str
    runs_sheet: str
    results: str
    seed: int
    starts: int
    confidence: float
    libraries: dict[str, Library]
    samples: dict[str, Row]
    runs: dict[str, Row]

    def samples_of_run(self, run: str) -> dict[str, Row]:
        """Samples that a run carries: its one sample, or all samples of its pool."""
        name = self.runs[run]["sample"]
        if name in self.samples:
            return {name: self.samples[name]}
        return {sample: row for sample, row in self.samples.items() if row.get("pool") == name}

    def libraries_of_run(self, run: str) -> list[str]:
        """Libraries whose samples a run carries, in order of their names."""
        return sorted({row["library"] for row in self.samples_of_run(run).values()})

    def runs_of_library(self, library: str) -> list[str]:
        """Runs that carry samples of a library, in the order of runs.tsv."""
        return [run for run in self.runs if library in self.libraries_of_run(run)]

    def codes_of_run(self, run: str) -> dict[str, str] | str:
        """Sample of each sample code of a pooled run; the sample's name where the file holds one sample."""
        name = self.runs[run]["sample"]
        if name in self.samples:
            return name
        return {row["sample_code"]: sample for sample, row in self.samples_of_run(run).items()}

    def assay_of_run(self, run: str) -> str:
        """Path of the read layout of a run."""
        return self.libraries[self.libraries_of_run(run)[0]].assay

    def settings(self) -> dict[str, Any]:
        """The merged configuration with all defaults filled in: a configuration file that gives this plan again."""
        return {
            "samples": self.samples_sheet,
            "runs": self.runs_sheet,
            "results": self.results,
            "seed": self.seed,
            "fit": {"starts": self.starts, "confidence": self.confidence},
            "libraries": {library.name: _library_settings(library) for library in self.libraries.values()},
        }


def _library_settings(library: Library) -> dict[str, Any]:
    settings = {
        "description": library.description,
        "assay": library.assay,
        "models": list(library.model_files.values()),
        "observations": library.observations,
    }
    return settings if library.split is None else {**settings, "split": library.split}


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
    samples = read_sheet(config["samples"], "samples")
    runs = read_sheet(config["runs"], "runs")
    check_unique(config["samples"], samples, ("sample",), "rename one")
    identity = ("library", "condition", "replicate", "fraction", "bin")
    check_unique(config["samples"], samples, identity, "correct the row; several runs of a sample go into runs.tsv")
    check_unique(config["runs"], runs, ("run",), "rename one")
    fit = config.get("fit", {})
    plan = Plan(
        samples_sheet=config["samples"],
        runs_sheet=config["runs"],
        results=config.get("results", "results"),
        seed=config.get("seed", 1),
        starts=fit.get("starts", 4),
        confidence=float(fit.get("confidence", 0.95)),
        libraries={name: _library(document, name) for name in config["libraries"]},
        samples={row["sample"]: row for row in samples},
        runs={row["run"]: row for row in runs},
    )
    if Path(plan.results).exists() and not Path(plan.results).is_dir():
        raise KcalseqError(document.where(("results",)), f"'{plan.results}' is a file", "a folder", "name another")
    _raise_all([*_sample_errors(plan, config["samples"]), *_run_errors(plan, config["runs"])])
    _raise_all([*_coverage_errors(plan, document, config["samples"])])
    _check_codes(plan, config["samples"])
    return plan


def _config_document(config: dict[str, Any], config_files: list[str]) -> Document:
    if not config_files:
        raise KcalseqError(
            "snakemake", "no configuration", "a config file", "start with --configfile config/config.yaml"
        )
    base = read_document(config_files[-1])
    return base.with_content(config)


def _raise_all(errors: list[KcalseqError]) -> None:
    if errors:
        raise KcalseqErrors(errors)


def _library(document: Document, name: str) -> Library:
    item = document.content["libraries"][name]
    where = document.where(("libraries", name))
    layout = _from_file(read_layout, item["assay"], f"{where}: its assay")
    models, files = {}, {}
    for path in item["models"]:
        if not _PLAIN_NAME.fullmatch(Path(path).stem):
            found = f"the model file '{path}' names files and columns"
            raise KcalseqError(where, found, "letters, digits, _ and - before .yaml", "rename the file")
        model = _from_file(read_model, path, f"{where}: its model")
        if model.name in models:
            raise KcalseqError(
                where, f"two models named '{model.name}'", "one file name each", "rename one of the files"
            )
        if model.length != layout.variant.length:
            raise KcalseqError(
                path,
                f"sequence.length is {model.length}",
                f"{layout.variant.length}, the length of the variant in {item['assay']}",
                "correct one of the two",
            )
        models[model.name], files[model.name] = model, path
    split = item.get("split")
    if split is not None and not Path(split).is_file():
        raise KcalseqError(
            where, f"split '{split}' is no file", "a table of variants", "correct the path or drop 'split'"
        )
    observations = item.get("observations", "presence")
    return Library(name, item.get("description", ""), item["assay"], layout, models, files, split, observations)


def _check_split_header(path: str, where: str) -> None:
    if not Path(path).is_file():
        raise KcalseqError(
            where, f"split '{path}' is no file", "a table of variants", "correct the path or drop 'split'"
        )
    try:
        with gzip.open(path, "rt") if path.endswith(".gz") else open(path, encoding="utf-8") as file:
            header = file.readline().rstrip("\r\n").split("\t")
    except (OSError, UnicodeDecodeError, EOFError) as error:
        found = f"the file cannot be read ({error})"
        raise KcalseqError(path, found, "tab-separated text, gzipped if named .gz", "mend the file") from error
    for column in ("variant_sequence", "set"):
        if column not in header:
            raise KcalseqError(f"{path} header", f"column '{column}' is missing", "variant_sequence and set", "add it")


def _from_file(read: Callable[[str], _T], path: str, where: str) -> _T:
    if not Path(path).is_file():
        raise KcalseqError(where, f"'{path}' is no file", "a YAML file", "correct the path")
    return read(path)


def _sample_errors(plan: Plan, sheet: str) -> list[KcalseqError]:
    errors = []
    for number, (name, row) in enumerate(plan.samples.items(), start=1):
        where = f"{sheet} row {number}"
        if row["library"] not in plan.libraries:
            found = f"library '{row['library']}' of sample '{name}' is not in the config"
            hint = did_you_mean(row["library"], plan.libraries)
            errors.append(KcalseqError(where, found, "a library of the config", hint))
        if (row["fraction"] == "bin") != (int(row["bin"]) > 0):
            found = f"fraction '{row['fraction']}' with bin {row['bin']}"
            errors.append(
                KcalseqError(where, found, "bins numbered from 1, and 0 for the input", "correct one of the two")
            )
        if bool(row.get("pool")) != bool(row.get("sample_code")):
            found = f"pool '{row.get('pool', '')}' with sample_code '{row.get('sample_code', '')}'"
            errors.append(KcalseqError(where, found, "both or neither", "fill or empty the other"))
        if row.get("pool") in plan.samples:
            found = f"pool '{row['pool']}' has the name of a sample"
            errors.append(KcalseqError(where, found, "names that differ", "rename the pool"))
    return errors


def _run_errors(plan: Plan, sheet: str) -> list[KcalseqError]:
    known = set(plan.samples) | {row["pool"] for row in plan.samples.values() if row.get("pool")}
    errors, first = [], dict[Path, int]()
    for number, (run, row) in enumerate(plan.runs.items(), start=1):
        where, name, fastq = f"{sheet} row {number}", row["sample"], Path(row["fastq"])
        if name not in known:
            found = f"sample '{name}' of run '{run}' is not in samples.tsv"
            errors.append(KcalseqError(where, found, "a sample or a pool of samples.tsv", did_you_mean(name, known)))
        elif plan.samples.get(name, {}).get("pool"):
            found, pool = f"sample '{name}' was sequenced in a pool", plan.samples[name]["pool"]
            errors.append(KcalseqError(where, found, "the pool's name", f"write '{pool}' for it"))
        if not fastq.is_file():
            found = f"FASTQ '{fastq}' of run '{run}' does not exist"
            errors.append(KcalseqError(where, found, "a file", "correct the path, or copy the file there"))
        elif fastq.resolve() in first:
            found = f"FASTQ '{fastq}' is the file of row {first[fastq.resolve()]}"
            errors.append(KcalseqError(where, found, "each file once", "remove one, or its reads count twice"))
        first.setdefault(fastq.resolve(), number)
    return errors


def _coverage_errors(plan: Plan, document: Document, sheet: str) -> list[KcalseqError]:
    errors = []
    sequenced = {sample for run in plan.runs for sample in plan.samples_of_run(run)}
    for number, name in enumerate(plan.samples, start=1):
        if name not in sequenced:
            found = f"sample '{name}' has no run"
            errors.append(
                KcalseqError(f"{sheet} row {number}", found, "at least one", "add it to runs.tsv or drop the row")
            )
    for name in plan.libraries:
        if not plan.runs_of_library(name):
            where = document.where(("libraries", name))
            errors.append(
                KcalseqError(where, f"library '{name}' has no sample", "at least one", "add it to samples.tsv")
            )
            continue
        rows = [row for row in plan.samples.values() if row["library"] == name]
        bins, conditions = {row["bin"] for row in rows if row["fraction"] == "bin"}, {row["condition"] for row in rows}
        if len(bins) < 2:
            found = f"library '{name}' has {len(bins)} sort bins"
            errors.append(KcalseqError(sheet, found, "at least 2", "add the samples of the other bins"))
        if len(conditions) > 1:
            found = f"library '{name}' has the conditions {', '.join(sorted(conditions))}"
            errors.append(KcalseqError(sheet, found, "one condition a library", "give each its own library"))
    for run in plan.runs:
        assays = {plan.libraries[name].assay for name in plan.libraries_of_run(run)}
        if len(assays) > 1:
            found = f"run '{run}' carries libraries with {len(assays)} layouts ({', '.join(sorted(assays))})"
            errors.append(KcalseqError(sheet, found, "one layout per pool", "give the libraries of a pool one assay"))
    return errors


def _check_codes(plan: Plan, sheet: str) -> None:
    for run in plan.runs:
        samples = plan.samples_of_run(run)
        numbers = {name: number for number, name in enumerate(plan.samples, start=1)}
        first: dict[str, str] = {}
        for name, row in samples.items():
            code = row.get("sample_code", "")
            if code and code in first:
                found = f"samples '{first[code]}' and '{name}' of one pool share the code {code}"
                raise KcalseqError(f"{sheet} row {numbers[name]}", found, "a code each", "correct one of the two")
            first[code] = name
        layout = plan.libraries[plan.libraries_of_run(run)[0]].layout
        codes = plan.codes_of_run(run)
        check_sample_codes({} if isinstance(codes, str) else codes, layout, sheet)
