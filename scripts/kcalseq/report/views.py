"""What the page's templates show, worked out from the tables: no template computes or joins anything.

Everything is joined by the keys in the tables (library, model, run), never by the order of a list.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kcalseq.definitions.models import ENTRIES
from kcalseq.report.association import AssociationView, association_view
from kcalseq.report.bootstraps import BootstrapView, bootstrap_view
from kcalseq.report.counts import CountsView, CountTables, counts_view
from kcalseq.report.embedding import ReportFigure
from kcalseq.report.fates import FatesView, fates_view
from kcalseq.report.numbers import summary_numbers
from kcalseq.report.verdict import (
    Estimate,
    Verdict,
    comparison_verdict,
    interaction_verdict,
    prediction_verdict,
    profile_verdict,
    reads_verdict,
    sites_verdicts,
    starts_verdict,
    stops_before_zero,
    values_verdict,
)
from kcalseq.tables import SETS
from kcalseq.units import thermal_energy
from kcalseq.wording import count, words_list

METRICS = {
    "I_var": "I_var",
    "I_pred": "I_pred",
    "r_squared": "R²",
    "log_likelihood": "log-likelihood",
    "log_likelihood_log_ratio": "log-likelihood of what the variant's other barcodes show",
    "gain_over_constant": "gain over one activity for all",
}
# What a verdict on predictions rests on, and what to call it.
_JUDGED = {"I_var": "I_var", "gain_over_constant": "a gain over one activity for all variants"}
Fit = Mapping[str, Any]


@dataclass(frozen=True)
class ReportTables:
    """The tables behind the page, each over all libraries, models and runs."""

    summary: pd.DataFrame
    read_fates: pd.DataFrame
    parameters: pd.DataFrame
    fit_metrics: pd.DataFrame
    fit_starts: pd.DataFrame
    profiles: pd.DataFrame
    bootstraps: pd.DataFrame
    model_comparison: pd.DataFrame
    association_summary: pd.DataFrame
    design_conflicts: pd.DataFrame
    count_fates: pd.DataFrame
    saturation: pd.DataFrame
    barcode_overlap: pd.DataFrame
    index_hopping: pd.DataFrame


@dataclass(frozen=True)
class ModelView:
    """One fitted model of one library."""

    identity: str
    fit: Fit
    verdicts: list[Verdict]
    prediction: Verdict
    information: Estimate
    metrics: dict[str, dict[str, Estimate]]
    scalars: list[dict[str, Any]]
    methods: list[str]
    confidence: float
    n_matrix_entries: int
    starts: pd.DataFrame
    profile_verdicts: list[Verdict]
    bootstraps: BootstrapView | None
    figures: dict[str, ReportFigure]
    numbers: list[dict[str, Any]]
    thermal_energy: float


@dataclass(frozen=True)
class LibraryView:
    """One library with all that was made of it."""

    identity: str
    name: str
    description: Mapping[str, Any]
    numbers: list[dict[str, Any]]
    fates: FatesView
    shared: list[str]
    verdict: Verdict
    models: list[ModelView]
    comparisons: list[Verdict]
    figures: dict[str, ReportFigure]
    association: AssociationView | None
    counts: CountsView | None

    @property
    def metrics(self) -> dict[str, str]:
        """Metrics that its models have, and what to call them."""
        found = {metric for model in self.models for own in model.metrics.values() for metric in own}
        return {metric: words for metric, words in METRICS.items() if metric in found}

    @property
    def is_sorted(self) -> bool:
        """Whether its variants were counted in sort bins."""
        unnamed = self.counts is not None and self.association is None
        return "bin" in self._fractions and not unnamed

    @property
    def has_dna_and_rna(self) -> bool:
        """Whether its activity is RNA per DNA."""
        return {"dna", "rna"} <= self._fractions

    def purpose(self, run: str) -> str:
        """What a run of a barcoded library was sequenced for."""
        own = self.description["association_runs"]
        if run in own:
            return "barcode map"
        return "counts and barcode map" if self.association and self.association.calls and not own else "counts"

    @property
    def _fractions(self) -> set[str]:
        return {str(row["fraction"]) for row in self.description["sheet"].values()}

    @property
    def all_verdicts(self) -> list[Verdict]:
        """Everything worth a sentence at the head of the page, in reading order."""
        of_models = [verdict for model in self.models for verdict in (*model.verdicts, model.prediction)]
        of_barcodes = [verdict for view in (self.association, self.counts) if view for verdict in view.verdicts]
        return [self.verdict, *of_barcodes, *of_models, *self.comparisons]


def library_views(
    tables: ReportTables,
    fits: Sequence[Fit],
    figures: Sequence[ReportFigure],
    libraries: Mapping[str, Mapping[str, Any]],
) -> list[LibraryView]:
    """Work out what the page shows, library by library, in order of their names."""
    views = []
    for number, (library, description) in enumerate(sorted(libraries.items()), start=1):
        identity = f"library-{number}"
        fates = fates_view(tables.read_fates, [str(run) for run in description["runs"]])
        numbers, shared = summary_numbers(tables.summary, library, None), shared_runs(library, libraries)
        kept = next((int(row["value"]) for row in numbers if row["metric"] == "reads_kept"), 0)
        own = sorted((fit for fit in fits if fit["library"] == library), key=_thermodynamic_first)
        models = [_model_view(tables, fit, figures, f"{identity}-model-{n}") for n, fit in enumerate(own, start=1)]
        views.append(
            LibraryView(
                identity,
                library,
                description,
                numbers,
                fates,
                _shared_words(library, shared, kept),
                _source_verdict(library, description, numbers, kept, fates, bool(shared)),
                models,
                _comparisons(_of(tables.model_comparison, library), _unit(description, own)),
                {figure.name: figure for figure in figures if (figure.library, figure.model) == (library, None)},
                *_barcode_views(tables, library, numbers, description["sheet"]),
            )
        )
    return views


def _unit(description: Mapping[str, Any], fits: Sequence[Fit]) -> str:
    if any(fit["observations"] == "barcodes" for fit in fits):
        return "bits/barcode"
    return "bits/value" if description.get("value_table") else "bits/read"


def _source_verdict(
    library: str,
    description: Mapping[str, Any],
    numbers: Sequence[Mapping[str, Any]],
    kept: int,
    fates: FatesView,
    shared: bool,
) -> Verdict:
    if not description.get("value_table"):
        return reads_verdict(library, kept, fates.total, fates.kept if shared else None)
    told = {str(row["metric"]): int(row["value"]) for row in numbers}
    return values_verdict(library, told.get("n_values", 0), told.get("n_variants", 0))


def _barcode_views(
    tables: ReportTables, library: str, numbers: Sequence[Mapping[str, Any]], sheet: Mapping[str, Mapping[str, Any]]
) -> tuple[AssociationView | None, CountsView | None]:
    counted = CountTables(*(_of(getattr(tables, name), library) for name in CountTables._fields))
    summary, conflicts = _of(tables.association_summary, library), _of(tables.design_conflicts, library)
    values = {str(row["metric"]): float(row["value"]) for row in numbers}
    association = association_view(library, summary, conflicts, values)
    return association, counts_view(library, counted, sheet, association is not None)


def _of(table: pd.DataFrame, library: str) -> pd.DataFrame:
    return table[table["library"] == library]


def shared_runs(library: str, libraries: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Runs of a library that carry other libraries too, with the names of those."""
    own = {str(run): [name for name in sorted(libraries) if name != library] for run in libraries[library]["runs"]}
    others = {run: [name for name in names if run in map(str, libraries[name]["runs"])] for run, names in own.items()}
    return {run: names for run, names in others.items() if names}


