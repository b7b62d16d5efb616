"""Continuous measurements: one value a variant, which a curve of the latent phenotype and noise about it explain.

y = y_hat(phi) + noise; ``epistasis`` has the curves and ``noise`` the noise models, both as in MAVE-NN (Tareen et al.
2022). Values are centred and scaled by the training variants' mean and standard deviation, so that priors mean the same
in any unit; all likelihoods are densities in the units of the values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models import noise
from kcalseq.models.epistasis import EpistasisWeights, expected_value, linear_value
from kcalseq.models.process import BlockShape, Data, Process, Slopes, Weights

Curve = Literal["linear", "monotone", "free"]
NoiseModel = Literal["gaussian", "cauchy", "skew_t", "empirical"]

# In standard deviations of the values: the level says nothing that a prior should know.
_WIDE_SD = 30.0
# Nats: noise between a thousandth and a thousand times the spread of the values.
_LOG_SCALE_SD = 3.0
# Nats: tails from Cauchy's to nearly normal; beyond that the likelihood is flat.
_LOG_SHAPE_SD = 1.5
# In standard deviations of the values: noise is never less, or a curve through values that happen to be equal would
# have a likelihood without bound.
_LEAST_SCALE = 0.01
# A number of the noise that changes with y_hat changes by less than e-fold for each sd of the values.
_CHANGE_SD = 1.0


@dataclass(frozen=True)
class ValueData(Data):
    """One value a variant.

    Attributes:
        y: values, shape (1 or n_members, n_variants), in their own units; any number where there is none.
        weight: how often each counts, 0 where there is no value; shape as y.
        dy: standard errors in the units of y, shape as y; None where they are not known.
    """

    y: torch.Tensor
    weight: torch.Tensor
    dy: torch.Tensor | None = None

    @property
    def n_observations(self) -> torch.Tensor:
        """See ``Data``."""
        return self.weight[0]

    def take(self, rows: torch.Tensor) -> ValueData:
        """See ``Data``."""
        return self._each(lambda values: values[:, rows].contiguous())

    def to(self, device: torch.device) -> ValueData:
        """See ``Data``."""
        return self._each(lambda values: values.to(device))

    def of_members(self, members: torch.Tensor) -> ValueData:
        """See ``Data``."""
        return self._each(lambda values: values if len(values) in {1, len(members)} else values[members])

    def reweighted(self, weights: torch.Tensor) -> ValueData:
        """See ``Data``."""
        return ValueData(self.y, self.weight * weights, self.dy)

    def one_a_member(self) -> ValueData:
        """Each variant of the first member as a member of its own, shapes (n_variants, 1)."""
        return self._each(lambda values: values[0][:, None])

    def _each(self, change: Any) -> ValueData:
        return ValueData(change(self.y), change(self.weight), None if self.dy is None else change(self.dy))


class ValueScale(NamedTuple):
    """Mean and standard deviation of the values of the training variants."""

    mean: float
    sd: float


class GlobalEpistasis(Process):
    """A smooth curve of standardised phi and noise about it.

    Args:
        curve: ``linear``; ``monotone``, a sum of rising tanh units; ``free``, a sum of tanh units.
        n_units: how many tanh units, of curves that are not linear.
        weight_sd: prior standard deviation of their weights, of their logs in a monotone curve.
        noise_model: see ``noise.LOG_DENSITIES``; ``empirical`` adds further normal scatter to the given errors.
        order: of the polynomial in y_hat that each number of the noise is; 0 = the same everywhere.
        scale: of the values.
    """

    name = "ge"
    standardised = True

    def __init__(
        self, curve: Curve, n_units: int, weight_sd: float, noise_model: NoiseModel, order: int, scale: ValueScale
    ) -> None:
        self.curve, self.n_units, self.weight_sd = curve, n_units, weight_sd
        self.noise_model, self.order, self.scale = noise_model, order, scale
        # A monotone curve that falls cannot be written, so there phi has one sense only.
        self.turned = {"linear": ("b",), "free": ("c",), "monotone": ()}[curve]

    @property
    def shapes_of_noise(self) -> tuple[str, ...]:
        """Letters of the numbers that shape the noise."""
        return ("log_s", "log_a", "log_b") if self.noise_model == "skew_t" else ("log_s",)

    @property
    def blocks(self) -> tuple[BlockShape, ...]:
        """See ``Process``. Blocks of a number of the noise: at y_hat = 0 first, then how it changes with y_hat."""
        sd, units = self.weight_sd, (self.n_units,)
        curve: tuple[BlockShape, ...] = (BlockShape("a", (), _WIDE_SD), BlockShape("b", (), _WIDE_SD))
        if self.curve != "linear":
            curve = (curve[0], *(BlockShape(letter, units, sd) for letter in "bcd"))
        found = list(curve)
        for letter in self.shapes_of_noise:
            found.append(BlockShape(letter, (1,), _LOG_SCALE_SD if letter == "log_s" else _LOG_SHAPE_SD))
            if self.order:
                found.append(BlockShape(f"{letter}_change", (self.order,), _CHANGE_SD))
        return tuple(found)

    def initial(self, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """A curve that rises with phi about as much as the values vary, its units spread over the range of phi."""
        n = self.n_units
        found: dict[str, NDArray[np.float64]] = {"a": np.zeros(()), "b": np.full((), 0.5)}
        if self.curve == "monotone":
            found |= {"b": rng.normal(0.0, 0.3, n), "c": rng.normal(0.0, 0.3, n), "d": np.linspace(-2.0, 2.0, n)}
        if self.curve == "free":
            found |= {"b": (1.0 + rng.normal(0.0, 0.3, n)) / n, "c": np.ones(n), "d": np.linspace(-2.0, 2.0, n)}
        noises = {letter: np.full(1, value) for letter, value in (("log_s", -0.5), ("log_a", 1.0), ("log_b", 1.0))}
        for letter in self.shapes_of_noise:
            found |= {letter: noises[letter], f"{letter}_change": np.zeros(self.order)}
        return {block.letter: found[block.letter] for block in self.blocks}

    def scaled_expectation(self, z: torch.Tensor, weights: Weights) -> torch.Tensor:
        """y_hat in standard deviations of the values from their mean, shape (n_members, n)."""
        if self.curve == "linear":
            return linear_value(z, weights["a"], weights["b"])
        b = weights["b"]
        if self.curve == "monotone":
            # Many units together rise as much as few.
            b = b - math.log(self.n_units)
        of = EpistasisWeights(weights["a"], b, weights["c"], weights["d"])
        return expected_value(z, of, self.curve == "monotone")

    def expectation(self, z: torch.Tensor, weights: Weights) -> torch.Tensor:
        """y_hat in the units of the values, shape (n_members, n): mean, centre or mode of y, as the noise has it."""
        return self.scale.mean + self.scale.sd * self.scaled_expectation(z, weights)

    def log_likelihoods(self, z: torch.Tensor, weights: Weights, data: ValueData) -> torch.Tensor:
        """See ``Process``."""
        y_hat = self.scaled_expectation(z, weights)
        y = (data.y - self.scale.mean) / self.scale.sd
        shapes = self._shapes(y_hat, weights)
        if self.noise_model == "empirical":
            assert data.dy is not None, "values without standard errors"
            log_p = noise.empirical(y, y_hat, data.dy / self.scale.sd, shapes["log_s"])
        else:
            log_p = noise.LOG_DENSITIES[self.noise_model](y, y_hat, **shapes)
        return data.weight * (log_p - math.log(self.scale.sd))

    def negative_log_likelihood(self, z: torch.Tensor, weights: Weights, data: ValueData) -> torch.Tensor:
        """See ``Process``."""
        return -self.log_likelihoods(z, weights, data).sum(1)

    def slopes(self, z: torch.Tensor, weights: Weights, data: ValueData) -> Slopes:
        """By one backward pass, with each variant a member that has the weights to itself; see ``Process``."""
        own_z = z.detach().T.clone().requires_grad_()
        letters = [block.letter for block in self.blocks]
        own = {
            letter: weights[letter].detach().expand(len(own_z), *weights[letter].shape[1:]).clone().requires_grad_()
            for letter in letters
        }
        with torch.enable_grad():
            total = self.negative_log_likelihood(own_z, own, data.one_a_member()).sum()
        by_z, *by_weights = torch.autograd.grad(total, [own_z, *(own[letter] for letter in letters)])
        return Slopes(by_z[:, 0], torch.cat([part.reshape(len(own_z), -1) for part in by_weights], 1))

    def brightness(self, data: ValueData) -> tuple[torch.Tensor, torch.Tensor]:
        """The value; see ``Process``."""
        return data.y[0] * data.weight[0], data.weight[0]

    def readout(self, z: torch.Tensor, weights: Weights) -> dict[str, torch.Tensor]:
        """See ``Process``."""
        return {"value": self.expectation(z, weights)[0]}

    def simulate(self, z: torch.Tensor, weights: Weights, data: ValueData, rng: np.random.Generator) -> ValueData:
        """Draw a value of each variant, of the same weights and errors; see ``Process``."""
        with torch.no_grad():
            y_hat = self.scaled_expectation(z, weights)
            numbers = self._noise_numbers(y_hat, weights, data.dy)
        y = noise.simulate(self.noise_model, y_hat.cpu().numpy(), numbers, rng) * self.scale.sd + self.scale.mean
        return ValueData(torch.from_numpy(y).to(z.device), data.weight.expand(y.shape), data.dy)

    def interval(self, z: torch.Tensor, weights: Weights, dy: torch.Tensor | None, confidence: float) -> noise.Interval:
        """Central interval of a value at phenotypes (n_members, n), in the units of the values.

        ``dy``: standard errors there of ``empirical`` noise, (1 or n_members, n or 1); ``confidence``: 0 to 1.
        """
        with torch.no_grad():
            y_hat = self.scaled_expectation(z, weights)
            numbers = self._noise_numbers(y_hat, weights, dy)
        ends = noise.interval(self.noise_model, y_hat.cpu().numpy(), numbers, confidence)
        return noise.Interval(*(end * self.scale.sd + self.scale.mean for end in ends))

    @property
    def description(self) -> dict[str, Any]:
        """See ``Process``."""
        return {"value_mean": self.scale.mean, "value_sd": self.scale.sd}

    def _shapes(self, y_hat: torch.Tensor, weights: Weights) -> Mapping[str, torch.Tensor]:
        """Numbers of the noise at each y_hat; of shape (n_members, 1) where they are the same everywhere."""
        shapes = {letter: weights[letter] for letter in self.shapes_of_noise}
        if self.order:
            shapes = {
                letter: noise.polynomial(torch.cat([constant, weights[f"{letter}_change"]], 1), y_hat)
                for letter, constant in shapes.items()
            }
        least = torch.full_like(shapes["log_s"], math.log(_LEAST_SCALE))
        return {**shapes, "log_s": torch.logaddexp(shapes["log_s"], least)}

    def _noise_numbers(self, y_hat: torch.Tensor, weights: Weights, dy: torch.Tensor | None) -> noise.Numbers:
        shapes = {letter: values.cpu().numpy() for letter, values in self._shapes(y_hat, weights).items()}
        if self.noise_model == "empirical":
            assert dy is not None, "values without standard errors"
            shapes["dy"] = (dy / self.scale.sd).cpu().numpy()
        return shapes
