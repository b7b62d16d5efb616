"""Profile likelihood: how far one number can be moved while all others make up for it as well as they can.

The 95 % interval holds the values at which the best objective is within 1.92 nats of its minimum (half the 95 %
point of chi-squared with one degree of freedom). Points are interpolated in the signed root of twice the rise,
in which a normal likelihood is a straight line.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.stats import norm

from kcalseq.confidence import rise_at_limit
from kcalseq.models.canonical import swappable_sites
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fit import single_threaded_pool
from kcalseq.training.fitting import Setup
from kcalseq.training.laplace import GaugeFixed
from kcalseq.training.objective import LogPosterior
from kcalseq.training.rounds import FitSettings, Progress, whitened_round

_SETTINGS = FitSettings(round_iterations=100, max_rounds=5, tolerance=0.05)
_MAX_POINTS = 12
# A scan ends this much beyond the threshold of its interval, so that the crossing lies between two points.
_BEYOND = 1.3
# Distance between points in standard errors, and its bounds in kcal/mol.
_STEP = 0.7
_STEP_RANGE = (0.05, 1.0)


class ProfilePoint(NamedTuple):
    """One refit: where the number was held, the objective reached (nats), and whether the refit converged."""

    value: float
    objective: float
    converged: bool


class Profile(NamedTuple):
    """Points in order of value, the estimate among them."""

    estimate: float
    points: list[ProfilePoint]

    @property
    def minimum(self) -> float:
        """Lowest objective met, nats."""
        return min(point.objective for point in self.points)

    def interval(self, confidence: float) -> tuple[float | None, float | None]:
        """Ends of the interval at a confidence in 0..1; None where the likelihood never falls off that far."""
        z = float(norm.ppf(0.5 + confidence / 2))
        return self._crossing(-z), self._crossing(z)

    def _crossing(self, root: float) -> float | None:
        # A refit that has not come to rest stands too high and would close the interval too early.
        side = [point for point in self.points if (point.value - self.estimate) * root >= 0 and point.converged]
        side.sort(key=lambda point: abs(point.value - self.estimate))
        values = np.array([point.value for point in side])
        rises = np.array([max(point.objective - self.minimum, 0.0) for point in side])
        roots = np.maximum.accumulate(np.sqrt(2 * rises))
        rising = np.concatenate([[True], np.diff(roots) > 0])
        values, roots = values[rising], roots[rising]
        # Open if the scan ended below the threshold, or if it found a far better optimum than the estimate.
        if not roots[0] < abs(root) <= roots[-1]:
            return None
        return float(PchipInterpolator(roots, values)(abs(root)))


def profile_scalars(
    spec: ModelSpec,
    setup: Setup,
    flat: NDArray[np.float64],
    fixed: GaugeFixed,
    confidence: float,
    n_threads: int,
    progress: Progress,
) -> dict[str, Profile]:
    """Profile every interaction energy and rate of a fitted model; empty where the model has none.

    Args:
        spec, setup: the fit.
        flat: the fitted vector, shape (size,).
        fixed: its standard errors, which set the distance between points.
        confidence: level of the interval to be read off, 0 to 1.
        n_threads: CPU cores to use; the result does not depend on it.
        progress: called with 1 after every point.
    """
    member = torch.from_numpy(flat).to(setup.posterior.network.device)
    swappable, profiles = swappable_sites(spec), {}
    # Where labels can be exchanged, the other side of 0 is the other copy, whose likelihood mirrors this one.
    mirrored = {
        energy: any(name in swappable for name in item.between) for item in spec.interactions for energy in item.steps
    }
    for name in (*mirrored, *(f"{rate}.log_rate" for rate in spec.free_rates)):
        index = setup.posterior.network.layout.blocks[name].start
        step = float(np.clip(_STEP * fixed.errors[index], *_STEP_RANGE))
        profiles[name] = profile_parameter(
            setup.posterior, member, index, step, confidence, n_threads, progress, mirrored.get(name, False)
        )
    return profiles


def profile_parameter(
    posterior: LogPosterior,
    flat: torch.Tensor,
    index: int,
    step: float,
    confidence: float,
    n_threads: int,
    progress: Progress,
    keep_sign: bool = False,
) -> Profile:
    """Profile one number of a fitted member.

    Args:
        posterior: the objective of the fit.
        flat: the fitted vector, shape (size,).
        index: which number to hold.
        step: distance between points, for example half a standard error, in the number's unit.
        confidence: level of the interval to be read off, 0 to 1.
        n_threads: CPU cores to use; the two directions can run side by side.
        progress: called with 1 after every point.
        keep_sign: stop before 0.
    """
    members = torch.zeros(1, dtype=torch.long, device=flat.device)
    best = float(posterior.value_and_gradient(flat[None], members)[0])
    estimate = float(flat[index])
    enough = _BEYOND * rise_at_limit(confidence)

    def walk(direction: int) -> list[ProfilePoint]:
        points, previous, here = [], flat, flat
        for number in range(1, _MAX_POINTS + 1):
            held = torch.full_like(flat, torch.nan)
            target = estimate + direction * number * step
            if keep_sign and target * estimate <= 0:
                break
            held[index] = target
            # The refits follow a smooth path: begin where its last step points to.
            guess = here + (here - previous)
            previous, (here, point) = here, _refit(posterior, guess, held, index)
            points.append(point)
            progress(1)
            if point.objective - best > enough:
                break
        return points

    with single_threaded_pool(min(n_threads, 2)) as pool:
        below, above = pool.map(walk, (-1, 1))
    return Profile(estimate, [*reversed(below), ProfilePoint(estimate, best, True), *above])


def _refit(
    posterior: LogPosterior, flat: torch.Tensor, held: torch.Tensor, index: int
) -> tuple[torch.Tensor, ProfilePoint]:
    constrained = LogPosterior(posterior.network, posterior.training, held[None])
    here = constrained.hold(flat[None])
    rows = torch.zeros(1, dtype=torch.long, device=flat.device)
    objective, converged = float("inf"), False
    for _ in range(_SETTINGS.max_rounds):
        found = whitened_round(constrained, here, rows, _SETTINGS)
        gain, objective, here = objective - float(found.value), float(found.value), found.flat
        converged = gain < _SETTINGS.tolerance and bool(found.sound)
        if converged:
            break
    return here[0], ProfilePoint(float(held[index]), objective, converged)
