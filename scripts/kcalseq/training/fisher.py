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
from kcalseq.models.design import pair_codes
from kcalseq.models.measurement import hidden_units
from kcalseq.models.network import Network, Standardisation, standardisation, standardise
from kcalseq.training.objective import LogPosterior

# Variants whose dense scores are held in memory at a time.
_CHUNK = 8192


class _Piece(NamedTuple):
    """Some variants.

    Attributes:
        slopes: d phi / d energy parameters, shape (n, n_energies).
        phi: raw phenotype, shape (1, n).
        z: standardised phenotype, shape (1, n).
        counts: observations, shape (n_bins, n).
    """

    slopes: torch.Tensor
    phi: torch.Tensor
    z: torch.Tensor
    counts: torch.Tensor


def scores(posterior: LogPosterior, flat: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Gradient of each variant's negative log-likelihood at one member; the rows add up to the gradient of the fit.

    Args:
        posterior: gives network and training observations.
        flat: one member's vector, shape (size,).
        stride: take every stride-th variant only.

    Returns:
        nats per unit of each parameter, shape (ceil(n_variants / stride), size).
    """
    return torch.cat(list(_score_pieces(posterior, flat, stride)))


def information(posterior: LogPosterior, flat: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Fisher information of the observations at one member, the prior left out, shape (size, size).

    With a stride it is estimated from every stride-th variant and scaled up: good enough to precondition with. Memory
    does not grow with the number of variants.
    """
    total, n = torch.zeros(len(flat), len(flat), dtype=flat.dtype, device=flat.device), 0
    for rows in _score_pieces(posterior, flat, stride):
        total, n = total + rows.T @ rows, n + len(rows)
    return total * (posterior.training.design.n_variants / n)


def _score_pieces(posterior: LogPosterior, flat: torch.Tensor, stride: int) -> Iterator[torch.Tensor]:
    network, member = posterior.network, flat[None]
    with torch.no_grad():
        g = network.term_energies(member, posterior.training.design)
    scale = standardisation(network.phenotype_of_energies(g))
    weights = network.measurement(member)
    mean_slopes, sd_slopes = _standardisation_slopes(posterior, g, scale, stride)
    for piece in _pieces(posterior, g, scale, stride):
        units = hidden_units(piece.z, weights)[0]  # shape: (n_units, n)
        expected = piece.counts.sum(0) * network.log_probabilities(member, piece.phi, scale)[0].exp()
        residual = expected - piece.counts  # shape: (n_bins, n); derivative by the logits
        by_input = (weights.b[0].T @ residual) * (1.0 - units.square())
        by_phi = (weights.c[0] @ by_input) / scale.sd[0]
        by_b = (residual[:, None] * units[None]).flatten(0, 1)
        by_energies = by_phi[:, None] * (piece.slopes - mean_slopes - piece.z.T * sd_slopes)
        yield torch.cat([by_energies, torch.cat([residual, by_b, by_input * piece.z, by_input]).T], 1)


def _standardisation_slopes(
    posterior: LogPosterior, g: torch.Tensor, scale: Standardisation, stride: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Derivatives of mean and sd of phi by the energy parameters, each of shape (1, n_energies)."""
    sums, z_sums, n = torch.zeros(1, dtype=g.dtype, device=g.device), torch.zeros(1, dtype=g.dtype, device=g.device), 0
    for piece in _pieces(posterior, g, scale, stride):
        sums, z_sums = sums + piece.slopes.sum(0, keepdim=True), z_sums + piece.z @ piece.slopes
        n += len(piece.slopes)
    return sums / n, z_sums / max(n - 1, 1)


def _pieces(posterior: LogPosterior, g: torch.Tensor, scale: Standardisation, stride: int) -> Iterator[_Piece]:
    network, training = posterior.network, posterior.training
    for first in range(0, g.shape[2], _CHUNK * stride):
        rows = slice(first, first + _CHUNK * stride, stride)
        by_term, phi = _phenotype_slopes(network, g[:, :, rows])
        slopes = torch.cat([*_by_energies(network, by_term[0], training.codes[rows]), by_term[0].T], 1)
        yield _Piece(slopes, phi, standardise(phi, scale), training.counts[:, rows])


def _by_energies(network: Network, slopes: torch.Tensor, codes: torch.Tensor) -> Iterator[torch.Tensor]:
    """d phi / d energies of bases and then of pairs of each site, from d phi / d term energies (n_terms, n).

    ``codes``: shape (n, length); the order is that of the flat vector.
    """
    for number, site in enumerate(network.spec.sites):
        bases = torch.nn.functional.one_hot(codes[:, site.start : site.stop].long(), len(ALPHABET))
        yield bases.flatten(1) * slopes[number][:, None]
    for number, site in enumerate(network.spec.sites):
        if site.pairs:
            members = torch.from_numpy(pair_codes(site, codes.cpu().numpy())).to(slopes.device)
            pairs = torch.nn.functional.one_hot(members, len(ALPHABET) ** 2)
            yield pairs.flatten(1) * slopes[number][:, None]


def _phenotype_slopes(network: Network, g: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """d phi / d term energies (1, n_terms, n_variants) and phi (1, n_variants)."""
    leaf = g.detach().requires_grad_()
    phi = network.phenotype_of_energies(leaf)
    (slopes,) = torch.autograd.grad(phi.sum(), leaf)
    return slopes, phi.detach()
