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
from kcalseq.models import scan
from kcalseq.models.design import pair_codes
from kcalseq.models.network import Network, Standardisation, standardise
from kcalseq.training.objective import LogPosterior, Observations

# Variants whose dense scores are held in memory at a time.
_CHUNK = 8192


class _Piece(NamedTuple):
    """Some variants.

    Attributes:
        rows: their numbers.
        slopes: d phi / d energy parameters, shape (n, n_energies).
        z: phenotype as the measurement process reads it, shape (1, n).
    """

    rows: torch.Tensor
    slopes: torch.Tensor
    z: torch.Tensor


def scores(posterior: LogPosterior, flat: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Gradient of each variant's negative log-likelihood at one member; the rows add up to the gradient of the fit.

    Args:
        posterior: gives network and training observations, of one member.
        flat: its vector, shape (size,).
        stride: take every stride-th variant only.

    Returns:
        nats per unit of each parameter, shape (about n_variants / stride, size), experiment by experiment.
    """
    experiments = range(len(posterior.training))
    return torch.cat([rows for one in experiments for rows in _score_pieces(posterior, flat, one, stride)])


def information(posterior: LogPosterior, flat: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Fisher information of the observations at one member, the prior left out, shape (size, size).

    With a stride it is estimated from every stride-th variant and scaled up: good enough to precondition with. Memory
    does not grow with the number of variants.
    """
    total = torch.zeros(len(flat), len(flat), dtype=flat.dtype, device=flat.device)
    for experiment, observations in enumerate(posterior.training):
        own, n = torch.zeros_like(total), 0
        for rows in _score_pieces(posterior, flat, experiment, stride):
            own, n = own + rows.T @ rows, n + len(rows)
        total += own * (observations.n_variants / n)
    return total


def _score_pieces(posterior: LogPosterior, flat: torch.Tensor, experiment: int, stride: int) -> Iterator[torch.Tensor]:
    network, member, training = posterior.network, flat[None], posterior.training[experiment]
    with torch.no_grad():
        g = network.term_energies(member, training.design, experiment)
    phi = network.phenotype_of_energies(g)
    scale = network.scale(phi, experiment)
    process, weights = network.processes[experiment], network.weights(member, experiment)
    place = slice(*_span(network, experiment))
    mean_slopes, sd_slopes = _standardisation_slopes(posterior, experiment, member, g, scale, stride)
    for piece in _pieces(posterior, experiment, member, g, scale, stride):
        by_z, by_weights = process.slopes(piece.z, weights, training.data.take(piece.rows))
        found = torch.zeros(len(piece.rows), len(flat), dtype=flat.dtype, device=flat.device)
        by_phi = (by_z / scale.sd[0])[:, None]
        found[:, : network.layout.n_energies] = by_phi * (piece.slopes - mean_slopes - piece.z.T * sd_slopes)
        found[:, place] = by_weights
        yield found


def _span(network: Network, experiment: int) -> tuple[int, int]:
    """First number of an experiment's measurement process in the flat vector, and the first behind it."""
    own = list(network.layout.own(experiment).values())
    return own[0].start, own[-1].slice.stop


def _standardisation_slopes(
    posterior: LogPosterior, experiment: int, member: torch.Tensor, g: torch.Tensor, scale: Standardisation, stride: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Derivatives of mean and sd of phi by the energy parameters, each of shape (1, n_energies)."""
    sums, z_sums, n = torch.zeros(1, dtype=g.dtype, device=g.device), torch.zeros(1, dtype=g.dtype, device=g.device), 0
    if not posterior.network.processes[experiment].standardised:
        return sums[None], z_sums[None]
    for piece in _pieces(posterior, experiment, member, g, scale, stride):
        sums, z_sums = sums + piece.slopes.sum(0, keepdim=True), z_sums + piece.z @ piece.slopes
        n += len(piece.slopes)
    return sums / n, z_sums / max(n - 1, 1)


def _pieces(
    posterior: LogPosterior, experiment: int, member: torch.Tensor, g: torch.Tensor, scale: Standardisation, stride: int
) -> Iterator[_Piece]:
    network = posterior.network
    for first in range(0, g.shape[2], _CHUNK * stride):
        rows = slice(first, min(first + _CHUNK * stride, g.shape[2]), stride)
        by_term, phi = _phenotype_slopes(network, g[:, :, rows])
        of_sites = _by_energies(network, posterior.training[experiment], member, by_term[0], rows)
        energies = [*of_sites, *_by_constants(network, by_term[0], experiment)]
        yield _Piece(
            torch.arange(rows.start, rows.stop, stride, device=g.device),
            torch.cat(energies, 1),
            standardise(phi, scale),
        )


def _by_constants(network: Network, slopes: torch.Tensor, experiment: int) -> Iterator[torch.Tensor]:
    """d phi / d chemical potentials, interactions and rates, from d phi / d term energies (n_terms, n)."""
    n_sites = len(network.spec.sites)
    for site, slope in zip(network.spec.sites, slopes[:n_sites], strict=True):
        if site.by_condition:
            own = torch.zeros(slopes.shape[1], len(network.layout.conditions), dtype=slopes.dtype, device=slopes.device)
            own[:, experiment] = slope
            yield own
        else:
            yield slope[:, None]
    yield slopes[n_sites:].T


def _by_energies(
    network: Network, training: Observations, member: torch.Tensor, slopes: torch.Tensor, rows: slice
) -> Iterator[torch.Tensor]:
    """d phi / d energies of bases, then of pairs, then of spacers of each site, from those by terms (n_terms, n).

    ``member``: its vector, shape (1, size); ``rows``: of the variants. The order is that of the flat vector.
    """
    sites, spacers = network.spec.sites, []
    codes = training.codes[rows]
    for site, slope in zip(sites, slopes, strict=False):
        if site.scan is not None and training.design.scanned is not None:
            theta, spacer = (values[0] for values in network.scan_energies(member, site))
            own = scan.slopes(site.scan, training.design.scanned, theta, spacer, network.kt, rows=rows) * slope[:, None]
            spacers.append(own[:, len(theta) :])
            yield own[:, : len(theta)]
        else:
            bases = torch.nn.functional.one_hot(codes[:, site.start : site.stop].long(), len(ALPHABET))
            yield bases.flatten(1) * slope[:, None]
    for site, slope in zip(sites, slopes, strict=False):
        if site.pairs:
            members = torch.from_numpy(pair_codes(site, codes.cpu().numpy())).to(slopes.device)
            yield torch.nn.functional.one_hot(members, len(ALPHABET) ** 2).flatten(1) * slope[:, None]
    yield from spacers


def _phenotype_slopes(network: Network, g: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """d phi / d term energies (1, n_terms, n_variants) and phi (1, n_variants)."""
    leaf = g.detach().requires_grad_()
    phi = network.phenotype_of_energies(leaf)
    (slopes,) = torch.autograd.grad(phi.sum(), leaf)
    return slopes, phi.detach()
