"""The error model of replicates: terms that made the scatter are found, and what cannot be told is missing."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from kcalseq.activity.errormodel import Terms, by_counting, fit_error_model, variance
from kcalseq.activity.errortables import N_BINS, error_tables
from kcalseq.tablefile import conform

TRUE = Terms(np.array([3.0, 1.5, 6.0]), np.array([1.5, 5.0, 2.0]), np.array([0.02, 0.1, 0.01]))
Arrays = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def scattered(n_variants: int, terms: Terms, seed: int) -> Arrays:
    """Log ratios that scatter by the terms and by nothing else, and their counts."""
    rng, shape = np.random.default_rng(seed), (n_variants, len(terms.dna))
    dna, rna = (np.floor(np.exp(rng.uniform(np.log(5), np.log(2000), shape))) for _ in range(2))
    mean = rng.normal(0.0, 2.0, n_variants)[:, None] + np.arange(shape[1])
    return mean + rng.normal(size=shape) * np.sqrt(variance(terms, dna, rna)), dna, rna


def table(made: Arrays) -> pd.DataFrame:
    """The rows of table variant_log_ratio that matter."""
    log2_ratio, dna, rna = made
    rows = [
        pd.DataFrame({"log2_ratio": log2_ratio[:, i], "dna": dna[:, i], "rna": rna[:, i]}).assign(
            condition="cells", replicate=str(i + 1), variant=[f"v{number}" for number in range(len(dna))]
        )
        for i in range(log2_ratio.shape[1])
    ]
    return pd.concat(rows, ignore_index=True)


def test_terms_are_found_within_their_errors() -> None:
    found = fit_error_model(*scattered(4000, TRUE, 1), 50, np.random.default_rng(1))
    assert found is not None and not found.pooled
    # Squares ten times their mean or more are cut: the tail of a normal distribution loses 0.3 % of its variance by it.
    away = [(part - true) / se for part, true, se in zip(found.terms, TRUE, found.se, strict=True)]
    assert np.abs(away).max() < 3.5 and np.abs(away).mean() < 1.5
    assert (np.stack(found.se) < np.array([[2.5], [2.5], [0.02]])).all()


def test_bootstrap_errors_are_those_of_other_libraries() -> None:
    models = [fit_error_model(*scattered(500, TRUE, seed), 30, np.random.default_rng(1)) for seed in range(30)]
    terms, errors = (np.array([getattr(model, name) for model in models]) for name in ("terms", "se"))
    ratio = np.median(errors, axis=0) / terms.std(axis=0, ddof=1)
    assert 0.7 < np.median(ratio) < 1.3


def test_shares_of_the_variance_add_up() -> None:
    made = scattered(500, TRUE, 2)
    found = fit_error_model(*made, 5, np.random.default_rng(1))
    assert found is not None and np.allclose(found.shares.sum(1), 1.0)
    v = variance(found.terms, made[1], made[2])
    alone = (by_counting(made[1]) + by_counting(made[2])) / v
    assert np.allclose(found.shares[:, 0], alone.mean(0))
    assert np.allclose(found.shares[:, 2], (found.terms.additive / v).mean(0))


def test_two_replicates_tell_the_sum_of_their_additive_terms() -> None:
    two = Terms(*(part[:2] for part in TRUE))
    found = fit_error_model(*scattered(4000, two, 3), 30, np.random.default_rng(1))
    assert found is not None and found.pooled and found.terms.additive[0] == found.terms.additive[1]
    assert found.terms.additive.sum() == pytest.approx(0.12, abs=4 * found.se.additive.sum())
    model, _ = error_tables(table(scattered(100, two, 3)), 1)
    assert model.loc[model["term"] == "additive", "fate"].tolist() == ["pooled", "pooled"]


def test_counts_that_scatter_by_chance_alone_are_at_the_bounds() -> None:
    alone = Terms(np.ones(3), np.ones(3), np.zeros(3))
    found = fit_error_model(*scattered(3000, alone, 4), 20, np.random.default_rng(1))
    assert found is not None and (found.terms.dna >= 1).all() and found.terms.dna.max() < 1.3
    assert found.terms.additive.max() < 0.01 and found.shares[:, 0].min() > 0.85


@pytest.mark.parametrize(("n_variants", "n_replicates", "fate"), [(50, 1, "one_replicate"), (9, 3, "few_variants")])
def test_what_cannot_be_told_is_missing_and_says_why(n_variants: int, n_replicates: int, fate: str) -> None:
    terms = Terms(*(part[:n_replicates] for part in TRUE))
    model, bins = error_tables(table(scattered(n_variants, terms, 5)), 1)
    assert len(model) == 6 * n_replicates and set(model["fate"]) == {fate}
    assert model["value"].isna().all() and model["se"].isna().all() and bins.empty
    conform("error_model", model.assign(library="l"), "found")
    conform("error_model_bins", bins.assign(library="l"), "found")


def test_a_replicate_that_measured_nothing_is_missing_and_changes_no_other() -> None:
    log2_ratio, dna, rna = scattered(200, TRUE, 5)
    log2_ratio[:, 2] = np.nan
    model, bins = error_tables(table((log2_ratio, dna, rna)), 1)
    conform("error_model", model.assign(library="l"), "found")
    conform("error_model_bins", bins.assign(library="l"), "found")
    empty = model["replicate"] == "3"
    assert set(model.loc[empty, "fate"]) == {"nothing_shared"} and model.loc[empty, ["value", "se"]].isna().all(
        axis=None
    )
    assert set(zip(bins["replicate"], bins["other_replicate"], strict=True)) == {("1", "2")}
    alone, _ = error_tables(table((log2_ratio[:, :2], dna[:, :2], rna[:, :2])), 1)
    pd.testing.assert_frame_equal(model[~empty], alone)


def test_two_replicates_without_a_common_variant_have_no_row_of_differences() -> None:
    log2_ratio, dna, rna = scattered(200, TRUE, 5)
    log2_ratio[:100, 0] = log2_ratio[100:, 2] = np.nan
    model, bins = error_tables(table((log2_ratio, dna, rna)), 1)
    assert set(zip(bins["replicate"], bins["other_replicate"], strict=True)) == {("1", "2"), ("2", "3")}
    assert model["value"].notna().all() and bins.notna().all(axis=None)


def test_predicted_differences_are_those_observed_in_every_bin() -> None:
    model, bins = error_tables(table(scattered(3000, TRUE, 6)), 1)
    conform("error_model", model.assign(library="l"), "found")
    checked = conform("error_model_bins", bins.assign(library="l"), "found")
    assert (
        len(checked) == 3 * N_BINS
        and checked.groupby(["replicate", "other_replicate"])["n_variants"].sum().eq(3000).all()
    )
    # The standard error of a root mean square of 300 normal numbers is 4 %.
    assert (checked["observed_sd"] / checked["predicted_sd"]).between(0.85, 1.15).all()
    assert (checked["counting_sd"] < checked["predicted_sd"]).all()


def test_a_strange_variant_does_not_set_the_terms() -> None:
    log2_ratio, dna, rna = scattered(1000, TRUE, 7)
    strange = log2_ratio.copy()
    strange[0, 0] += 50.0
    one, other = (fit_error_model(x, dna, rna, 0, np.random.default_rng(1)) for x in (log2_ratio, strange))
    assert one is not None and other is not None
    assert np.allclose(np.stack(one.terms), np.stack(other.terms), rtol=0.2, atol=0.01)
    assert np.isnan(one.se.dna).all()


def test_replicates_without_a_variant_in_common_leave_the_others_as_they_are() -> None:
    log2_ratio, dna, rna = scattered(600, TRUE, 8)
    log2_ratio[:300, 2] = np.nan
    log2_ratio[300:, 0] = np.nan
    found = fit_error_model(log2_ratio, dna, rna, 0, np.random.default_rng(1))
    assert found is not None and np.isfinite(np.stack(found.terms)).all()
