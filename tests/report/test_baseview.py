"""What the page says of single bases: what is not known is not given a name."""

import numpy as np
import pandas as pd
import pytest

from kcalseq.report.baseview import base_view

ROW = {"condition": "cells", "reference": "wild", "position": 56, "fate": "estimated", "n_barcodes": 20, "effect": -1.0}
NUMBERS = {"effect_se": 0.1, "lower": -1.2, "upper": -0.8, "confidence": 0.95, "p": 1e-9, "q": 1e-8}
AGREEMENT = pd.DataFrame(columns=["condition", "reference", "pearson", "spearman"])
DROPS = pd.DataFrame({"fate": ["used"], "n": [20], "unit": ["barcode"]})


@pytest.mark.parametrize(
    ("before", "base", "words"),
    [("C", "-", "C missing"), (np.nan, "-", "one base missing"), (None, "-", "one base missing"), ("A", "G", "A to G")],
)
def test_a_change_is_told_with_the_reference_base_where_that_is_known(before: object, base: str, words: str) -> None:
    view = base_view(pd.DataFrame([{**ROW, **NUMBERS, "reference_base": before, "base": base}]), AGREEMENT, DROPS)
    assert view is not None
    assert [row.change for row in view.rows] == [words]
