"""Tails of the distributions behind a sorter: against scipy, closed forms, and their own densities."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.models.tails import Distribution, log_between, log_survival

NORMAL, LOGISTIC = Distribution("normal"), Distribution("logistic")
CAUCHY, STUDENT = Distribution("student_t", 1.0), Distribution("student_t", 7.0)
ALL = {
    "normal": (NORMAL, scipy.stats.norm),
    "logistic": (LOGISTIC, scipy.stats.logistic),
    "Cauchy": (CAUCHY, scipy.stats.t(1.0)),
    "Student": (STUDENT, scipy.stats.t(7.0)),
}


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("name", ALL)
def test_survival_is_that_of_scipy(name: str) -> None:
    ours, theirs = ALL[name]
    z = np.linspace(-30, 30, 600)
    assert np.allclose(log_survival(torch.from_numpy(z), ours).numpy(), theirs.logsf(z), rtol=1e-12, atol=1e-15)
    # Near 0, where scipy's Student's t has lost half of its digits, a straight line.
    z = np.array([-1e-6, -1e-9, 0.0, 1e-9, 1e-6])
    line = np.log(0.5 - z * theirs.pdf(0.0))
    assert np.allclose(log_survival(torch.from_numpy(z), ours).numpy(), line, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("name", ALL)
def test_probability_between_is_that_of_scipy_where_that_has_digits(name: str) -> None:
    ours, theirs = ALL[name]
    low, width = (item.ravel() for item in np.meshgrid(np.linspace(-6, 6, 49), [0.05, 0.3, 1.0, 4.0]))
    found = log_between(torch.from_numpy(low), torch.from_numpy(width), ours).numpy()
    # Differences of the smaller tail; they lose the digits that both ends share.
    upper = np.abs(low) < np.abs(low + width)
    expected = np.where(upper, theirs.sf(low) - theirs.sf(low + width), theirs.cdf(low + width) - theirs.cdf(low))
    assert np.allclose(np.exp(found), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("low", [5.0, 38.0, 1e3, 1e7])
@pytest.mark.parametrize("width", [0.5, 3.0])
def test_the_far_normal_tail_is_that_of_log_ndtr(low: float, width: float) -> None:
    near, far = scipy.special.log_ndtr(-low), scipy.special.log_ndtr(-low - width)
    expected = near + math.log(-math.expm1(far - near))
    assert log_between(tensor(low), tensor(width), NORMAL).item() == pytest.approx(expected, rel=1e-14)
    assert log_between(tensor(-low - width), tensor(width), NORMAL).item() == pytest.approx(expected, rel=1e-14)


def test_far_tails_of_the_others_are_their_closed_forms() -> None:
    for low, width in ((3.0, 0.1), (1e4, 2.0), (1e9, 0.5), (1e12, 1e-3)):
        # atan b - atan a = atan((b - a) / (1 + a b))
        cauchy = math.log(math.atan(width / (1 + low * (low + width))) / math.pi)
        assert log_between(tensor(low), tensor(width), CAUCHY).item() == pytest.approx(cauchy, rel=1e-13)
    for low, width in ((700.0, 0.1), (1e6, 3.0)):
        logistic = -low + math.log(-math.expm1(-width))
        assert log_between(tensor(low), tensor(width), LOGISTIC).item() == pytest.approx(logistic, rel=1e-14)
    for z in (0.3, 40.0, 1e8):
        root = math.sqrt(z * z + 2)
        two = -math.log(root * (root + z))  # P(T_2 > z) = (1 - z / sqrt(z^2 + 2)) / 2
        assert log_survival(tensor(z), Distribution("student_t", 2.0)).item() == pytest.approx(two, rel=1e-13)


@pytest.mark.parametrize("name", ALL)
def test_a_narrow_interval_has_the_density_times_its_width(name: str) -> None:
    ours, theirs = ALL[name]
    z = np.array([-9.0, -1.0, 0.0, 0.4, 2.0, 15.0])
    for width in (1e-6, 1e-14):
        found = log_between(torch.from_numpy(z), tensor(width), ours).numpy() - math.log(width)
        # To first order in the width the density in the middle; what is left is of order width * z.
        assert np.allclose(found, theirs.logpdf(z), rtol=0, atol=10 * width + 1e-13)


@pytest.mark.parametrize("name", ALL)
def test_neighbouring_intervals_add_up_to_their_union(name: str) -> None:
    """Also across the place where the density is integrated instead of differences taken."""
    ours, low = ALL[name][0], torch.linspace(-40.0, 40.0, 161).double()
    width = torch.logspace(-4, 1, 60).double()[:, None]
    first, second = log_between(low, width, ours), log_between(low + width, 1.7 * width, ours)
    assert torch.allclose(torch.logaddexp(first, second), log_between(low, 2.7 * width, ours), rtol=1e-11, atol=1e-11)


@settings(max_examples=150, deadline=None)
@given(low=st.floats(-1e6, 1e6), log_width=st.floats(-30, 8), name=st.sampled_from(sorted(ALL)))
def test_wherever_the_interval_lies_all_stays_finite(low: float, log_width: float, name: str) -> None:
    ours, place, size = ALL[name][0], tensor(low).requires_grad_(), tensor(log_width).requires_grad_()
    value = log_between(place, size.exp(), ours)
    first = torch.autograd.grad(value.sum(), (place, size), create_graph=True)
    second = torch.autograd.grad(first[0].sum() + first[1].sum(), (place, size))
    assert value.item() <= 0
    assert all(bool(torch.isfinite(item).all()) for item in (value, *first, *second))
    mirrored = log_between(-place - size.exp(), size.exp(), ours).item()
    assert mirrored == pytest.approx(value.item(), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_derivatives_are_those_of_finite_differences(name: str) -> None:
    """For Student's t this holds values, from scipy, and slopes, from the density, against each other."""
    ours = ALL[name][0]
    low = tensor(-12.0, -2.0, -0.6, 0.1, 1.5, 30.0).requires_grad_()
    width = tensor(0.7, 0.01, 1.2, 3.0, 0.02, 2.0).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: log_survival(x, ours), low)
    assert torch.autograd.gradcheck(lambda x, y: log_between(x, y, ours), (low, width))
    assert torch.autograd.gradgradcheck(lambda x, y: log_between(x, y, ours), (low, width), atol=1e-4)


def test_student_tails_do_not_end_where_floating_point_does() -> None:
    """P(T > z) below 1e-308: the slope of the log is still minus the density over it, and 1000 is nearly normal."""
    for nu, z in ((30.0, 1e12), (100.0, 2e4), (1000.0, 60.0)):
        heavy = Distribution("student_t", nu)
        places = tensor(z, z * (1 + 1e-6))
        one, other = log_survival(places, heavy).tolist()
        assert one < -700
        middle = z * (1 + 5e-7)
        log_density = scipy.stats.t.logpdf(middle, nu)
        slope = -math.exp(log_density - 0.5 * (one + other))
        assert (other - one) / (z * 1e-6) == pytest.approx(slope, rel=1e-5)
    thousand = log_survival(tensor(1.5), Distribution("student_t", 1000.0)).item()
    assert thousand == pytest.approx(scipy.stats.norm.logsf(1.5), abs=5e-3)


def test_degrees_of_freedom_outside_the_range_are_refused() -> None:
    for nu in (0.5, 2000.0):
        with pytest.raises(ValueError, match="degrees of freedom; a Student's t takes 1 to 1000"):
            log_survival(tensor(0.0), Distribution("student_t", nu))