def _shared_words(library: str, shared: Mapping[str, Sequence[str]], n_kept: int) -> list[str]:
    told = [
        f"Run {run} also carries {'library' if len(names) == 1 else 'libraries'} {words_list(list(names))}: "
        "its reads in total are those of all its libraries."
        for run, names in shared.items()
    ]
    reason = (
        f"{count(n_kept)} of the reads kept are library {library}'s. What share of its own reads that is cannot be "
        "told, because a dropped read often does not show its library."
    )
    return [*told, reason] if shared else []


def _model_view(tables: ReportTables, fit: Fit, figures: Sequence[ReportFigure], identity: str) -> ModelView:
    parameters, starts, profiles, metrics, bootstraps = (
        frame[(frame["library"] == fit["library"]) & (frame["model"] == fit["model"])]
        for frame in (tables.parameters, tables.fit_starts, tables.profiles, tables.fit_metrics, tables.bootstraps)
    )
    measured = _metrics(metrics)
    missing = Estimate(math.nan, math.nan, math.nan, "bits/read")
    tests = [
        (part, words, own[metric])
        for part, own in measured.items()
        for metric, words in _JUDGED.items()
        if part.split(",")[0] == "test" and metric in own
    ]
    name, measure, information = next(iter(tests), ("test", "I_var", missing))
    where = name.removeprefix("test").replace(",", " in condition")
    scalars = parameters[~parameters["kind"].isin(ENTRIES)]
    return ModelView(
        identity=identity,
        fit=fit,
        verdicts=[_starts_verdict(starts, fit), *_energy_verdicts(parameters, profiles, fit)],
        prediction=prediction_verdict(f"{fit['model']}{where}", information, measure),
        information=information,
        metrics=measured,
        scalars=[{**row, "estimate": Estimate.of(row)} for row in scalars.to_dict("records")],
        methods=sorted(parameters["method"].dropna().unique(), reverse=True),
        confidence=_confidence(parameters),
        n_matrix_entries=int(parameters["kind"].isin(ENTRIES).sum()),
        starts=starts.pivot(index="start", columns="quantity", values="value"),
        profile_verdicts=_profile_verdicts(profiles, parameters),
        bootstraps=bootstrap_view(bootstraps, scalars),
        figures={f.name: f for f in figures if (f.library, f.model) == (fit["library"], fit["model"])},
        numbers=summary_numbers(tables.summary, fit["library"], fit["model"]),
        thermal_energy=thermal_energy(fit["temperature_celsius"]),
    )


