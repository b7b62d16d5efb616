"""What the page's templates show of one fitted model."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kcalseq.definitions.models import ENTRIES
from kcalseq.report.bootstraps import BootstrapView, bootstrap_view
from kcalseq.report.boxverdicts import explains, in_minibatches, minibatch_verdict, unexplained_verdict
from kcalseq.report.embedding import ReportFigure
from kcalseq.report.folds import fold_verdicts
from kcalseq.report.numbers import summary_numbers
from kcalseq.report.playview import PlayView, play_view
from kcalseq.report.reporttables import ReportTables
from kcalseq.report.verdict import (
    Estimate,
    Verdict,
    interaction_verdict,
    noise_verdict,
    prediction_verdict,
    predicts,
    profile_verdict,
    sites_verdicts,
    starts_verdict,
    stops_before_zero,
)
from kcalseq.tables import SETS
from kcalseq.units import thermal_energy

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
class ModelView:
    """One fitted model of one library."""

    identity: str
    fit: Fit
    verdicts: list[Verdict]
    predictions: list[Verdict]
    folds: list[Verdict]
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
    play: PlayView | None

    @property
    def explains(self) -> bool:
        """Whether there are energies to tell."""
        return explains(self.fit)

    @property
    def in_minibatches(self) -> bool:
        """Whether it was fitted in minibatches."""
        return in_minibatches(self.fit)


def model_view(
    tables: ReportTables, fit: Fit, page_model: Fit | None, figures: Sequence[ReportFigure], identity: str
) -> ModelView:
    """Work out what is shown of one fit.

    Args:
        tables: the tables behind the page.
        fit: the fit's record.
        page_model: what the page computes with; None where the fit was not described.
        figures: of all fits.
        identity: its name within the page.
    """
    parameters, starts, profiles, metrics, bootstraps = (
        frame[(frame["library"] == fit["library"]) & (frame["model"] == fit["model"])]
        for frame in (tables.parameters, tables.fit_starts, tables.profiles, tables.fit_metrics, tables.bootstraps)
    )
    measured = _metrics(metrics)
    scalars = parameters[~parameters["kind"].isin(ENTRIES)]
    numbers = summary_numbers(tables.summary, fit["library"], fit["model"])
    return ModelView(
        identity=identity,
        fit=fit,
        verdicts=[_starts_verdict(starts, fit), *_energy_verdicts(parameters, profiles, fit, _predicts(measured))],
        predictions=_prediction_verdicts(fit, measured),
        folds=fold_verdicts(str(fit["model"]), numbers),
        metrics=measured,
        scalars=[{**row, "estimate": Estimate.of(row)} for row in scalars.to_dict("records")],
        methods=sorted(parameters["method"].dropna().unique(), reverse=True),
        confidence=_confidence(parameters),
        n_matrix_entries=int(parameters["kind"].isin(ENTRIES).sum()),
        starts=starts.pivot(index="start", columns="quantity", values="value"),
        profile_verdicts=_profile_verdicts(profiles, parameters),
        bootstraps=bootstrap_view(bootstraps, scalars),
        figures={f.name: f for f in figures if (f.library, f.model) == (fit["library"], fit["model"])},
        numbers=numbers,
        thermal_energy=thermal_energy(fit["temperature_celsius"]),
        play=play_view(fit, page_model) if explains(fit) else None,
    )


def _prediction_verdicts(fit: Fit, metrics: Mapping[str, Mapping[str, Estimate]]) -> list[Verdict]:
    """What is predicted of the test set, a sentence a condition."""
    verdicts = []
    for condition, judged, found in _judged(metrics):
        where = f" in condition {condition}" if condition else ""
        verdicts.append(_prediction_verdict(fit, where, found, _JUDGED[judged]))
    untested = Estimate(math.nan, math.nan, math.nan, "bits/read")
    return verdicts or [_prediction_verdict(fit, "", untested, "I_var")]


def _judged(metrics: Mapping[str, Mapping[str, Estimate]]) -> Iterator[tuple[str, str, Estimate]]:
    """Condition, metric and estimate of what is judged of the test set; the one condition of a library has no name."""
    for part, own in metrics.items():
        name, _, condition = part.partition(", ")
        judged = next((metric for metric in _JUDGED if metric in own), None)
        if name == "test" and judged is not None:
            yield condition, judged, own[judged]


def _predicts(metrics: Mapping[str, Mapping[str, Estimate]]) -> bool:
    """Whether a model predicts the test set of any condition; what was not tested counts as if it did."""
    found = [predicts(estimate) for _, _, estimate in _judged(metrics)]
    return any(found) or not found


def _prediction_verdict(fit: Fit, where: str, found: Estimate, measure: str) -> Verdict:
    if explains(fit):
        return prediction_verdict(f"{fit['model']}{where}", found, measure)
    return unexplained_verdict(fit, where, found, measure)


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


def _energy_verdicts(parameters: pd.DataFrame, profiles: pd.DataFrame, fit: Fit, predicting: bool) -> list[Verdict]:
    if not explains(fit):
        return []
    verdicts = sites_verdicts(fit["model"], fit.get("phi_rises", True), fit.get("weak_sites", []))
    if not fit.get("phi_rises", True) or in_minibatches(fit):
        return verdicts  # energies of the wrong sign, or short of the optimum, are not worth a sentence each
    known = {interaction["name"]: interaction for interaction in fit["interactions"]}
    for row in parameters[parameters["kind"] == "interaction"].to_dict("records"):
        stopped = stops_before_zero(sorted(profiles.loc[profiles["parameter"] == row["parameter"], "value"]))
        energy, item = Estimate.of(row), known[row["parameter"]]
        if not predicting:
            verdicts.append(noise_verdict(item["between"]))
            continue
        identifiable, apart = row["identifiable"], item.get("distance")
        verdicts.append(interaction_verdict(item["between"], energy, fit["converged"], identifiable, stopped, apart))
    return verdicts


def _confidence(parameters: pd.DataFrame) -> float:
    """The level of a model's intervals; NaN where it has none."""
    levels = parameters["confidence"].dropna()
    return float(levels.iloc[0]) if len(levels) else math.nan


def _starts_verdict(starts: pd.DataFrame, fit: Fit) -> Verdict:
    if in_minibatches(fit):
        return minibatch_verdict(fit)
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
