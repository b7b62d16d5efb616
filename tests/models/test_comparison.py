"""Paired comparison of models: against recomputed samples, known truths, and errors that ignore the pairing."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.models.comparison import best_within_error, paired_difference, resampled_variants
from kcalseq.models.information import log_likelihood, variational_information

SEED, DRAWS = 1, 200


def softened(p: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """log of p (n_bins, n) mixed with a uniform distribution: a model that is worse the larger the share."""
    return np.asarray(np.log((1 - share) * p + share / len(p)))


@pytest.fixture
def truth() -> NDArray[np.float64]:
    """p(y) of each of 300 variants, shape (4, 300)."""
    return np.random.default_rng(40).dirichlet(np.full(4, 0.5), 300).T


@pytest.fixture
def counts(truth: NDArray[np.float64]) -> NDArray[np.float64]:
    rng = np.random.default_rng(41)
    return np.stack([rng.multinomial(1 + rng.poisson(0.5), p) for p in truth.T], axis=1).astype(float)


def test_difference_is_that_of_mean_log_likelihoods(truth: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    one, other = softened(truth, 0.1), softened(truth, 0.4)
    found = paired_difference(one, other, counts, SEED, DRAWS)
    assert found.log_likelihood.estimate == pytest.approx(
        log_likelihood(one, counts).value - log_likelihood(other, counts).value, abs=1e-12
    )
    assert found.variational_information.estimate == pytest.approx(
        variational_information(one, counts).value - variational_information(other, counts).value, abs=1e-12
    )


def test_every_bootstrap_sample_is_the_metric_of_resampled_columns(
    truth: NDArray[np.float64], counts: NDArray[np.float64]
) -> None:
    """The twin builds each resampled table and computes both models' I_var from it, entropies and all."""
    one, other = softened(truth, 0.1), softened(truth, 0.2)
    twin = []
    for times in resampled_variants(counts.shape[1], SEED, DRAWS):
        columns = np.repeat(np.arange(counts.shape[1]), times)
        own = counts[:, columns]
        values = [variational_information(log_p[:, columns], own).value for log_p in (one, other)]
        twin.append(values[0] - values[1])
    found = paired_difference(one, other, counts, SEED, DRAWS, confidence=0.8).variational_information
    assert found.standard_error == pytest.approx(np.std(twin, ddof=1), abs=1e-12)
    assert (found.lower, found.upper) == pytest.approx(tuple(np.quantile(twin, [0.1, 0.9])), abs=1e-12)


def test_bootstrap_samples_draw_as_many_variants_as_there_are() -> None:
    drawn = np.array(list(resampled_variants(50, SEED, 400)))
    assert (drawn.sum(1) == 50).all()
    # Poisson-like: mean 1 and variance 1 - 1/50; the mean of 20,000 scatters by 0.007.
    assert drawn.mean(0) == pytest.approx(np.ones(50), abs=0.25)
    assert drawn.var() == pytest.approx(0.98, abs=0.05)


