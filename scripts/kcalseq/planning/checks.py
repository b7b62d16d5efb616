"""Whether samples, runs and libraries suit each other; every complaint names its row."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from kcalseq.addresses import address_error, scheme_of
from kcalseq.errors import KcalseqError, did_you_mean
from kcalseq.planning.contents import Plan
from kcalseq.planning.effects import fluorescence_effect_errors
from kcalseq.planning.library import Library
from kcalseq.reads.layout import SLOTS
from kcalseq.reads.samplecodes import check_sample_codes
from kcalseq.sheets import Row
from kcalseq.yamlfile import Document


def sample_errors(plan: Plan) -> Iterator[KcalseqError]:
    """Rows of the sample sheet that are wrong in themselves."""
    for number, (name, row) in enumerate(plan.samples.items(), start=1):
        where = f"{plan.samples_sheet} row {number}"
        if row["library"] not in plan.libraries:
            found = f"library '{row['library']}' of sample '{name}' is not in the config"
            hint = did_you_mean(row["library"], plan.libraries)
            yield KcalseqError(where, found, "a library of the config", hint)
        elif plan.libraries[row["library"]].values:
            found = f"sample '{name}' of library '{row['library']}', which came as a table of values"
            yield KcalseqError(where, found, "a library with reads", "remove the row, or name another library")
        if (row["fraction"] == "bin") != (int(row["bin"]) > 0):
            found, expected = (
                f"fraction '{row['fraction']}' with bin {row['bin']}",
                "bins numbered from 1, and 0 for the input",
            )
            if row["fraction"] not in ("bin", "input"):
                expected = "0 where the fraction is not a bin"
            yield KcalseqError(where, found, expected, "correct one of the two")
        if bool(row.get("pool")) != bool(row.get("sample_code")):
            found = f"pool '{row.get('pool', '')}' with sample_code '{row.get('sample_code', '')}'"
            yield KcalseqError(where, found, "both or neither", "fill or empty the other")
        if row.get("pool") in plan.samples:
            found = f"pool '{row['pool']}' has the name of a sample"
            yield KcalseqError(where, found, "names that differ", "rename the pool")
        library = plan.libraries.get(row["library"])
        layout = library.association.layout if library and library.association else None
        if library is not None and row["fraction"] == "association" and layout is None:
            found = f"sample '{name}' is for association, but library '{row['library']}' names no layout for it"
            remedy = "add 'association: {assay: ...}' to the library, or correct the fraction"
            yield KcalseqError(where, found, "the layout of the association runs", remedy)


def run_errors(plan: Plan) -> Iterator[KcalseqError]:
    """Rows of the sheet of runs that name no sample, or files that are missing or twice there."""
    known = set(plan.samples) | {row["pool"] for row in plan.samples.values() if row.get("pool")}
    first: dict[str, tuple[int, str]] = {}
    for number, (run, row) in enumerate(plan.runs.items(), start=1):
        where, name = f"{plan.runs_sheet} row {number}", row["sample"]
        if name not in known:
            found = f"sample '{name}' of run '{run}' is not in samples.tsv"
            yield KcalseqError(where, found, "a sample or a pool of samples.tsv", did_you_mean(name, known))
        elif plan.samples.get(name, {}).get("pool"):
            found, pool = f"sample '{name}' was sequenced in a pool", plan.samples[name]["pool"]
            yield KcalseqError(where, found, "the pool's name", f"write '{pool}' for it")
        for slot in SLOTS:
            if row.get(slot):
                yield from _file_errors(where, run, slot, row[slot], number, first)


def _file_errors(
    where: str, run: str, slot: str, named: str, number: int, first: dict[str, tuple[int, str]]
) -> Iterator[KcalseqError]:
    remote = bool(scheme_of(named))
    path = named if remote else str(Path(named))
    error = address_error(where, path) if remote else None
    if error is not None:
        yield error
        return
    if not remote and not Path(path).is_file():
        found = f"the file '{path}' of run '{run}', column '{slot}', does not exist"
        yield KcalseqError(where, found, "a file", "correct the path, or copy the file there")
        return
    row, column = first.setdefault(path if remote else str(Path(path).resolve()), (number, slot))
    # A BAM or CRAM file may hold both mates; a FASTQ file holds one.
    both_mates = row == number and path.endswith((".bam", ".cram", ".sam"))
    if (row, column) != (number, slot) and not both_mates:
        place = f"the file of row {row}" if row != number else f"that of column '{column}' too"
        remedy = "remove one, or its reads count twice"
        yield KcalseqError(where, f"'{path}' is {place}", "each file once", remedy)


def coverage_errors(plan: Plan, document: Document) -> Iterator[KcalseqError]:
    """Samples without a run, libraries without the samples they need, runs without the files their layout needs."""
    sequenced = {sample for run in plan.runs for sample in plan.samples_of_run(run)}
    for number, name in enumerate(plan.samples, start=1):
        if name not in sequenced:
            found = f"sample '{name}' has no run"
            yield KcalseqError(
                f"{plan.samples_sheet} row {number}", found, "at least one", "add it to runs.tsv or drop the row"
            )
    for name, library in plan.libraries.items():
        if library.values:
            continue
        if not plan.runs_of_library(name):
            where = document.where(("libraries", name))
            yield KcalseqError(where, f"library '{name}' has no sample", "at least one", "add it to samples.tsv")
        else:
            yield from _fraction_errors(plan, library, document)
    for number, run in enumerate(plan.runs, start=1):
        yield from _layout_errors(plan, run, f"{plan.runs_sheet} row {number}")


def activity_errors(plan: Plan, document: Document) -> Iterator[KcalseqError]:
    """Rules of activity, effects, places on a genome, or footprints, for libraries that have none."""
    for name in plan.libraries:
        if "footprints" in document.content["libraries"][name] and not plan.has_footprints(name):
            where, found = document.where(("libraries", name, "footprints")), f"library '{name}' has no activities"
            remedy = "remove 'footprints', or add the samples"
            yield KcalseqError(where, found, "sort bins, or DNA and RNA, of known variants", remedy)
        for key in sorted({"activity", "effects", "genome"} & document.content["libraries"][name].keys()):
            if plan.has_ratios(name):
                continue
            where = document.where(("libraries", name, key))
            if key == "effects" and plan.gates(name):
                yield from fluorescence_effect_errors(name, plan.libraries[name].effects, where)
                continue
            if key == "genome" and plan.gates(name):
                continue
            found = f"library '{name}' has no replicate of which both DNA and RNA were counted, with variants"
            expected = "samples of the fractions dna and rna of one condition and replicate"
            if key == "effects" and plan.has_bins(name):
                expected += ", or gates and cells of its sort bins"
            remedy = (
                "correct the fractions, conditions and replicates of its samples; where one DNA serves several RNA "
                f"samples, write 'activity: {{dna: by_condition}}' or 'by_library'; or remove '{key}'"
            )
            yield KcalseqError(where, found, expected, remedy)


def check_warm_start(plan: Plan, document: Document) -> None:
    """Check the results that fits begin from.

    Raises:
        KcalseqError: they are no results, or those that this run will write.
    """
    if not plan.warm_start:
        return
    where, folder = document.where(("fit", "warm_start")), Path(plan.warm_start)
    if not (folder / "libraries").is_dir():
        found, remedy = f"'{plan.warm_start}' holds no libraries", "name the results folder of an earlier run"
        raise KcalseqError(where, found, "a folder of results", remedy)
    if folder.resolve() == Path(plan.results).resolve():
        found = f"'{plan.warm_start}' is the folder that this run writes into"
        remedy = "copy the earlier results elsewhere, or set 'results:'"
        raise KcalseqError(where, found, "results of an earlier run in another folder", remedy)


def check_folds(plan: Plan, document: Document) -> None:
    """Check the number of folds.

    Raises:
        KcalseqError: there is one, so that its refit would have nothing to be fitted to.
    """
    if plan.folds == 1:
        found = "1 fold, which would leave every variant out"
        raise KcalseqError(document.where(("fit", "folds")), found, "0 for none, or at least 2", "correct folds")


def _fraction_errors(plan: Plan, library: Library, document: Document) -> Iterator[KcalseqError]:
    sheet = plan.samples_sheet
    rows = list(plan.samples_of_library(library.name).values())
    counted = [row for row in rows if row["fraction"] != "association"]
    fractions, where = {row["fraction"] for row in counted}, document.where(("libraries", library.name))
    if not counted:
        found = f"library '{library.name}' has only association samples"
        yield KcalseqError(sheet, found, "samples whose reads are counted", "add them")
    if library.association and library.association.layout and len(counted) == len(rows):
        found = f"library '{library.name}' names an association layout but has no sample of the fraction association"
        yield KcalseqError(
            sheet, found, "at least one", "add it, or name a finished barcode map: 'association: {map: ...}'"
        )
    sorted_rows = [row for row in counted if row["fraction"] in ("bin", "input")]
    bins = {row["bin"] for row in counted if row["fraction"] == "bin"}
    if (sorted_rows or not counted) and len(bins) < 2:
        found = f"library '{library.name}' has {len(bins)} sort bins"
        yield KcalseqError(sheet, found, "at least 2", "add the samples of the other bins")
    conditions = sorted({row["condition"] for row in sorted_rows})
    for condition in conditions if len(conditions) > 1 else []:
        own = {row["bin"] for row in sorted_rows if row["condition"] == condition and row["fraction"] == "bin"}
        if len(own) < 2:
            found = f"condition '{condition}' of library '{library.name}' has {len(own)} sort bins"
            yield KcalseqError(sheet, found, "at least 2", "add the samples of the other bins, or remove the condition")
    if fractions:
        yield from _measurement_errors(library, fractions, where)
    if any(model.measurement.kind == "barcode_counts" for model in library.models.values()):
        yield from _pair_errors(library, counted, sheet)
    if library.models and not library.has_variants:
        found = f"library '{library.name}' has models but no way to know the variant of a barcode"
        yield KcalseqError(where, found, "an association", "add 'association:', or write 'models: []'")


def _measurement_errors(library: Library, fractions: set[str], where: str) -> Iterator[KcalseqError]:
    """Models that read what a library does not measure."""
    for name, model in library.models.items():
        kind, path = model.measurement.kind, library.model_files[name]
        if kind == "bins" and "bin" not in fractions:
            found = f"model '{name}' reads sort bins, and library '{library.name}' has none"
            remedy = f"write 'measurement: {{kind: barcode_counts}}' in {path}, or 'models: []'"
            yield KcalseqError(where, found, "a model of what the library measures", remedy)
        if kind == "barcode_counts" and not (library.has_barcodes and {"dna", "rna"} <= fractions):
            found = f"model '{name}' reads DNA and RNA counts of barcodes, and library '{library.name}' has none"
            remedy = f"write 'measurement: {{kind: bins}}' in {path}, or add samples of the fractions dna and rna"
            yield KcalseqError(where, found, "a model of what the library measures", remedy)


def _pair_errors(library: Library, counted: list[Row], sheet: str) -> Iterator[KcalseqError]:
    """Replicates of which only DNA or only RNA was counted."""
    fractions: dict[tuple[str, str], set[str]] = {}
    for row in counted:
        fractions.setdefault((row["condition"], row["replicate"]), set()).add(row["fraction"])
    for (condition, replicate), own in fractions.items():
        if own in ({"dna"}, {"rna"}):
            place = f"condition '{condition}', replicate '{replicate}'"
            found = f"library '{library.name}' has only {'dna' if 'dna' in own else 'rna'} of {place}"
            yield KcalseqError(sheet, found, "both dna and rna", "add the other sample, or drop this one")


def _layout_errors(plan: Plan, run: str, where: str) -> Iterator[KcalseqError]:
    samples = plan.samples_of_run(run)
    layouts = {plan.layout_of_sample(sample).name: plan.layout_of_sample(sample) for sample in samples}
    if len(layouts) > 1:
        found = f"run '{run}' carries samples with {len(layouts)} layouts ({', '.join(sorted(layouts))})"
        yield KcalseqError(where, found, "one layout per pool", "give the samples of a pool one assay")
    for name, layout in layouts.items():
        for slot in layout.slots:
            if not plan.runs[run].get(slot):
                found = f"run '{run}' has no file in the column '{slot}'"
                yield KcalseqError(
                    where, found, f"one, since {name} reads it", "fill the column, or correct the layout"
                )


def check_codes(plan: Plan) -> None:
    """Check the sample codes of every run against its layout and against each other."""
    numbers: Mapping[str, int] = {name: number for number, name in enumerate(plan.samples, start=1)}
    sheet = plan.samples_sheet
    for run in plan.runs:
        samples = plan.samples_of_run(run)
        first: dict[str, str] = {}
        for name, row in samples.items():
            code = row.get("sample_code", "")
            if code and code in first:
                found = f"samples '{first[code]}' and '{name}' of one pool share the code {code}"
                raise KcalseqError(f"{sheet} row {numbers[name]}", found, "a code each", "correct one of the two")
            first[code] = name
        layout = plan.layout_of_sample(next(iter(samples)))
        codes = plan.codes_of_run(run)
        check_sample_codes({} if isinstance(codes, str) else codes, layout.sample_code, layout.name, sheet)
