"""All libraries and all their models side by side, before anything is told of one of them alone."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kcalseq.report.modelview import METRICS, ModelView
from kcalseq.report.verdict import Estimate, Tone
from kcalseq.report.views import LibraryView
from kcalseq.wording import count, number

_WORST_FIRST: tuple[Tone, ...] = ("bad", "caution", "good")


@dataclass(frozen=True)
class LibraryRow:
    """One library in a line."""

    library: LibraryView
    assay: str
    measured: str
    size: str
    worst: Tone
    marks: str
    agreement: str
    best: ModelView | None
    best_numbers: list[tuple[str, Estimate]]


@dataclass(frozen=True)
class Comparison:
    """The models of one library: a line a number, a column a model; None where a model has no such number."""

    library: LibraryView
    models: list[ModelView]
    lines: list[tuple[str, list[Estimate | None]]]


def library_rows(libraries: Sequence[LibraryView], compared: pd.DataFrame) -> list[LibraryRow]:
    """A line for each library.

    Args:
        libraries: what the page shows of each.
        compared: table ``model_comparison``.
    """
    return [_library_row(library, _best_model(library, compared)) for library in libraries]


def comparisons(libraries: Sequence[LibraryView]) -> list[Comparison]:
    """The models of each library that has several."""
    found = []
    for library in libraries:
        if len(library.models) > 1:
            numbers = [_numbers(model) for model in library.models]
            names = dict.fromkeys(name for own in numbers for name in own)
            lines = [(name, [own.get(name) for own in numbers]) for name in names]
            found.append(Comparison(library, library.models, lines))
    return found


def _library_row(library: LibraryView, best: ModelView | None) -> LibraryRow:
    described = library.description
    tones = Counter(verdict.tone for verdict in library.all_verdicts)
    if library.quality:
        tones.update(verdict.tone for verdict in library.quality.verdicts)
    named = {"good": "clear", "caution": "caution", "bad": "problem"}
    told = [f"{tones[tone]} {named[tone]}" for tone in _WORST_FIRST if tones[tone]]
    return LibraryRow(
        library=library,
        assay=str(described.get("value_table") or described["assay"]),
        measured=_measured(library),
        size=_size({str(row["metric"]): float(row["value"]) for row in library.numbers}),
        worst=next((tone for tone in _WORST_FIRST if tones[tone]), "good"),
        marks=", ".join(told),
        agreement=_agreement(library),
        best=best,
        best_numbers=_headline(best) if best else [],
    )


def _measured(library: LibraryView) -> str:
    if library.description.get("value_table"):
        return "values from a table"
    if library.has_dna_and_rna:
        return "RNA per DNA"
    return "sort bins" if library.is_sorted else "counts"


def _size(numbers: Mapping[str, float]) -> str:
    words = {"reads_kept": "reads kept", "n_values": "values", "n_variants": "variants"}
    return ", ".join(f"{count(int(numbers[name]))} {word}" for name, word in words.items() if name in numbers)


def _agreement(library: LibraryView) -> str:
    """Pearson correlation of replicates, the least and the largest over pairs and conditions."""
    if library.activity is None:
        return "no replicates of DNA and RNA"
    pairs = [float(row["pearson"]) for condition in library.activity.conditions for row in condition.agreement]
    known = sorted(value for value in pairs if math.isfinite(value))
    if not known:
        return "replicates cannot be compared" if pairs else "one replicate a condition"
    ends = number(known[0]) if known[0] == known[-1] else f"{number(known[0])} to {number(known[-1])}"
    return f"r = {ends} between replicates"


def _best_model(library: LibraryView, compared: pd.DataFrame) -> ModelView | None:
    names = compared.loc[compared["best"].astype(bool) & (compared["library"] == library.name), "model"]
    chosen = [model for model in library.models if model.fit["model"] in set(names)]
    return next(iter(chosen or library.models), None)


def _headline(model: ModelView) -> list[tuple[str, Estimate]]:
    """What is judged of the test set, and the energies of interactions."""
    judged = [(name, estimate) for name, estimate in _metrics(model).items()][:1]
    energies = [(str(row["parameter"]), row["estimate"]) for row in model.scalars if str(row["kind"]) == "interaction"]
    return [*judged, *energies]


def _numbers(model: ModelView) -> dict[str, Estimate]:
    scalars = {str(row["parameter"]): row["estimate"] for row in model.scalars}
    return {**_metrics(model), **scalars}


def _metrics(model: ModelView) -> dict[str, Estimate]:
    """Metrics of the test set, of each condition where there are several."""
    return {
        f"{METRICS[metric]}, {part} set"
        if part == "test"
        else f"{METRICS[metric]}, {part.replace(', ', ' set, ')}": one
        for part, own in model.metrics.items()
        if part.partition(",")[0] == "test"
        for metric, one in own.items()
    }
