"""Effects against a reference: by hand, and calibrated from counts on, with and without true effects."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from kcalseq.activity.effectmethods import combined_effects
from kcalseq.activity.effects import effects_table
from kcalseq.activity.logratios import activities
from kcalseq.activity.settings import Settings

from .invented import Recipe, invent


def combined(activity: list[float | None], se: list[float | None], n_replicates: int = 2) -> pd.DataFrame:
    """Table combined_activity of variants v0, v1, ..., as far as effects need it."""
    names = [f"v{number}" for number in range(len(activity))]
    columns = {"variant": names, "log2_ratio": activity, "log2_ratio_se": se, "n_replicates": n_replicates}
    return pd.DataFrame(columns).assign(condition="cond")


def against_next(n_variants: int) -> pd.DataFrame:
    """Every second variant against the one behind it."""
    pairs = [(f"v{number}", f"v{number + 1}") for number in range(0, n_variants, 2)]
    return pd.DataFrame(pairs, columns=["variant", "reference"])


def variant_effects(table: pd.DataFrame, pairs: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The effects of pairs by their combined activities."""
    return effects_table(pairs, combined_effects(table, pairs), "combined", confidence)


def test_an_effect_is_a_difference_whose_error_holds_both() -> None:
    (row,) = variant_effects(combined([1.5, 0.5], [0.3, 0.4]), against_next(2), 0.95).to_dict("records")
    assert row["effect"] == 1.0 and row["effect_se"] == pytest.approx(0.5)
    assert row["upper"] - row["effect"] == pytest.approx(1.959964 * 0.5)
    assert row["p"] == row["q"] == pytest.approx(0.0455, abs=1e-4)


def test_errors_that_few_barcodes_tell_are_tested_by_t() -> None:
    table = combined([1.5, 0.5], [0.3, 0.3])
    ratios = pd.concat([table.assign(degrees=degrees) for degrees in (8.0, 5.0)])
    found = effects_table(against_next(2), combined_effects(table, against_next(2), ratios), "combined", 0.95)
    assert found["degrees"].tolist() == [pytest.approx(10.0)]
    assert found["p"][0] == pytest.approx(2 * stats.t.sf(1 / np.hypot(0.3, 0.3), 10))


def test_the_worse_known_side_of_a_pair_rules_degrees_and_replicates() -> None:
    table = combined([1.5, 0.5], [0.3, 0.4]).assign(n_replicates=[3, 2])
    found = effects_table(
        against_next(2), combined_effects(table, against_next(2), table.assign(degrees=5.0)), "combined", 0.95
    )
    # 0.25^2 / (0.09^2 / 5 + 0.16^2 / 5)
    assert found["degrees"].tolist() == [pytest.approx(9.2730, abs=1e-4)] and found["n_replicates"].tolist() == [2]


def test_what_was_not_measured_has_no_number() -> None:
    found = variant_effects(combined([1.0, None, 0.5, 0.0], [0.1, None, 0.1, None]), against_next(4), 0.95)
    assert found["fate"].tolist() == ["reference_not_measured", "no_error"]
    unmeasured, unknown = found.set_index("variant").loc[["v0", "v2"]].to_dict("records")
    assert all(np.isnan(unmeasured[name]) for name in ("effect", "effect_se", "p", "q", "lower"))
    assert unknown["effect"] == 0.5 and np.isnan(unknown["effect_se"]) and np.isnan(unknown["q"])
    absent = pd.DataFrame({"variant": ["v9"], "reference": ["v0"]})
    (row,) = variant_effects(combined([1.0], [0.1]), absent, 0.95).to_dict("records")
    assert row["n_replicates"] == 0 and row["fate"] == "variant_not_measured"
    (row,) = variant_effects(combined([1.0], [0.1]), absent.assign(reference="v8"), 0.95).to_dict("records")
    assert np.isnan(row["effect"]) and row["fate"] == "neither_measured"


def test_false_discoveries_are_counted_over_the_pairs_of_a_condition() -> None:
    one = combined([2.0, 0.0, 0.1, 0.0], [0.2] * 4)
    both = pd.concat([one, one.assign(condition="other")])
    alone = variant_effects(one, against_next(4), 0.95)
    together = variant_effects(both, against_next(4), 0.95)
    assert together["q"].tolist() == alone["q"].tolist() * 2
    assert alone["q"].tolist() == stats.false_discovery_control(alone["p"]).tolist()


def residuals(recipe: Recipe, seed: int) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Combined activities of an invented library less their truth, and those of its replicates: no pair differs."""
    library, activity = invent(recipe, seed)
    found = activities(library, Settings(bootstraps=0), np.zeros(recipe.n_variants, dtype=bool), 1)
    own = found.conditions["cells"].combined
    frame = combined(list(own.log2_ratio - activity), list(own.se), recipe.n_replicates)
    replicates = np.stack([one.variants.log2_ratio for one in found.measured.values()], axis=1) - activity[:, None]
    return frame, replicates


N_PAIRS = 200
CASES = {
    "three replicates": Recipe(2 * N_PAIRS),
    "replicates differ": Recipe(2 * N_PAIRS, between=0.15, n_replicates=2),
    "barcodes peculiar in all replicates": Recipe(2 * N_PAIRS, shared=0.5, own=0.0),
}


@pytest.mark.parametrize("case", CASES)
def test_without_effects_few_libraries_have_a_false_discovery(case: str) -> None:
    found = [variant_effects(residuals(CASES[case], seed)[0], against_next(2 * N_PAIRS), 0.95) for seed in range(20)]
    below = np.mean([(own["p"] < 0.05).mean() for own in found])
    assert 0.03 < below < 0.075
    # One of twenty libraries is expected to have any at 5 %; more than five happen once in 3,000 times.
    assert sum(bool((own["q"] < 0.05).any()) for own in found) <= 5


def test_more_true_effects_are_found_than_by_tests_of_each_pair_alone() -> None:
    planted = np.where(np.arange(N_PAIRS) < 60, 0.8, 0.0)
    calls, false, naive = 0, 0, 0
    for seed in range(5):
        frame, replicates = residuals(Recipe(2 * N_PAIRS), seed)
        frame.loc[frame.index[::2], "log2_ratio"] += planted
        called = (variant_effects(frame, against_next(2 * N_PAIRS), 0.95)["q"] < 0.05).to_numpy()
        calls, false = calls + int(called[planted > 0].sum()), false + int(called[planted == 0].sum())
        alone = stats.ttest_ind(replicates[::2] + planted[:, None], replicates[1::2], axis=1).pvalue
        naive += int((stats.false_discovery_control(alone)[planted > 0] < 0.05).sum())
    assert false / (calls + false) < 0.1
    assert calls > naive and calls > 0.9 * 5 * 60
