"""Bootstraps on the page: beside the interval that is there already, and what did not converge is told."""

import dataclasses

import pandas as pd

from kcalseq.report.bootstraps import bootstrap_view

from .finished import Run
from .tables import frame


def bootstraps(n_converged: int) -> pd.DataFrame:
    known = ("lac", "lac_thermodynamic", "interaction", "parametric", -3.1, -3.3, -0.2, 0.61, -4.6, -2.2, -4.0, -1.6)
    unknown = ("lac", "lac_thermodynamic", "RNAP.mu", "parametric", *[None] * 8)
    rest = "kcal/mol", 200, n_converged
    return frame("bootstraps", [(*known, 0.95, *rest), (*unknown, None, *rest)])


def test_refits_stand_beside_the_profile(run: Run) -> None:
    view = bootstrap_view(bootstraps(200), run.models.parameters)
    assert view is not None
    (row,) = view.rows
    assert (row.parameter, row.method, row.bias, row.standard_error) == ("interaction", "profile", -0.2, 0.61)
    assert (row.told.lower, row.told.upper) == (-4.2, -2.0)
    assert (row.refitted.value, row.refitted.lower, row.refitted.upper) == (-3.3, -4.6, -2.2)
    assert view.verdict.tone == "good" and "200 times" in view.verdict.text


def test_refits_that_did_not_converge_are_told(run: Run) -> None:
    view = bootstrap_view(bootstraps(197), run.models.parameters)
    assert view is not None
    assert view.verdict.tone == "caution" and "3 of the refits did not converge" in view.verdict.text


def test_a_run_without_refits_says_nothing_of_them(run: Run) -> None:
    assert bootstrap_view(bootstraps(200).iloc[:0], run.models.parameters) is None
    assert "Refits to drawn data" not in run.page()


def test_the_page_shows_bias_and_interval_of_the_refits(run: Run) -> None:
    page = dataclasses.replace(run, pairs={**run.pairs, "bootstraps": bootstraps(200)}).page()
    assert "The model was refitted 200 times to data drawn from the fitted model; all refits converged." in page
    assert "−4.60 to −2.20" in page and "−0.20" in page and "0.61" in page
