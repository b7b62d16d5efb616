"""Global epistasis: the expected value of a continuous measurement as a smooth function of the latent phenotype.

y_hat(phi) = a + sum_k b_k tanh(c_k phi + d_k), the nonlinearity of MAVE-NN (Tareen et al. 2022), or a straight line
for libraries that cannot tell a bend from an energy (single mutants only). How y scatters about y_hat is told by
``noise``.
"""

from typing import NamedTuple

import torch


class EpistasisWeights(NamedTuple):
    """Weights for a batch of members.

    Attributes:
        a: in units of y, shape (n_members,).
        b: heights in units of y, or their logs, shape (n_members, n_units).
        c: slopes per sd of phi, or their logs, shape (n_members, n_units).
        d: offsets, shape (n_members, n_units).
    """

    a: torch.Tensor
    b: torch.Tensor
    c: torch.Tensor
    d: torch.Tensor


def expected_value(z: torch.Tensor, weights: EpistasisWeights, monotone: bool) -> torch.Tensor:
    """y_hat = a + sum_k b_k tanh(c_k z + d_k).

    Args:
        z: standardised latent phenotype, shape (n_members, n).
        weights: of as many members.
        monotone: b and c are given as logs, so that y_hat rises with z.

    Returns:
        shape (n_members, n), in units of y.
    """
    b, c = (weights.b.exp(), weights.c.exp()) if monotone else (weights.b, weights.c)
    units = torch.tanh(torch.addcmul(weights.d[:, :, None], c[:, :, None], z[:, None]))
    return torch.baddbmm(weights.a[:, None, None], b[:, None], units)[:, 0]


def linear_value(z: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """y_hat = a + b z.

    Args:
        z: standardised latent phenotype, shape (n_members, n).
        a: in units of y, shape (n_members,).
        b: in units of y per sd of phi, shape (n_members,).

    Returns:
        shape (n_members, n), in units of y.
    """
    return torch.addcmul(a[:, None], b[:, None], z)