def test_identical_models_differ_by_exactly_nothing(truth: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    log_p = softened(truth, 0.2)
    found = paired_difference(log_p, log_p.copy(), counts, SEED, DRAWS)
    assert found == ((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
    assert found.log_likelihood.within_error


def test_a_constant_difference_has_no_error(truth: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    log_p = softened(truth, 0.2)
    found = paired_difference(log_p, log_p - 0.25, counts, SEED, DRAWS).log_likelihood
    assert found == pytest.approx((0.25, 0.0, 0.25, 0.25), abs=1e-12)


def test_exchanging_the_models_exchanges_the_signs(truth: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    models = softened(truth, 0.1), softened(truth, 0.3)
    there = paired_difference(*models, counts, SEED, DRAWS).log_likelihood
    back = paired_difference(*models[::-1], counts, SEED, DRAWS).log_likelihood
    assert back.estimate == -there.estimate
    assert back.standard_error == pytest.approx(there.standard_error)
    assert (back.lower, back.upper) == pytest.approx((-there.upper, -there.lower), abs=1e-12)


def test_paired_error_of_models_alike_is_far_below_the_unpaired(
    truth: NDArray[np.float64], counts: NDArray[np.float64]
) -> None:
    one, other = softened(truth, 0.2), softened(truth, 0.25)
    paired = paired_difference(one, other, counts, SEED, DRAWS).log_likelihood
    unpaired = math.hypot(log_likelihood(one, counts).standard_error, log_likelihood(other, counts).standard_error)
    assert paired.standard_error < 0.2 * unpaired
    # Clear by the paired interval, lost in the unpaired one.
    assert not paired.within_error
    assert abs(paired.estimate) < unpaired


def test_paired_error_is_that_of_the_mean_difference_where_each_variant_is_seen_once(
    truth: NDArray[np.float64],
) -> None:
    rng = np.random.default_rng(42)
    y = np.array([rng.choice(4, p=p) for p in truth.T])
    one, other = softened(truth, 0.1), softened(truth, 0.4)
    found = paired_difference(one, other, np.eye(4)[:, y], SEED, 2000).log_likelihood
    each = (one - other)[y, np.arange(300)]
    # The standard deviation of 2,000 draws is known to 1.6 %.
    assert found.standard_error == pytest.approx(each.std() / math.sqrt(300), rel=0.06)


def test_reading_the_same_cells_three_times_makes_nothing_surer(
    truth: NDArray[np.float64], counts: NDArray[np.float64]
) -> None:
    one, other = softened(truth, 0.1), softened(truth, 0.4)
    once = paired_difference(one, other, counts, SEED, DRAWS).log_likelihood
    assert paired_difference(one, other, 3 * counts, SEED, DRAWS).log_likelihood == pytest.approx(once)
    assert log_likelihood(one, 3 * counts).standard_error < 0.6 * log_likelihood(one, counts).standard_error


def test_variants_without_observations_change_nothing(truth: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    one, other = softened(truth, 0.1), softened(truth, 0.4)
    more = np.concatenate([np.zeros((4, 100)), counts], axis=1)
    unseen = np.full((4, 100), -np.inf)
    padded = [np.concatenate([unseen, log_p], axis=1) for log_p in (one, other)]
    assert paired_difference(padded[0], padded[1], more, SEED, DRAWS) == paired_difference(
        one, other, counts, SEED, DRAWS
    )


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """400 experiments of 150 variants of 20 kinds, 1 to 3 reads each; the true difference is a finite sum."""
    rng = np.random.default_rng(43)
    p = rng.dirichlet(np.ones(4), 20).T
    one, other = softened(p, 0.3), np.log(0.7 * p + 0.3 * rng.dirichlet(np.ones(4), 20).T)
    true = float((p * (one - other)).sum(0).mean())
    covered = []
    for experiment in range(400):
        kinds = rng.integers(0, 20, 150)
        reads = rng.multinomial(rng.integers(1, 4, 150), p[:, kinds].T).T.astype(float)
        found = paired_difference(one[:, kinds], other[:, kinds], reads, experiment, 200, confidence=0.9)
        covered.append(found.log_likelihood.lower <= true <= found.log_likelihood.upper)
    # 3,000 such experiments gave 88.6 %, a little narrow as percentile intervals are; 400 scatter by 1.6 %.
    assert 0.84 < np.mean(covered) < 0.94


def test_best_model_is_told_with_those_that_cannot_be_told_from_it(
    truth: NDArray[np.float64], counts: NDArray[np.float64]
) -> None:
    noise = np.random.default_rng(44).normal(0.0, 0.02, truth.shape)
    near = softened(truth, 0.1) + noise - np.log((np.exp(softened(truth, 0.1) + noise)).sum(0))
    models = {"flat": softened(truth, 1.0), "worse": softened(truth, 0.5), "near": near, "good": softened(truth, 0.1)}
    found = best_within_error(models, counts, SEED, DRAWS)
    assert {found.best, *found.within_error} == {"good", "near"}
    assert list(found.differences) == list(models)
    assert found.differences[found.best] == (0.0, 0.0, 0.0, 0.0)
    assert found.differences["flat"].estimate > found.differences["worse"].estimate > 0.0
    again = best_within_error(dict(reversed(models.items())), counts, SEED, DRAWS)
    assert again.best == found.best
    for name in models:
        assert again.differences[name] == pytest.approx(found.differences[name], abs=1e-12)
        pair = paired_difference(models[found.best], models[name], counts, SEED, DRAWS)
        assert found.differences[name] == pytest.approx(pair.log_likelihood, abs=1e-12)


def test_of_equal_models_the_first_is_best_and_the_others_are_within_error(
    truth: NDArray[np.float64], counts: NDArray[np.float64]
) -> None:
    log_p = softened(truth, 0.2)
    found = best_within_error({"b": log_p, "a": log_p, "c": log_p}, counts, SEED, DRAWS)
    assert (found.best, found.within_error) == ("b", ("a", "c"))


def test_what_cannot_be_compared_is_refused(truth: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    log_p = softened(truth, 0.2)
    with pytest.raises(ValueError, match=r"log p of model 'other' has shape \(3, 300\), the counts have \(4, 300\)"):
        paired_difference(log_p, log_p[:3], counts, SEED, DRAWS)
    with pytest.raises(ValueError, match="model 'one' gives probability 0, or none, to an observation"):
        paired_difference(np.where(counts == counts.max(), -np.inf, log_p), log_p, counts, SEED, DRAWS)
    with pytest.raises(ValueError, match="1 observed variants: a bootstrap over variants needs at least 2"):
        paired_difference(log_p[:, :1], log_p[:, :1], counts[:, :1], SEED, DRAWS)
    with pytest.raises(ValueError, match="1 draws and a confidence of 0.95: at least 2, and between 0 and 1"):
        paired_difference(log_p, log_p, counts, SEED, 1)
    with pytest.raises(ValueError, match="no models to compare"):
        best_within_error({}, counts, SEED, DRAWS)
