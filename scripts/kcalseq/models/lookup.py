"""The likelihood of sort bins by a table of log p(bin | phi) along phi, for many variants at once.

phi is one number a variant, so log p at tens of thousands of them is read off a curve: it is worked out on a lattice
and interpolated by the cubic through the four nodes around each variant (Lagrange's formula). Since that is linear in
the nodes' values, the observations of all variants become counts at the nodes, and value and gradient follow from
those as from any counts. Four nodes a distance h apart leave an error of at most 3/128 h^4 times the fourth derivative
(Davis 1975, Interpolation and Approximation, section 3.1); with the step below that is 1e-6 nats an observation where
a tanh unit turns within a third of a standard deviation of phi, far less elsewhere.
"""

import math
from typing import Any, NamedTuple

import torch

from kcalseq.models.measurement import MeasurementWeights, closed_form, log_probability

# Standard deviations of phi from node to node; a power of two, so that nodes are exact.
STEP = 1 / 256


class Observed(NamedTuple):
    """Observations of one member, those that are there.

    Attributes:
        bin, variant: numbers, shape (n,) each.
        times: how often, shape (n,).
    """

    bin: torch.Tensor
    variant: torch.Tensor
    times: torch.Tensor


def observed(counts: torch.Tensor) -> Observed:
    """The entries of counts (n_bins, n_variants) that are not 0."""
    bins, variants = counts.nonzero(as_tuple=True)
    return Observed(bins, variants, counts[bins, variants])


def lattice(z: torch.Tensor) -> range | None:
    """Numbers of the nodes that reach around phenotypes (n,), in steps from 0; None if these are not all finite."""
    low, high = (end.item() / STEP for end in torch.aminmax(z))
    return range(math.floor(low) - 1, math.floor(high) + 3) if math.isfinite(high - low) else None


def negative_log_likelihood(z: torch.Tensor, weights: MeasurementWeights, data: Observed, nodes: range) -> torch.Tensor:
    """-sum over observations of log p(bin | phi) by interpolation, with the gradient of what is interpolated.

    Args:
        z: standardised latent phenotype of one member, shape (1, n_variants).
        weights: of one member.
        data: of one member.
        nodes: ``lattice`` of z.

    Returns:
        nats, shape (1,).
    """
    value: torch.Tensor = _Interpolated.apply(z, *weights, data, nodes)  # type: ignore[no-untyped-call]
    return value


class _Interpolated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: torch.Tensor, *rest: Any) -> torch.Tensor:
        weights, data, nodes = MeasurementWeights(*rest[:4]), rest[4], rest[5]
        lattice_z = torch.arange(nodes.start, nodes.stop, dtype=z.dtype, device=z.device).mul_(STEP)[None]
        table = log_probability(lattice_z, weights).flatten()
        place = z[0].div(STEP)[data.variant]
        node = place.floor()
        share, slope = _cubic(place.sub_(node))
        # Place in the table of the leftmost of the four nodes around each observation, in its bin's row.
        index = node.long().add_(data.bin, alpha=len(nodes)).sub_(nodes.start + 1)
        counts, by_place = torch.zeros_like(table), torch.zeros_like(place)
        for offset in range(4):
            counts.index_add_(0, index, share[offset].mul_(data.times))
            by_place.addcmul_(slope[offset], table[index])
            index.add_(1)
        value, _, by_weights = closed_form(lattice_z, weights, counts.view(1, -1, len(nodes)))
        by_z = torch.zeros_like(z[0]).index_add_(0, data.variant, by_place.mul_(data.times), alpha=-1.0 / STEP)
        ctx.save_for_backward(by_z[None], *by_weights)
        return value

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return (*(saved * gradients[0] for saved in ctx.saved_tensors), None, None)


def _cubic(t: torch.Tensor) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
    """Shares of the nodes at -1, 0, 1 and 2 in the value at t, 0 to 1, and their derivatives by t."""
    square, above = t * t, t - 2.0
    outer = (square - 1.0).mul_(t).div_(6.0)  # (t + 1) t (t - 1) / 6
    inner = (square - t).mul_(above).div_(-6.0)  # t (t - 1) (t - 2) / -6
    half = square.div(2.0)
    shares = (
        inner,
        (square - 1.0).mul_(above).div_(2.0),
        (square + t).mul_(above).div_(-2.0),
        outer,
    )
    slopes = (
        (t - half).sub_(1.0 / 3.0),
        (3.0 * half).sub_(t, alpha=2.0).sub_(0.5),
        (t + 1.0).sub_(half, alpha=3.0),
        half.sub(1.0 / 6.0),
    )
    return shares, slopes
