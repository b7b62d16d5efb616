"""The key numbers of a run of the pipeline: table ``summary``, and a few of its rows for the terminal."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from kcalseq.definitions.models import ENTRIES
from kcalseq.report.activity_rows import RatioTables, activity_rows
from kcalseq.report.barcode_summary import BarcodeTables, barcode_rows, kept_reads, terminal_lines
from kcalseq.report.boxverdicts import explains, in_minibatches
from kcalseq.report.folds import fold_rows
from kcalseq.report.numbers import condition_of
from kcalseq.tablefile import conform
from kcalseq.wording import decimals_for, interval, number, share

# The metrics a terminal shows, in this order; energies come after them.
_TERMINAL_METRICS = ("I_var_test", "I_pred_test", "gain_over_constant_test", "r_squared_test")
_REPORTED_METRICS = (
    ("test", "I_var"),
    ("test", "I_pred"),
    ("test", "log_likelihood"),
    ("test", "gain_over_constant"),
    ("test", "r_squared"),
    ("validation", "I_var"),
)


class LibraryTables(NamedTuple):
    """Tables of all runs and libraries together."""

    read_fates: pd.DataFrame
    variants: pd.DataFrame
    variant_counts: pd.DataFrame
    variant_values: pd.DataFrame


class ModelTables(NamedTuple):
    """Tables of all fitted models together."""

    fit_metrics: pd.DataFrame
    parameters: pd.DataFrame
    fit_timing: pd.DataFrame
    cross_validation: pd.DataFrame


def build_summary(
    libraries: LibraryTables,
    run_libraries: Mapping[str, Sequence[str]],
    models: ModelTables,
    fits: Sequence[Mapping[str, Any]],
    barcodes: BarcodeTables,
    association_runs: Mapping[str, Sequence[str]],
    activities: RatioTables,
) -> pd.DataFrame:
    """Gather the key numbers of every library and model.

    Args:
        libraries: tables of all runs and libraries.
        run_libraries: libraries read in each run. The reads in total of a run that several libraries share count
            in full for each, since a dropped read often does not show its library; the share kept is missing then.
        models: tables of all fitted models.
        fits: the fits' records; ``library``, ``model``, ``kind``, ``method`` and ``converged`` are used.
        barcodes: tables of all barcoded libraries.
        association_runs: runs of each library for association alone; a library without any may be missing.
        activities: tables of activities from DNA and RNA counts, and of effects.

    Returns:
        Table ``summary``; ``model`` is missing where a number belongs to the library.
    """
    rows = _library_rows(libraries, run_libraries, barcodes, association_runs) + activity_rows(activities)
    for fit in fits:
        rows += _model_rows(models, fit)
    columns = ["library", "model", "metric", "value", "lower", "upper", "unit"]
    return conform("summary", pd.DataFrame(rows, columns=columns), "table summary")


def format_summary(summary: pd.DataFrame) -> str:
    """Write the few numbers that matter most as aligned plain text, without a final line break.

    Args:
        summary: table ``summary``.
    """
    lines = [("library", "model", "number", "value", "interval", "unit")]
    for library, rows in summary.groupby("library"):
        values = rows[rows["model"].isna()].set_index("metric")["value"]
        if "n_values" in values:
            lines.append((str(library), "", "n_values", number(float(values["n_values"]), 0), "", "values"))
        else:
            lines.append((str(library), "", *_kept_cells(values)))
        for name, value, of_what, unit in terminal_lines({str(name): float(value) for name, value in values.items()}):
            lines.append((str(library), "", name, number(value, 0), of_what, unit))
        for model, numbers in rows.dropna(subset=["model"]).groupby("model"):
            lines += [(str(library), str(model), *cells) for cells in _terminal_cells(numbers)]
    widths = [max(len(line[place]) for line in lines) for place in range(6)]
    return "\n".join("  ".join(_aligned(line, widths)).rstrip() for line in lines)


def count_identifiable(parameters: pd.DataFrame) -> int:
    """Count the energies that the data determine: bases beyond the first at each position, and scalars.

    One base at each position only sets the zero from which the others are told; of a pair likewise one of either.

    Args:
        parameters: table ``parameters`` of one library and model.
    """
    known = parameters[parameters["identifiable"].astype(bool)]
    free = (known[known["kind"] == "energy_matrix"].groupby(["site", "position"]).size() - 1).clip(lower=0)
    pairs = known[known["kind"] == "pair_energy"].groupby(["site", "position", "second_position"])
    free_of_pairs = (pairs["base"].nunique() - 1) * (pairs["second_base"].nunique() - 1)
    return int(free.sum() + free_of_pairs.sum() + (~known["kind"].isin(ENTRIES)).sum())


def _library_rows(
    tables: LibraryTables,
    run_libraries: Mapping[str, Sequence[str]],
    barcodes: BarcodeTables,
    association_runs: Mapping[str, Sequence[str]],
) -> list[tuple[Any, ...]]:
    read_fates, variants, counts, values = tables
    rows: list[tuple[Any, ...]] = []
    for library in sorted({library for libraries in run_libraries.values() for library in libraries}):
        runs = [run for run, libraries in run_libraries.items() if library in libraries]
        fates = read_fates[read_fates["run"].isin(runs)]
        total = int(fates["n_reads"].sum())
        kept = kept_reads(barcodes, library, association_runs.get(library, []))
        if kept is None:  # variants are read directly, so each kept read is counted
            kept = int(counts.loc[counts["library"] == library, "n_reads"].sum())
        shared = any(len(run_libraries[run]) > 1 for run in runs)
        own: list[tuple[str, float | None, str]] = [
            ("reads_total", total, "reads"),
            ("reads_kept", kept, "reads"),
            ("reads_kept_fraction", kept / total if total and not shared else None, "fraction"),
        ]
        if (variants["library"] == library).any():
            own.append(("n_variants", int((variants["library"] == library).sum()), "variants"))
        for metric, value, unit in (*own, *barcode_rows(barcodes, library, variants)):
            rows.append((library, None, metric, value, None, None, unit))
    for name, own_values in values.groupby("library"):
        library = str(name)
        n_variants = int((variants["library"] == library).sum())
        rows.append((library, None, "n_variants", n_variants, None, None, "variants"))
        rows.append((library, None, "n_values", len(own_values), None, None, "values"))
    return rows


def _model_rows(models: ModelTables, fit: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    library, model = fit["library"], fit["model"]
    metrics, parameters, timing, folds = (
        frame[(frame["library"] == library) & (frame["model"] == model)] for frame in models
    )
    rows, several = [], metrics["condition"].nunique() > 1
    for part, metric in _REPORTED_METRICS:
        for found in metrics[(metrics["set"] == part) & (metrics["metric"] == metric)].to_dict("records"):
            where = f"[{found['condition']}]" if several else ""
            rows.append((f"{metric}_{part}{where}", *_measured(found)))
    rows += fold_rows(folds, dict(zip(metrics["metric"], metrics["unit"], strict=True)))
    for found in parameters[parameters["kind"] == "interaction"].to_dict("records"):
        rows.append((f"energy_{found['parameter']}", *_measured(found)))
    if explains(fit):
        rows.append(("n_parameters", count_identifiable(parameters), None, None, "parameters"))
    rows.append(("converged", int(fit["converged"]), None, None, "yes = 1, no = 0"))
    if in_minibatches(fit):
        rows.append(("in_minibatches", 1, None, None, "yes = 1, no = 0"))
    if len(timing):
        seconds = timing["cpu_seconds"]
        rows.append(("fit_cpu_seconds", seconds.median(), seconds.min(), seconds.max(), "s"))
        rows.append(("fit_cpu_seconds_total", seconds.sum(), None, None, "s"))
    return [(library, model, *row) for row in rows]


def _measured(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return row["value"], row["lower"], row["upper"], row["unit"]


def _kept_cells(values: pd.Series) -> tuple[str, str, str, str]:
    total, kept = float(values.get("reads_total", 0.0)), float(values.get("reads_kept", 0.0))
    shared = total > 0 and math.isnan(float(values.get("reads_kept_fraction", math.nan)))
    of_all = f"of {number(total, 0)} in shared runs" if shared else f"{share(kept, total)} of {number(total, 0)}"
    return "reads_kept", number(kept, 0), of_all, "reads"


def _terminal_cells(numbers: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    rows = {str(row["metric"]): row for row in numbers.to_dict("records")}
    energies = sorted(metric for metric in rows if metric.startswith("energy_"))
    measured = [metric for name in _TERMINAL_METRICS for metric in rows if condition_of(metric)[0] == name]
    cells = []
    for metric in [*measured, *energies, *(name for name in ("fit_cpu_seconds",) if name in rows)]:
        row, decimals = rows[metric], decimals_for(str(rows[metric]["unit"]))
        ends = interval(float(row["lower"]), float(row["upper"]), decimals)
        cells.append((metric, number(float(row["value"]), decimals), ends, str(row["unit"])))
    if "converged" in rows:
        how = "in minibatches" if "in_minibatches" in rows else ""
        cells.append(("converged", "yes" if rows["converged"]["value"] == 1 else "NO", how, ""))
    return cells


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    value = 3  # values stand right-aligned, so that their digits line up
    return [
        cell.rjust(width) if place == value else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
