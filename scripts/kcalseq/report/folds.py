"""Cross-validation in the summary and on the page: means over the folds with their standard errors."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kcalseq.report.verdict import Tone, Verdict
from kcalseq.wording import decimals_for, number

# Columns of table cross_validation by the metric of fit_metrics that they are.
_METRICS = {"I_var": "information", "log_likelihood": "log_likelihood"}
_NAMES = {"I_var": "I_var", "log_likelihood": "a log-likelihood"}


def fold_rows(folds: pd.DataFrame, units: Mapping[str, str]) -> list[tuple[str, float, None, None, str]]:
    """Metric, value, no interval and unit of the rows of table ``summary`` that tell of one model's folds.

    The refits share most of their variants, so standard errors from the spread over folds are rough.

    Args:
        folds: table ``cross_validation`` of the model.
        units: unit of each metric of the model.
    """
    rows: list[tuple[str, float, None, None, str]] = []
    several = folds["condition"].nunique() > 1
    for metric, column in _METRICS.items():
        if metric not in units:
            continue
        for condition, own in folds.dropna(subset=[column]).groupby("condition", sort=True):
            where, unit = f"[{condition}]" if several else "", units[metric]
            error = own[column].std() / math.sqrt(len(own))
            rows.append((f"{metric}_folds{where}", float(own[column].mean()), None, None, unit))
            rows.append((f"{metric}_folds_se{where}", float(error), None, None, unit))
    if len(folds):
        converged = folds.groupby("fold")["converged"].all()
        rows.append(("folds", len(converged), None, None, "folds"))
        rows.append(("folds_converged", int(converged.sum()), None, None, "folds"))
    return rows


def fold_verdicts(model: str, numbers: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """What the refits predict of the variants that they left out, a sentence a condition; none without folds.

    Args:
        model: name of the model.
        numbers: its rows of table ``summary``.
    """
    told = {str(row["metric"]): row for row in numbers}
    if "folds" not in told:
        return []
    n, n_converged = (int(told[name]["value"]) for name in ("folds", "folds_converged"))
    ends = "all refits converged" if n == n_converged else f"{n - n_converged} of the refits did not converge"
    metric = next(metric for metric in _METRICS if any(name.startswith(f"{metric}_folds") for name in told))
    verdicts = []
    for name, row in told.items():
        if name.split("[")[0] == f"{metric}_folds":
            condition = name.partition("[")[2].rstrip("]")
            where = f"{model} in condition {condition}" if condition else model
            error, decimals = told[name.replace("_folds", "_folds_se", 1)]["value"], decimals_for(row["unit"])
            value = f"{number(row['value'], decimals)} ± {number(error, decimals)} {row['unit']}"
            says_nothing = metric == "I_var" and row["value"] <= 0
            tone: Tone = "bad" if says_nothing else "caution" if n_converged < n else "good"
            text = (
                f"Refitted without one of {n} folds of variants at a time, model {where} predicts those left out with "
                f"{_NAMES[metric]} = {value} (mean and its standard error over folds); {ends}."
            )
            verdicts.append(Verdict(text, tone))
    return verdicts
