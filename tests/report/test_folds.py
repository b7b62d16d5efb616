"""Cross-validation on the page and in the summary: means over folds, with their standard errors and what they hide."""

import dataclasses
import math

import pandas as pd
import pytest

from kcalseq.report.folds import fold_rows, fold_verdicts

from .finished import Run
from .tables import frame

UNITS = {"I_var": "bits/read", "log_likelihood": "nats/read"}


def folds(information: list[float | None], n_converged: int = 3, conditions: tuple[str, ...] = ("M9",)) -> pd.DataFrame:
    rows = [
        ("lac", "additive", condition, fold, 9, 10, -2.0 - fold / 10, value, fold < n_converged)
        for condition in conditions
        for fold, value in enumerate(information)
    ]
    return frame("cross_validation", rows)


def test_means_and_standard_errors_are_those_over_folds() -> None:
    rows = {name: (value, unit) for name, value, _, _, unit in fold_rows(folds([0.5, 0.6, 0.7], 2), UNITS)}
    assert rows["I_var_folds"] == (pytest.approx(0.6), "bits/read")
    assert rows["I_var_folds_se"] == (pytest.approx(0.1 / math.sqrt(3)), "bits/read")
    assert rows["log_likelihood_folds"] == (pytest.approx(-2.1), "nats/read")
    assert (rows["folds"][0], rows["folds_converged"][0]) == (3, 2)
    assert fold_rows(folds([]), UNITS) == []


def test_conditions_are_told_apart_and_counts_have_no_information() -> None:
    rows = fold_rows(folds([None, None], 2, ("a", "b")), {"log_likelihood": "nats/barcode"})
    assert [name for name, *_ in rows] == [
        "log_likelihood_folds[a]",
        "log_likelihood_folds_se[a]",
        "log_likelihood_folds[b]",
        "log_likelihood_folds_se[b]",
        "folds",
        "folds_converged",
    ]


def verdicts(table: pd.DataFrame) -> list[tuple[str, str]]:
    numbers = [
        dict(zip(("metric", "value", "lower", "upper", "unit"), row, strict=True)) for row in fold_rows(table, UNITS)
    ]
    return [(verdict.tone, verdict.text) for verdict in fold_verdicts("additive", numbers)]


def test_a_sentence_a_condition() -> None:
    ((tone, told),) = verdicts(folds([0.5, 0.6, 0.7]))
    assert tone == "good"
    assert "one of 3 folds" in told and "I_var = 0.600 ± 0.058 bits/read" in told and "all refits converged" in told
    ((tone, told),) = verdicts(folds([0.5, 0.6, 0.7], 2))
    assert tone == "caution" and "1 of the refits did not converge" in told
    ((tone, told),) = verdicts(folds([-0.01, 0.0, -0.02]))
    assert tone == "bad"
    told_of_two = verdicts(folds([0.5, 0.6, 0.7], 3, ("cold", "warm")))
    assert ["condition cold" in told_of_two[0][1], "condition warm" in told_of_two[1][1]] == [True, True]
    assert verdicts(folds([])) == []


def test_the_page_tells_it_where_it_tells_of_predictions(run: Run) -> None:
    models = run.models._replace(cross_validation=folds([0.5, 0.6, 0.7]))
    page = dataclasses.replace(run, models=models).page()
    assert page.count("model additive predicts those left out with I_var = 0.600 ± 0.058 bits/read") == 1
    assert "information, folds left out of refits" in page
    assert "folds" not in run.page()


def test_the_comparison_tells_the_gain_in_the_folds(run: Run) -> None:
    compared = run.model_comparison.assign(folds_difference=[0.0713, 0.0], folds_se=[0.0042, 0.0])
    page = dataclasses.replace(run, model_comparison=compared).page()
    assert "In cross-validation it is 0.071 ± 0.004 bits/read." in page
