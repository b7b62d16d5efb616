"""Which of two models predicts held-out variants better, by a bootstrap over variants that is paired.

What one model finds hard to predict the other mostly does too, so the error of their difference is far smaller than
their own errors suggest: models are compared on the same resampled variants. A variant is resampled with all its
observations, which are not independent of each other.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.units import NATS_PER_BIT


class Difference(NamedTuple):
    """One model less another.

    Attributes:
        estimate: the difference.
        standard_error: its standard deviation over the bootstrap.
        lower, upper: ends of its percentile interval.
    """

    estimate: float
    standard_error: float
    lower: float
    upper: float

    @property
    def within_error(self) -> bool:
        """Whether the interval includes 0."""
        return self.lower <= 0.0 <= self.upper


class PairedDifference(NamedTuple):
    """What one model says more than another about each observation.

    Attributes:
        log_likelihood: difference of the mean log p(y | phi), nats per observation.
        variational_information: difference of I_var, bits per observation.
    """

    log_likelihood: Difference
    variational_information: Difference


class Ranking(NamedTuple):
    """Models by their log-likelihood.

    Attributes:
        best: the model of the highest log-likelihood, of those that may be; of several, the one named first.
        within_error: the other models whose difference to it has an interval that includes 0, in the order given.
        differences: log-likelihood of the best less that of each model, nats per observation.
    """

    best: str
    within_error: tuple[str, ...]
    differences: dict[str, Difference]


def paired_difference(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    counts: NDArray[np.float64],
    seed: int,
    n_draws: int,
    confidence: float = 0.95,
) -> PairedDifference:
    """How much better one model predicts observations than another.

    Both share the entropy of the bins, so the difference of I_var is that of the log-likelihood in other units, in
    every bootstrap sample.

    Args:
        one, other: log p(y | phi) of each model, nats, shape (n_bins, n_variants).
        counts: observations, shape (n_bins, n_variants).
        seed: of the bootstrap; the same seed resamples the same variants.
        n_draws: bootstrap samples, at least 2.
        confidence: level of the percentile intervals, 0 to 1.

    Raises:
        ValueError: shapes that do not fit, fewer than 2 observed variants or draws, a confidence out of range, or
            an observation to which a model gives probability 0.
    """
    likelihoods, observations = _by_variant({"one": one, "other": other}, counts)
    nats = _differences(likelihoods[:1] - likelihoods[1:], observations, seed, n_draws, confidence)[0]
    return PairedDifference(nats, Difference(*(number / NATS_PER_BIT for number in nats)))


def best_within_error(
    log_p: Mapping[str, NDArray[np.float64]],
    counts: NDArray[np.float64],
    seed: int,
    n_draws: int,
    confidence: float = 0.95,
    eligible: Collection[str] = (),
) -> Ranking:
    """Find the model that predicts best and those that cannot be told from it.

    Each interval is that of one pair: it allows neither for the number of models nor for the best having been chosen
    on the same observations.

    Args:
        log_p: log p(y | phi) of each model by name, nats, shape (n_bins, n_variants).
        counts: observations, shape (n_bins, n_variants).
        seed, n_draws, confidence: as for ``paired_difference``.
        eligible: models one of which is to be the best, some of ``log_p``; without any, all may be. Differences of
            the others may then be negative.

    Raises:
        ValueError: as ``paired_difference``, or there is no model.
    """
    if not log_p:
        raise ValueError("no models to compare")
    likelihoods, observations = _by_variant(log_p, counts)
    names = list(log_p)
    best = max(
        (number for number, name in enumerate(names) if name in eligible or not eligible),
        key=lambda number: float(likelihoods[number].sum()),
    )
    rows = _differences(likelihoods[best] - likelihoods, observations, seed, n_draws, confidence)
    others = tuple(name for name, row in zip(names, rows, strict=True) if row.within_error and name != names[best])
    return Ranking(names[best], others, dict(zip(names, rows, strict=True)))


def resampled_variants(n_variants: int, seed: int, n_draws: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each variant is drawn in each bootstrap sample of as many variants, shape (n_variants,)."""
    rng = np.random.default_rng([seed, 0xB007])
    for _ in range(n_draws):
        yield np.bincount(rng.integers(0, n_variants, n_variants), minlength=n_variants)


def _by_variant(
    log_p: Mapping[str, NDArray[np.float64]], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-likelihood (n_models, n_observed) and observations (n_observed,) of each variant that was observed."""
    observed = counts.sum(0) > 0
    if observed.sum() < 2:
        raise ValueError(f"{observed.sum()} observed variants: a bootstrap over variants needs at least 2")
    rows = []
    for name, own in log_p.items():
        if own.shape != counts.shape:
            raise ValueError(f"log p of model '{name}' has shape {own.shape}, the counts have {counts.shape}")
        terms = np.multiply(counts, own, out=np.zeros(counts.shape), where=counts > 0)
        if not np.isfinite(terms).all():
            raise ValueError(f"model '{name}' gives probability 0, or none, to an observation")
        rows.append(terms.sum(0)[observed])
    return np.stack(rows), counts.sum(0)[observed]


def _differences(
    differences: NDArray[np.float64],
    observations: NDArray[np.float64],
    seed: int,
    n_draws: int,
    confidence: float,
) -> list[Difference]:
    """Mean per observation of each row of (n_rows, n_variants), with what the bootstrap says of its error."""
    if n_draws < 2 or not 0.0 < confidence < 1.0:
        raise ValueError(f"{n_draws} draws and a confidence of {confidence}: at least 2, and between 0 and 1")
    draws = np.array(
        [differences @ times / (observations @ times) for times in resampled_variants(len(observations), seed, n_draws)]
    )
    estimates, errors = differences.sum(1) / observations.sum(), draws.std(0, ddof=1)
    lower, upper = np.quantile(draws, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    return [Difference(*map(float, row)) for row in zip(estimates, errors, lower, upper, strict=True)]
