"""What a plan holds, and what the rules ask of it."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kcalseq.addresses import scheme_of
from kcalseq.planning.gates import gated_bins
from kcalseq.planning.library import Library
from kcalseq.planning.parts import number_of_parts
from kcalseq.reads.layout import Layout
from kcalseq.sheets import Row


@dataclass(frozen=True)
class Plan:
    """The checked plan.

    ``samples`` and ``runs`` are the sheets' rows by name; the sheets' own names are empty where there is none.
    """

    samples_sheet: str
    runs_sheet: str
    results: str
    container: str
    record: dict[str, str]
    seed: int
    starts: int
    confidence: float
    warm_start: str
    models_environment: str
    batches_above: int
    folds: int
    bootstraps: int
    bootstrap_kind: str
    thresholds: dict[str, tuple[float, float]]
    tolerate: tuple[str, ...]
    memory_mb: int
    part_mb: float
    libraries: dict[str, Library]
    samples: dict[str, Row]
    runs: dict[str, Row]

    def earlier_fit(self, library: str, model: str) -> str | None:
        """Weights of the model in the results that its fit begins from; None where there are none, or no energies."""
        if not self.libraries[library].models[model].has_energies:
            return None
        path = Path(self.warm_start) / "libraries" / library / "models" / model / "weights.safetensors"
        return str(path) if self.warm_start and path.is_file() else None

    @cached_property
    def _samples_by_pool(self) -> dict[str, dict[str, Row]]:
        found: dict[str, dict[str, Row]] = defaultdict(dict)
        for sample, row in self.samples.items():
            found[row.get("pool", "")][sample] = row
        return found

    @cached_property
    def _samples_by_library(self) -> dict[str, dict[str, Row]]:
        found: dict[str, dict[str, Row]] = defaultdict(dict)
        for sample, row in self.samples.items():
            found[row["library"]][sample] = row
        return found

    @cached_property
    def _runs_by_library(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for run in self.runs:
            for library in self.libraries_of_run(run):
                found[library].append(run)
        return found

    def samples_of_run(self, run: str) -> dict[str, Row]:
        """Samples that a run carries: its one sample, or all samples of its pool."""
        name = self.runs[run]["sample"]
        return {name: self.samples[name]} if name in self.samples else self._samples_by_pool.get(name, {})

    def libraries_of_run(self, run: str) -> list[str]:
        """Libraries whose samples a run carries, in order of their names."""
        return sorted({row["library"] for row in self.samples_of_run(run).values()})

    def runs_of_library(self, library: str, association: bool | None = None) -> list[str]:
        """Runs that carry samples of a library, in the order of runs.tsv.

        Args:
            library: its name.
            association: True = runs that carry its association samples, False = those that carry its counted ones.
        """
        runs = self._runs_by_library.get(library, [])
        return [run for run in runs if self.samples_of_library(library, association, run)]

    def samples_of_library(
        self, library: str, association: bool | None = None, run: str | None = None
    ) -> dict[str, Row]:
        """Samples of a library, all or those of one kind, of all runs or of one."""
        rows = self._samples_by_library.get(library, {}) if run is None else self.samples_of_run(run)
        return {
            sample: row
            for sample, row in rows.items()
            if row["library"] == library and association in (None, row["fraction"] == "association")
        }

    def is_association(self, run: str) -> bool:
        """Whether a run's reads are for association."""
        return any(row["fraction"] == "association" for row in self.samples_of_run(run).values())

    def keeps_qualities(self, run: str) -> bool:
        """Whether the variants of a run are put together to a consensus, which weighs their qualities."""
        if self.is_association(run):
            return True
        blocks = [self.libraries[name].association for name in self.libraries_of_run(run)]
        return any(block is not None and not block.assay and not block.map for block in blocks)

    def codes_of_run(self, run: str) -> dict[str, str] | str:
        """Sample of each sample code of a pooled run; the sample's name where the file holds one sample."""
        name = self.runs[run]["sample"]
        if name in self.samples:
            return name
        return {row["sample_code"]: sample for sample, row in self.samples_of_run(run).items()}

    def layout_of_sample(self, sample: str) -> Layout:
        """Layout of the reads of a sample."""
        library = self.libraries[self.samples[sample]["library"]]
        if self.samples[sample]["fraction"] == "association" and library.association and library.association.layout:
            return library.association.layout
        assert library.layout is not None, "no sample is of a library of values"
        return library.layout

    def layout_of_run(self, run: str) -> Layout:
        """Layout of the reads of a run."""
        return self.layout_of_sample(next(iter(self.samples_of_run(run))))

    def files_of_run(self, run: str) -> dict[str, str]:
        """The files of a run that its layout reads, by their columns in runs.tsv."""
        return {slot: self.runs[run][slot] for slot in self.layout_of_run(run).slots}

    @cached_property
    def parted_runs(self) -> dict[str, int]:
        """Runs that are read in parts, and in how many; none where faults are tolerated that end a file early."""
        parts = {run: number_of_parts(list(self.files_of_run(run).values()), self.part_mb) for run in self.runs}
        return {run: n_parts for run, n_parts in parts.items() if n_parts > 1 and not self.tolerate}

    def addresses(self) -> dict[str, str]:
        """The row of runs.tsv that names each file in object storage that a layout reads."""
        rows = {run: f"{self.runs_sheet} row {number}" for number, run in enumerate(self.runs, start=1)}
        return {path: rows[run] for run in rows for path in self.files_of_run(run).values() if scheme_of(path)}

    def has_bins(self, library: str) -> bool:
        """Whether a library was sorted into bins."""
        return any(row["fraction"] == "bin" for row in self.samples_of_library(library).values())

    def gates(self, library: str) -> list[dict[str, Any]]:
        """Gates and cells of a library's sort bins, one row a bin, where the sheet tells them; see ``gates``."""
        return [
            {"condition": condition, "replicate": replicate, **own.told()}
            for (condition, replicate), bins in gated_bins(self.samples, library).items()
            for own in bins
        ]

    def has_ratios(self, library: str) -> bool:
        """Whether activities of a library's variants follow from its counts: some RNA has a DNA that serves it."""
        if self.libraries[library].values or not self.libraries[library].has_variants:
            return False
        rows = self.samples_of_library(library, False).values()
        same: dict[str, tuple[str, ...]] = {"by_condition": ("condition",), "by_library": ()}
        key = same.get(self.libraries[library].activity["dna"], ("condition", "replicate"))
        places = {
            fraction: {tuple(row[name] for name in key) for row in rows if row["fraction"] == fraction}
            for fraction in ("dna", "rna")
        }
        return bool(places["dna"] & places["rna"])

    def has_footprints(self, library: str) -> bool:
        """Whether footprints of a library are looked for: variants are known, and sorted or counted as DNA and RNA."""
        own = self.libraries[library]
        return own.has_variants and not own.values and (self.has_bins(library) or self.has_ratios(library))

    def settings(self) -> dict[str, Any]:
        """The merged configuration with all defaults filled in: a configuration file that gives this plan again."""
        sheets = {"samples": self.samples_sheet, "runs": self.runs_sheet}
        return {
            **{name: sheet for name, sheet in sheets.items() if sheet},
            "results": self.results,
            **({"container": self.container} if self.container else {}),
            **({"record": self.record} if self.record else {}),
            "seed": self.seed,
            "reads": {"tolerate": list(self.tolerate), "memory_mb": self.memory_mb, "part_mb": self.part_mb},
            "fit": {
                "starts": self.starts,
                "confidence": self.confidence,
                "batches_above": self.batches_above,
                "folds": self.folds,
                "bootstraps": self.bootstraps,
                "bootstrap_kind": self.bootstrap_kind,
                **({"environment": self.models_environment} if self.models_environment != "models" else {}),
                **({"warm_start": self.warm_start} if self.warm_start else {}),
            },
            **({"quality": {name: list(ends) for name, ends in self.thresholds.items()}} if self.thresholds else {}),
            "libraries": {name: self._library_settings(name) for name in self.libraries},
        }

    def _library_settings(self, name: str) -> dict[str, Any]:
        block = self.libraries[name].settings()
        if self.has_ratios(name):
            block["activity"] = {key: value for key, value in self.libraries[name].activity.items() if value != ""}
        if self.has_footprints(name):
            block["footprints"] = self.libraries[name].footprints
        return block
