"""The comparison of a library's models: by hand on few variants, and honest about what cannot be told apart."""

import math

import numpy as np
import pandas as pd
import pytest

from kcalseq.tablefile import conform
from kcalseq.training.compare import comparison_table


def predictions(log_likelihoods: dict[str, list[float]], n_observations: list[int]) -> pd.DataFrame:
    """Test variants of several models, and a training variant that must not count."""
    frames = []
    for model, values in log_likelihoods.items():
        names = [f"v{number:04d}" for number in range(len(values))]
        own = pd.DataFrame({"variant": names, "n_observations": n_observations, "log_likelihood": values})
        other = pd.DataFrame({"variant": ["w"], "n_observations": [100], "log_likelihood": [-1e6]})
        frames.append(
            pd.concat([own.assign(set="test"), other.assign(set="training")]).assign(model=model, condition="M9")
        )
    return pd.concat(frames, ignore_index=True).sample(frac=1.0, random_state=1)


def compared(told: pd.DataFrame, seed: int, confidence: float, boxes: tuple[str, ...] = ()) -> pd.DataFrame:
    kinds = {name: "black_box" if name in boxes else "additive" for name in told["model"].unique()}
    return comparison_table(told, kinds, seed, confidence)


def test_means_and_differences_are_those_by_hand() -> None:
    found = compared(predictions({"a": [-2.0, -4.0, -3.0], "b": [-3.0, -5.0, -4.0]}, [1, 2, 1]), 1, 0.95)
    table = conform("model_comparison", found.assign(library="lib"), "here").set_index("model")
    assert table["log_likelihood"].tolist() == [-9 / 4, -12 / 4]
    assert table["difference"].tolist() == pytest.approx([0.0, 0.75 / math.log(2)])
    assert table["best"].tolist() == [True, False]
    assert table.loc["b", "lower"] > 0 and not table.loc["b", "within_error"]
    assert tuple(table.loc["a", ["lower", "upper"]]) == (0.0, 0.0)


def test_a_gain_that_may_be_chance_is_within_error() -> None:
    rng = np.random.default_rng(5)
    base = rng.normal(-2.0, 0.5, 400)
    noisy, better = base + rng.normal(0.0, 0.3, 400), base + 0.1
    found = compared(predictions({"x": list(base), "y": list(noisy), "z": list(better)}, [1] * 400), 1, 0.9)
    table = found.set_index("model")
    assert table["best"].to_dict() == {"x": False, "y": False, "z": True}
    # Paired with a constant gain there is no doubt; against a noisy rival there is some, but not enough.
    assert table.loc["x", "lower"] == pytest.approx(0.1 / math.log(2)) == table.loc["x", "upper"]
    assert table.loc["y", "upper"] - table.loc["y", "lower"] > 0.02
    alike = compared(predictions({"x": list(base), "y": list(noisy)}, [1] * 400), 1, 0.9).set_index("model")
    assert alike["within_error"].all()


def test_one_variant_has_no_interval() -> None:
    found = compared(predictions({"a": [-2.0], "b": [-3.0]}, [1]), 1, 0.95).set_index("model")
    assert found["best"].to_dict() == {"a": True, "b": False}
    assert found[["lower", "upper"]].isna().all(axis=None)


def test_a_single_model_is_best() -> None:
    found = compared(predictions({"a": [-2.0, -1.0]}, [1, 1]), 1, 0.95)
    assert found["best"].all() and found["within_error"].all() and found["difference"].eq(0).all()


def test_a_variant_of_two_conditions_is_one_variant() -> None:
    """Seen in two conditions with half the observations each, or in one with all: the same comparison."""
    own = predictions({"a": [-2.0, -4.0, -3.0], "b": [-3.0, -4.5, -4.0]}, [2, 2, 2])
    half = own.assign(n_observations=own["n_observations"] // 2, log_likelihood=own["log_likelihood"] / 2)
    both = pd.concat([half, half.assign(condition="LB")], ignore_index=True)
    assert compared(both, 1, 0.95).equals(compared(own, 1, 0.95))


def test_a_black_box_is_a_ceiling_and_never_the_best() -> None:
    """By hand: b gains 2 nats over a in two observations, c loses 2."""
    told = predictions({"a": [-2.0, -3.0], "b": [-1.0, -2.0], "c": [-3.0, -4.0]}, [1, 1])
    table = compared(told, 1, 0.95, boxes=("b",)).set_index("model")
    assert table["best"].to_dict() == {"a": True, "b": False, "c": False}
    assert table["difference"].to_list() == pytest.approx([0.0, -1 / math.log(2), 1 / math.log(2)])
    assert table.loc["b", "upper"] < 0 and not table.loc["b", "within_error"]
    assert table["kind"].to_dict() == {"a": "additive", "b": "black_box", "c": "additive"}


def test_where_there_are_only_black_boxes_one_of_them_is_best() -> None:
    told = predictions({"a": [-2.0, -3.0], "b": [-1.0, -2.0]}, [1, 1])
    assert compared(told, 1, 0.95, boxes=("a", "b")).set_index("model")["best"].to_dict() == {"a": False, "b": True}


def test_the_gain_in_the_folds_is_paired_and_weighted_by_observations() -> None:
    """Two folds of 1 and 3 observations in two conditions, of which b says 0.4 and 0.2 nats less; c has no folds."""
    scored = predictions({"a": [-2.0, -2.0], "b": [-3.0, -3.0], "c": [-4.0, -4.0]}, [1, 1])
    rows = [
        (model, condition, fold, n, level - lost * (model == "b"))
        for model in "ab"
        for fold, lost in enumerate((0.4, 0.2))
        for condition, n, level in (("x", 1, -1.0), ("y", 3, -2.0))
    ]
    folds = pd.DataFrame(rows, columns=["model", "condition", "fold", "n_observations", "log_likelihood"])
    found = comparison_table(scored, dict.fromkeys("abc", "additive"), 1, 0.95, folds).set_index("model")
    assert found.loc["b", "folds_difference"] == pytest.approx(0.3 / math.log(2))
    assert found.loc["b", "folds_se"] == pytest.approx(0.1 / math.log(2))
    assert found.loc["a", "folds_difference"] == 0 and np.isnan(found.loc["c", "folds_difference"])
    assert compared(scored, 1, 0.95)["folds_difference"].isna().all()
