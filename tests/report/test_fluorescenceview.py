"""What the page says of fluorescence: means, bounds and noise in words, and that without gates there is none."""

import dataclasses
from typing import Any

from kcalseq.report.fluorescenceview import FluorescenceTables, fluorescence_view
from kcalseq.tables import FLUORESCENCE_FATES

from .reading import Page
from .tables import frame

N_VARIANTS = {"measured": 60, "one_bin": 20, "below_gates": 10, "above_gates": 5, "few_cells": 4, "not_seen": 1}


def tables(pearson: float | None = 0.93, dispersion: float = 2.25, background: float = 0.025) -> FluorescenceTables:
    """Two replicates of one condition; no pair of them where there is no correlation."""
    replicates = [
        ("lac", "M9", "1", 80, 0, 12000.0, 2.5, 0.21, 0.2, 1.0, 0.0, -0.01, 0.5),
        ("lac", "M9", "2", 80, 0, 12000.0, 2.5, 0.22, 0.2, dispersion, background, 0.01, 0.5),
    ]
    pairs = [] if pearson is None else [("lac", "M9", "1", "2", 75, pearson, 0.9, 0.02)]
    drops = [("lac", "M9", replicate, fate, N_VARIANTS[fate], 9) for replicate in "12" for fate in FLUORESCENCE_FATES]
    return FluorescenceTables(
        frame("fluorescence_replicates", replicates),
        frame("fluorescence_agreement", pairs),
        frame("fluorescence_drops", drops),
    )


def test_means_bounds_and_noise_are_told_in_words() -> None:
    view = fluorescence_view("lac", tables())
    assert view is not None
    assert [verdict.tone for verdict in view.verdicts] == ["good"]
    assert view.verdicts[0].text.endswith("of library lac correlates with Pearson r = 0.93.")
    assert view.sentences[0] == (
        "In condition M9, replicate 1 the mean of 80 of 100 variants was measured (80.00 %); "
        "of 15 whose cells lie in an end bin alone only a bound is known."
    )
    assert "replicate 2, counts scatter 2.2 times" in view.sentences[2] and len(view.sentences) == 4
    assert "replicate 2, 2.5 % of the observations lie in bins as those of the whole library do" in view.sentences[3]


def test_bounds_that_contradict_are_counted_in_words() -> None:
    replicates, *others = tables()
    view = fluorescence_view("lac", FluorescenceTables(replicates.assign(n_contradicted=[0, 3]), *others))
    assert view is not None and view.sentences[2].startswith(
        "In condition M9, replicate 2, bounds of 3 variants are not told: another replicate has all their cells"
    )


def test_one_replicate_is_a_caution() -> None:
    view = fluorescence_view("lac", tables(None, 1.0, 0.0))
    assert view is not None and view.verdicts[0].tone == "caution" and len(view.sentences) == 2


def test_the_page_shows_fluorescence_where_there_are_gates_and_says_where_there_are_none(run: Any) -> None:
    without = Page(run.page()).text
    assert "The sheet of samples tells no gates and cells" in without and "Typical width" not in without
    page = Page(dataclasses.replace(run, pairs=run.pairs | tables()._asdict()).page())
    assert "own cells in the dimmest bin alone: only an upper bound of the mean is known" in page.text
    assert "Typical width" in page.text and "Gilliot and Gorochowski 2023" in page.text
    assert "nan" not in page.text.lower().split()
