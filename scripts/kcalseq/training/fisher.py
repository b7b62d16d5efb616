"""Fisher information from the scores of single variants: preconditioner of the fit and covariance of its result.

The scores of a variant follow from the chain rule: one backward pass through the (small) map from term energies
to phenotype; everything else is a product with the one-hot sequence or with the tanh units. The phenotype is
standardised over the training variants, so each score also carries its share of the change of mean and standard
deviation; without it the energy scale would look far better known than it is. The outer products of the scores
estimate the information (Berndt, Hall, Hall & Hausman 1974).
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch

from kcalseq.dna import ALPHABET
from kcalseq.models.measurement import hidden_units
from kcalseq.models.network import Network, standardisation, standardise
from kcalseq.training.objective import LogPosterior

# Variants whose dense scores are held in memory at a time.
_CHUNK = 8192


class _Piece(NamedTuple):
    """Some variants' scores before the standardisation's share.

    Attributes:
        slopes: d phi / d energy parameters, shape (n, n_energies).
        by_phi: d loss / d phi, shape (n, 1).
        z: standardised phenotype, shape (n, 1).
        by_weights: d loss / d weights of the measurement process, shape (n, n_weights).
    """

    slopes: torch.Tensor
    by_phi: torch.Tensor
    z: torch.Tensor
    by_weights: torch.Tensor


def scores(posterior: LogPosterior, flat: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Gradient of each variant's negative log-likelihood at one member; the rows add up to the gradient of the fit.

    Args:
        posterior: gives network and training observations.
        flat: one member's vector, shape (size,).
        stride: take every stride-th variant only.

    Returns:
        nats per unit of each parameter, shape (ceil(n_variants / stride), size).
    """
    pieces = list(_pieces(posterior, flat, stride))
    piece = _Piece(*(torch.cat(parts) for parts in zip(*pieces, strict=True)))
    share = piece.slopes.mean(0) + piece.z * _sd_slopes(piece.z.T @ piece.slopes, len(piece.z))
    return torch.cat([piece.by_phi * (piece.slopes - share), piece.by_weights], 1)


def information(posterior: LogPosterior, flat: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Fisher information of the observations at one member, the prior left out, shape (size, size).

    With a stride it is estimated from every stride-th variant and scaled up: good enough to precondition with. Memory
    does not grow with the number of variants: the outer products are summed first, and the standardisation's share,
    which is linear in the columns kept beside, is taken off at the end.
    """
    gram, sums, z_sums, n = None, None, None, 0
    for piece in _pieces(posterior, flat, stride):
        rows = torch.cat([piece.by_phi * piece.slopes, piece.by_weights, piece.by_phi, piece.by_phi * piece.z], 1)
        product, total, z_total = rows.T @ rows, piece.slopes.sum(0), piece.z.T @ piece.slopes
        gram = product if gram is None else gram + product
        sums = total if sums is None else sums + total
        z_sums = z_total if z_sums is None else z_sums + z_total
        n += len(rows)
    assert gram is not None and sums is not None and z_sums is not None
    size, n_energies = len(gram) - 2, len(sums)
    share = torch.eye(len(gram), size, dtype=gram.dtype, device=gram.device)
    share[size, :n_energies] = -sums / n
    share[size + 1, :n_energies] = -_sd_slopes(z_sums, n)[0]
    return (share.T @ gram @ share) * (posterior.training.design.n_variants / n)


def _sd_slopes(z_sums: torch.Tensor, n: int) -> torch.Tensor:
    """d sd / d energy parameters from the sums of z times the slopes of phi, shape (1, n_energies)."""
    return z_sums / max(n - 1, 1)


def _pieces(posterior: LogPosterior, flat: torch.Tensor, stride: int) -> Iterator[_Piece]:
    network, member, training = posterior.network, flat[None], posterior.training
    with torch.no_grad():
        g = network.term_energies(member, training.design)
    scale = standardisation(network.phenotype_of_energies(g))
    weights = network.measurement(member)
    for first in range(0, g.shape[2], _CHUNK * stride):
        rows = slice(first, first + _CHUNK * stride, stride)
        slopes, phi = _phenotype_slopes(network, g[:, :, rows])
        counts, z = training.counts[:, rows], standardise(phi, scale)
        units = hidden_units(z, weights)[0]  # shape: (n_units, n)
        expected = counts.sum(0) * network.log_probabilities(member, phi, scale)[0].exp()
        residual = expected - counts  # shape: (n_bins, n); derivative by the logits
        by_input = (weights.b[0].T @ residual) * (1.0 - units.square())
        by_phi = (weights.c[0] @ by_input) / scale.sd[0]
        by_b = (residual[:, None] * units[None]).flatten(0, 1)
        yield _Piece(
            torch.cat([*_by_bases(network, slopes[0], training.codes[rows]), slopes[0].T], 1),
            by_phi[:, None],
            z.T,
            torch.cat([residual, by_b, by_input * z, by_input]).T,
        )


def _by_bases(network: Network, slopes: torch.Tensor, codes: torch.Tensor) -> Iterator[torch.Tensor]:
    """d phi / d energy matrix of each site, from d phi / d term energies (n_terms, n) and codes (n, length)."""
    for number, site in enumerate(network.spec.sites):
        bases = torch.nn.functional.one_hot(codes[:, site.start : site.stop].long(), len(ALPHABET))
        yield bases.flatten(1) * slopes[number][:, None]


def _phenotype_slopes(network: Network, g: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """d phi / d term energies (1, n_terms, n_variants) and phi (1, n_variants)."""
    leaf = g.detach().requires_grad_()
    phi = network.phenotype_of_energies(leaf)
    (slopes,) = torch.autograd.grad(phi.sum(), leaf)
    return slopes, phi.detach()
