"""Chances between gates, their derivatives, and the likeliest mean and width against one variant at a time by scipy."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

from kcalseq.activity.gated_normal import Sorter, log_shares, log_shares_beyond, shares
from kcalseq.activity.likeliest_normal import Likeliest, fit
from kcalseq.activity.width_prior import WidthPrior, fit_width

GATES = np.array([2.0, 2.5, 2.8, 3.6])
SORTER = Sorter(np.array([-np.inf, *GATES]), np.array([*GATES, np.inf]), np.log([1.0, 0.3, 0.5, 0.8, 0.2]), np.zeros(5))
PRIOR = WidthPrior(float(np.log(0.3)), 0.3)


def draw(n: int, cells: float, seed: int, sorter: Sorter = SORTER) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Observations of n variants, none of them in an end bin alone, and their true means."""
    rng = np.random.default_rng(seed)
    mean, log_sd = rng.uniform(2.2, 3.4, n), rng.normal(PRIOR.mean, PRIOR.sd, n)
    drawn = rng.poisson(cells * np.exp(shares(mean, log_sd, sorter).log_q)).astype(float)
    inside = (drawn[:, 1:-1] > 0).any(1) | (drawn[:, [0, -1]] > 0).all(1)
    return drawn[inside], mean[inside]


def fitted(cells: NDArray[np.float64], prior: WidthPrior = PRIOR) -> Likeliest:
    return fit(cells, SORTER, prior, np.full(len(cells), 2.7))


def test_shares_are_chances_between_gates_times_exposure() -> None:
    mean, sd = np.array([1.9, 2.6, 3.9]), np.array([0.2, 0.3, 0.1])
    p = np.diff(stats.norm.cdf((np.array([-np.inf, *GATES, np.inf]) - mean[:, None]) / sd[:, None]), axis=1)
    q = p * np.exp(SORTER.log_exposure)
    found = np.exp(shares(mean, np.log(sd), SORTER).log_q)
    assert found == pytest.approx(q / q.sum(1, keepdims=True), rel=1e-9, abs=1e-15)
    assert np.array_equal(log_shares(mean[:1], 0.2, SORTER), shares(mean[:1], np.log(sd[:1]), SORTER).log_q)


def test_derivatives_are_those_of_small_steps() -> None:
    mean, log_sd, step = np.array([1.5, 2.6, 4.2]), np.log(np.array([0.4, 0.3, 0.2])), 1e-6
    found = shares(mean, log_sd, SORTER)
    for own, one, two in ((found.by_mean, step, 0.0), (found.by_log_sd, 0.0, step)):
        after, before = (shares(mean + sign * one, log_sd + sign * two, SORTER).log_q for sign in (1, -1))
        assert own == pytest.approx((after - before) / (2 * step), rel=1e-5, abs=1e-5)


def test_background_is_added_as_the_whole_library_lies() -> None:
    mean, log_sd, step = np.array([1.5, 2.6, 4.2]), np.log(np.array([0.4, 0.3, 0.2])), 1e-6
    overall = np.array([0.4, 0.1, 0.2, 0.2, 0.1])
    astray = SORTER._replace(background=0.05 * overall)
    found, alone = shares(mean, log_sd, astray), np.exp(shares(mean, log_sd, SORTER).log_q)
    assert np.exp(found.log_q) == pytest.approx(0.95 * alone + 0.05 * overall)
    assert found.own == pytest.approx(0.95 * alone / (0.95 * alone + 0.05 * overall))
    after, before = (shares(mean + sign * step, log_sd, astray).log_q for sign in (1, -1))
    assert found.by_mean == pytest.approx((after - before) / (2 * step), rel=1e-5, abs=1e-5)
    limit = shares(np.array([-50.0]), np.log(np.array([0.2])), astray).log_q[0]
    assert log_shares_beyond(True, astray) == pytest.approx(limit)


def test_far_tails_stay_finite_and_outer_gates_may_be_closed() -> None:
    closed = Sorter(GATES[:-1], GATES[1:], np.zeros(3), np.zeros(3))
    for sorter in (SORTER, closed):
        found = shares(np.array([-3.0, 9.0]), np.log(np.array([0.05, 0.05])), sorter)
        assert all(np.isfinite(values).all() for values in found)
        assert np.exp(found.log_q).sum(1) == pytest.approx(1.0)


def test_each_variant_is_where_scipy_finds_its_maximum() -> None:
    cells, _ = draw(25, 30.0, 1)
    found = fitted(cells)

    def objective(place: NDArray[np.float64], own: NDArray[np.float64]) -> float:
        log_q = shares(place[:1], place[1:], SORTER).log_q[0]
        return float(-(own * log_q).sum() + 0.5 * ((place[1] - PRIOR.mean) / PRIOR.sd) ** 2)

    for number, own in enumerate(cells):
        options = {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 4000}
        best = optimize.minimize(objective, [2.7, PRIOR.mean], (own,), method="Nelder-Mead", options=options)
        assert (found.mean[number], found.log_sd[number]) == pytest.approx(tuple(best.x), abs=2e-5)


def test_where_a_fit_begins_does_not_matter() -> None:
    cells, _ = draw(200, 30.0, 2)
    far = fit(cells, SORTER, PRIOR, np.full(len(cells), 6.0))
    assert far.mean == pytest.approx(fitted(cells).mean, abs=1e-5)


def test_a_variant_is_fitted_alike_alone_and_among_thousands() -> None:
    cells, _ = draw(5000, 20.0, 3)
    whole = fitted(cells)
    for number in (0, 4097, len(cells) - 1):
        assert fitted(cells[number : number + 1]).mean[0] == whole.mean[number]


def test_errors_fall_with_the_root_of_the_cells() -> None:
    cells, _ = draw(200, 50.0, 4)
    one, hundred = (fitted(factor * cells, WidthPrior(PRIOR.mean, 1e-4)) for factor in (1.0, 100.0))
    assert hundred.mean == pytest.approx(one.mean, abs=1e-4)
    assert one.mean_se / hundred.mean_se == pytest.approx(10.0, rel=0.01)
    spread = [np.std(fitted(cells).mean - mean) for cells, mean in (draw(3000, n, 5) for n in (100.0, 400.0))]
    assert spread[0] / spread[1] == pytest.approx(2.0, rel=0.15)


@pytest.mark.parametrize("cells", [4.0, 30.0, 1000.0])
def test_the_prior_of_widths_is_found_from_variants_that_do_not_know_their_own(cells: float) -> None:
    found = fit_width(draw(3000, cells, 6)[0], SORTER).prior
    assert found.mean == pytest.approx(PRIOR.mean, abs=0.1)
    assert found.sd == pytest.approx(PRIOR.sd, abs=0.12)


def test_without_variants_widths_are_what_is_common() -> None:
    assert fit_width(np.zeros((0, 5)), SORTER).prior == (pytest.approx(np.log(0.25)), 0.3)


def test_gates_that_leave_widths_open_do_not_make_them_endless() -> None:
    closed = Sorter(np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.zeros(2), np.zeros(2))
    found = fit_width(np.array([[5.0, 5.0], [9.0, 1.0], [1.0, 1.0]]), closed).prior
    assert 0.1 < np.exp(found.mean) < 2.0, "not wider than all gates together"
