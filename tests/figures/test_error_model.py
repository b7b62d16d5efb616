"""The figure of the error model shows what its tables hold."""

import numpy as np
import pandas as pd

from kcalseq.figures import error_model

from .drawing import words


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    shares = {"counting_share": 0.5, "multiplicative_share": 0.2, "additive_share": 0.3, "additive": 0.1}
    terms = [("cells", replicate, name, value) for replicate in "12" for name, value in shares.items()]
    bins = [("cells", "1", "2", 0, 0.2, 0.15, 0.25), ("cells", "1", "2", 1, 0.6, 0.3, 0.55)]
    columns = ["condition", "replicate", "other_replicate", "bin", "predicted_sd", "counting_sd", "observed_sd"]
    of_terms = pd.DataFrame(terms, columns=["condition", "replicate", "term", "value"]).assign(fate="fitted")
    return of_terms, pd.DataFrame(bins, columns=columns)


def test_points_and_shares_are_those_of_the_tables() -> None:
    figure = error_model.draw(*tables())
    left, right = figure.axes
    drawn = [np.asarray(line.get_xydata()).tolist() for line in left.lines]
    assert [[0.2, 0.25], [0.6, 0.55]] in drawn and [[0.2, 0.15], [0.6, 0.3]] in drawn
    widths = [bar.get_width() for bar in right.patches]
    assert np.allclose(widths, [0.5, 0.5, 0.2, 0.2, 0.3, 0.3])
    assert "1 and 2" in words(figure) and "counting" in words(figure)


def test_why_replicates_were_not_compared_is_said() -> None:
    terms, bins = tables()
    for fate, told in (
        ("one_replicate", "one replicate does not tell"),
        ("few_variants", "fewer than ten variants were measured in two replicates"),
        ("nothing_shared", "no variant was measured in two replicates"),
    ):
        assert f"no data: {told}" in words(error_model.draw(terms.assign(fate=fate), bins.iloc[:0]))


def test_a_condition_that_was_not_compared_has_its_place_beside_the_others() -> None:
    terms, bins = tables()
    figure = error_model.draw(pd.concat([terms, terms.assign(condition="alone", fate="one_replicate")]), bins)
    assert [axes.get_title("left") for axes in figure.axes[::2]] == ["alone", "cells"]
    assert "no data: one replicate does not tell" in words(figure) and "observed difference" in words(figure)