def _metrics(metrics: pd.DataFrame) -> dict[str, dict[str, Estimate]]:
    """Metrics by part of the split, and by condition where a library has several."""
    several, found = metrics["condition"].nunique() > 1, {}
    for part in SETS:
        for condition, rows in metrics[metrics["set"] == part].groupby("condition"):
            own = {row["metric"]: Estimate.of(row) for row in rows.to_dict("records")}
            shown = {metric: own[metric] for metric in METRICS if metric in own}
            if shown:
                found[f"{part}, {condition}" if several else part] = shown
    return found


def _energy_verdicts(parameters: pd.DataFrame, profiles: pd.DataFrame, fit: Fit) -> list[Verdict]:
    verdicts = sites_verdicts(fit["model"], fit.get("phi_rises", True), fit.get("weak_sites", []))
    if not fit.get("phi_rises", True):
        return verdicts  # energies of the wrong sign are not worth a sentence each
    between = {interaction["name"]: interaction["between"] for interaction in fit["interactions"]}
    for row in parameters[parameters["kind"] == "interaction"].to_dict("records"):
        stopped = stops_before_zero(sorted(profiles.loc[profiles["parameter"] == row["parameter"], "value"]))
        energy, pair = Estimate.of(row), between[row["parameter"]]
        verdicts.append(interaction_verdict(pair, energy, fit["converged"], row["identifiable"], stopped))
    return verdicts


def _confidence(parameters: pd.DataFrame) -> float:
    """The level of a model's intervals; NaN where it has none."""
    levels = parameters["confidence"].dropna()
    return float(levels.iloc[0]) if len(levels) else math.nan


def _starts_verdict(starts: pd.DataFrame, fit: Fit) -> Verdict:
    ends = starts[starts["quantity"] == "objective"].set_index("start")["value"]
    return starts_verdict(fit["model"], list(ends), float(ends.get(fit["chosen_start"], math.nan)), fit["converged"])


def _profile_verdicts(profiles: pd.DataFrame, parameters: pd.DataFrame) -> list[Verdict]:
    # A parameter that its profile leaves open on both sides stands in the table without interval and confidence.
    estimates = {str(row["parameter"]): Estimate.of(row) for row in parameters.to_dict("records")}
    nothing = Estimate(math.nan, math.nan, math.nan, "kcal/mol")
    return [
        profile_verdict(
            str(name),
            list(rows["value"]),
            replace(estimates.get(str(name), nothing), confidence=_confidence(parameters)),
        )
        for name, rows in profiles.groupby("parameter")
    ]


def _comparisons(compared: pd.DataFrame, unit: str) -> list[Verdict]:
    """What the best model has more than each other, most first; nothing where there is one model."""
    best = compared.loc[compared["best"], "model"]
    others = compared[~compared["best"]].sort_values("difference", ascending=False, kind="stable")
    return [
        comparison_verdict(
            str(best.iloc[0]),
            str(row["model"]),
            Estimate(row["difference"], row["lower"], row["upper"], unit, row["confidence"]),
        )
        for row in others.to_dict("records")
    ]


def _thermodynamic_first(fit: Fit) -> tuple[bool, str]:
    return fit["kind"] == "additive", fit["model"]
