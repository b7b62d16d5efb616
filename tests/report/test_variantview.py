"""The table of variants: keys and not order join it, what was not measured is missing, and it knows its limit."""

import base64
import gzip
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcalseq.report.variantview import (
    MOST_CHARACTERS,
    VariantsView,
    observed_values,
    variants_view,
    variants_views,
)
from kcalseq.tablefile import conform, read_tables
from kcalseq.tables import TABLES

from .tables import frame

NO_VALUES = read_tables("variant_values", [])
NO_COMBINED = read_tables("combined_activity", [])
NO_ACTIVITY = read_tables("variant_activity", [])
LIMIT = 10**6


def view_of(run: Any, most_characters: int = LIMIT, **changed: pd.DataFrame) -> VariantsView:
    """The table of library lac."""
    tables = {"variants": run.variants, "variant_activity": run.variant_activity, "predictions": run.predictions}
    tables |= changed
    observed = observed_values(tables["variant_activity"], NO_COMBINED, NO_VALUES, tables["predictions"])
    view = variants_view(tables["variants"], observed, tables["predictions"], "ACGTACGT", most_characters)
    assert view is not None
    return view


def values(view: VariantsView, label: str) -> list[Any]:
    """A column by its label."""
    return next(column["values"] for column in view.columns if column["label"] == label)


def test_columns_are_joined_by_variant(run: Any) -> None:
    shuffled = {name: getattr(run, name)[::-1] for name in ("variants", "variant_activity", "predictions")}
    for view in (view_of(run), view_of(run, **shuffled)):
        assert values(view, "Variant") == ["v5", "v4", "v3", "v2", "v1", "v0", "v6"]
        assert values(view, "Observations") == [6, 5, 4, 3, 2, 1, 0]
        assert values(view, "Measured mean bin") == [2.25, 2.0, 1.75, 1.5, 1.25, 1.0, None]
        assert values(view, "Predicted by additive") == [2.1, 1.9, 1.7, 1.5, 1.3, 1.1, 2.3]


def test_replicates_weigh_by_their_observations() -> None:
    rows = [("lac", "M9", "1", "v0", 1, 1.0, None), ("lac", "M9", "2", "v0", 3, 2.0, None)]
    found = observed_values(frame("variant_activity", rows), NO_COMBINED, NO_VALUES, read_tables("predictions", []))
    assert found[["variant", "n_observations", "value"]].values.tolist() == [["v0", 4, 1.75]]


def test_values_and_ratios_are_measurements_too() -> None:
    measured = frame("variant_values", [("t", "M9", "v0", 3.5, 0.1, 2)])
    found = observed_values(NO_ACTIVITY, NO_COMBINED, measured, read_tables("predictions", []))
    assert found.values.tolist() == [["M9", "v0", 2, 3.5, "value"]]
    rows = [("c", model, "M9", "v0", "test", 0.1, None, 1.25, 1.5, None, 8, -1.0) for model in ("a", "b")]
    predictions = frame("predictions", rows)
    ratios = observed_values(NO_ACTIVITY, NO_COMBINED, NO_VALUES, predictions)
    assert ratios.values.tolist() == [["M9", "v0", 8, 1.5, "log2_activity"]]
    variants = frame("variants", [("c", "v0", "ACGT", "test")])
    view = variants_view(variants, ratios, predictions, None, LIMIT)
    assert view is not None
    assert (values(view, "Measured log2 RNA per DNA"), values(view, "Predicted by b")) == ([1.5], [1.25])


def test_combined_activities_come_before_the_ratios_of_fits() -> None:
    columns = dict.fromkeys(TABLES["combined_activity"].column_names)
    known = {"library": "c", "condition": "M9", "n_replicates": 2, "is_control": False}
    rows = [
        {**columns, **known, "variant": "v0", "n_barcodes": 9, "log2_ratio": 0.5},
        {**columns, **known, "variant": "v1", "n_barcodes": None, "log2_ratio": -0.5},
        {**columns, **known, "variant": "v2", "n_barcodes": 0, "log2_ratio": None},
    ]
    combined = conform("combined_activity", pd.DataFrame(rows), "combined")
    predictions = frame("predictions", [("c", "a", "M9", "v0", "test", 0.1, None, 1.25, 1.5, None, 8, -1.0)])
    found = observed_values(NO_ACTIVITY, combined, NO_VALUES, predictions)
    assert found[["variant", "n_observations", "value"]].values.tolist() == [["v0", 9, 0.5], ["v1", 2, -0.5]]
    assert set(found["measured"]) == {"log2_activity"}


