"""Measurement process agnostic (MPA) regression: p(bin | phi) as a network of tanh units.

log w_y(phi) = a_y + sum_k b_yk tanh(c_k phi + d_k), p(y | phi) = softmax over y. MAVE-NN (Tareen et al. 2022,
Eq. 23) gives each bin its own units (c_yk, d_yk); here the bins share ten, as in the hidden layer of Tareen &
Kinney (2019): far fewer tanh evaluations and weights at the same held-out likelihood (docs/models.md).
"""

from typing import Any, NamedTuple

import torch

# Variants worked on at a time on a CPU: all intermediates of a piece stay in its cache.
_CPU_CHUNK = 8192


class MeasurementWeights(NamedTuple):
    """Weights for a batch of members.

    Attributes:
        a: shape (n_members, n_bins).
        b: shape (n_members, n_bins, n_units).
        c: slopes, shape (n_members, n_units), per sd of phi.
        d: offsets, shape (n_members, n_units).
    """

    a: torch.Tensor
    b: torch.Tensor
    c: torch.Tensor
    d: torch.Tensor


def hidden_units(z: torch.Tensor, weights: MeasurementWeights) -> torch.Tensor:
    """tanh units at standardised phenotypes z (n_members, n); shape (n_members, n_units, n)."""
    return torch.tanh(torch.addcmul(weights.d[:, :, None], weights.c[:, :, None], z[:, None]))


def log_probability(z: torch.Tensor, weights: MeasurementWeights) -> torch.Tensor:
    """log p(bin | phi).

    Args:
        z: standardised latent phenotype, shape (n_members, n).
        weights: of as many members.

    Returns:
        nats, shape (n_members, n_bins, n); exponentials add up to 1 over bins.
    """
    return _log_probability_of_units(hidden_units(z, weights), weights)


def _log_probability_of_units(units: torch.Tensor, weights: MeasurementWeights) -> torch.Tensor:
    return torch.log_softmax(torch.baddbmm(weights.a[:, :, None], weights.b, units), 1)


def negative_log_likelihood(z: torch.Tensor, weights: MeasurementWeights, counts: torch.Tensor) -> torch.Tensor:
    """-sum over variants and bins of counts * log p(bin | phi), with its gradient in closed form.

    The same number as from ``log_probability``; value and gradient come from one pass over pieces of the
    variants that fit a processor's cache, which halves the time of a fit.

    Args:
        z: standardised latent phenotype, shape (n_members, n).
        weights: of as many members.
        counts: independent observations, shape (n_members or 1, n_bins, n).

    Returns:
        nats, shape (n_members,).
    """
    value: torch.Tensor = _NegativeLogLikelihood.apply(z, *weights, counts)  # type: ignore[no-untyped-call]
    return value


class _NegativeLogLikelihood(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        z: torch.Tensor,
        a: torch.Tensor,
        b: torch.Tensor,
        c: torch.Tensor,
        d: torch.Tensor,
        counts: torch.Tensor,
    ) -> torch.Tensor:
        weights = MeasurementWeights(a, b, c, d)
        chunk = _CPU_CHUNK if z.device.type == "cpu" else z.shape[1]
        value = torch.zeros_like(z[:, 0])
        sums = [torch.zeros_like(weight) for weight in weights]
        by_z = torch.empty_like(z)
        for start in range(0, z.shape[1], chunk):
            rows = slice(start, start + chunk)
            piece, by_piece, by_weights = closed_form(z[:, rows], weights, counts[:, :, rows])
            value += piece
            by_z[:, rows] = by_piece
            for total, part in zip(sums, by_weights, strict=True):
                total += part
        ctx.save_for_backward(by_z, *sums)
        return value

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        by_z, by_a, by_b, by_c, by_d = ctx.saved_tensors
        outer = gradients[0][:, None]
        return by_z * outer, by_a * outer, by_b * outer[:, :, None], by_c * outer, by_d * outer, None


def closed_form(
    z: torch.Tensor, weights: MeasurementWeights, counts: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, MeasurementWeights]:
    """``negative_log_likelihood``, its derivative by z and its derivatives by the weights, all at once."""
    units = hidden_units(z, weights)
    log_p = _log_probability_of_units(units, weights)
    value = -(log_p * counts).sum((1, 2))
    residual = log_p.exp_().mul_(counts.sum(1, keepdim=True)).sub_(counts)
    by_b = residual @ units.mT
    by_input = (weights.b.mT @ residual).mul_(units.square_().neg_().add_(1.0))
    by_z = (weights.c[:, None] @ by_input)[:, 0]
    by_c = (by_input @ z[:, :, None])[:, :, 0]
    return value, by_z, MeasurementWeights(residual.sum(2), by_b, by_c, by_input.sum(2))