def test_every_condition_has_columns_of_its_own(run: Any) -> None:
    other = run.predictions.assign(condition="M9 glucose", mean_bin=3.0)
    view = view_of(run, predictions=pd.concat([run.predictions, other]))
    assert set(values(view, "Predicted by additive, M9 glucose")) == {3.0}
    assert values(view, "Measured mean bin, M9")[0] == 2.25


@pytest.mark.parametrize("limit", [0, 400, LIMIT])
def test_the_limit_keeps_those_seen_most_often_and_tells_how_many_there_are(run: Any, limit: int) -> None:
    view = view_of(run, limit)
    shown = values(view, "Variant")
    assert shown == ["v5", "v4", "v3", "v2", "v1", "v0", "v6"][: view.n_shown]
    assert view.n_total == 7 and len(view.first_rows) == view.n_shown
    assert view.n_characters <= limit or view.n_shown == 0
    assert (view.n_shown == 0) == (limit == 0) and (view.n_shown == 7) == (limit == LIMIT)
    assert json.loads(gzip.decompress(base64.b64decode(view.packed))) == view.data


def test_the_name_is_not_told_twice_where_it_is_the_sequence(run: Any) -> None:
    named = run.variants.assign(variant=run.variants["variant_sequence"])
    assert next(column["label"] for column in view_of(run, variants=named).columns) == "Sequence"


def test_variants_without_a_sequence_are_no_table(run: Any) -> None:
    unknown = run.variants.assign(variant_sequence=None)
    observed = observed_values(run.variant_activity, NO_COMBINED, NO_VALUES, run.predictions)
    assert variants_view(unknown, observed, run.predictions, None, LIMIT) is None


def large_library(library: str, n: int) -> dict[str, pd.DataFrame]:
    """Tables of a library of n variants of 200 bases, measured and predicted by two models."""
    codes = np.random.default_rng(n).integers(0, 4, (n, 200))
    names = [f"variant_{i:06}" for i in range(n)]
    sequences = ["".join(row) for row in np.array(list("ACGT"))[codes].tolist()]
    variants = pd.DataFrame({"library": library, "variant": names, "variant_sequence": sequences, "set": "test"})
    of_each = {"library": library, "condition": "M9", "variant": names, "n_observations": 2}
    predictions = [
        pd.DataFrame({**of_each, "model": model, "mean_bin": codes[:, 0] + 1.2345, "log2_activity": np.nan})
        for model in ("a", "b")
    ]
    return {
        "variants": variants,
        "variant_activity": pd.DataFrame({**of_each, "mean_bin": codes[:, 1] + 0.123}),
        "predictions": pd.concat(predictions).assign(log2_ratio=np.nan, value=np.nan),
    }


def test_a_hundred_thousand_variants_leave_the_page_small_and_small_libraries_are_whole() -> None:
    both = [large_library("large", 100_000), large_library("small", 50)]
    tables = SimpleNamespace(
        **{name: pd.concat([one[name] for one in both]) for name in both[0]},
        variant_values=NO_VALUES,
        combined_activity=NO_COMBINED,
    )
    views = variants_views(tables, [], ["large", "small"])  # type: ignore[arg-type]
    large, small = views["large"], views["small"]
    assert large is not None and small is not None
    assert (small.n_shown, small.n_total, large.n_total) == (50, 50, 100_000)
    # Bases dealt out at random pack worst of all.
    assert 0.9 * MOST_CHARACTERS < len(large.packed) + len(small.packed) <= MOST_CHARACTERS
    assert large.n_shown > 50_000
