"""Fisher information from the scores of single variants: preconditioner of the fit and covariance of its result.

The scores of a variant follow from the chain rule: one backward pass through the (small) map from term energies
to phenotype; everything else is a product with the one-hot sequence or with the tanh units. The phenotype is
standardised over the training variants, so each score also carries its share of the change of mean and standard
deviation; without it the energy scale would look far better known than it is. The outer products of the scores
estimate the information (Berndt, Hall, Hall & Hausman 1974).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from kcalseq.dna import ALPHABET
from kcalseq.models.design import pair_codes, site_codes
from kcalseq.models.network import Network, Standardisation, standardise
from kcalseq.training.objective import LogPosterior
from kcalseq.training.scanned_slopes import ScannedSlopes

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
    network, training = posterior.network, posterior.training[experiment]
    for first in range(0, g.shape[2], _CHUNK * stride):
        rows = slice(first, min(first + _CHUNK * stride, g.shape[2]), stride)
        by_term, phi = _phenotype_slopes(network, g[:, :, rows])
        scanned = ScannedSlopes(network, training.design.scanned, member, rows)
        of_sites = _by_energies(network, scanned, training.codes[rows], by_term[0])
        energies = [*of_sites, *_by_constants(network, scanned, by_term[0], experiment)]
        yield _Piece(
            torch.arange(rows.start, rows.stop, stride, device=g.device),
            torch.cat(energies, 1),
            standardise(phi, scale),
        )


def _by_constants(
    network: Network, scanned: ScannedSlopes, slopes: torch.Tensor, experiment: int
) -> Iterator[torch.Tensor]:
    """d phi / d chemical potentials, interactions and rates, from d phi / d term energies (n_terms, n).

    ``scanned``: of the scanned sites in these variants.
    """
    spec, of_term = network.spec, dict(zip(network.spec.terms, slopes, strict=False))
    for site in spec.originals:
        slope = torch.stack([of_term[place.name] for place in spec.places(site)]).sum(0)
        if site.by_condition:
            own = torch.zeros(slopes.shape[1], len(network.layout.conditions), dtype=slopes.dtype, device=slopes.device)
            own[:, experiment] = slope
            yield own
        else:
            yield slope[:, None]
    for item in spec.interactions:
        slope = of_term[item.name][:, None]
        yield slope * scanned.steps(item) if item.edges else slope
    yield slopes[len(spec.terms) :].T


def _by_energies(
    network: Network, scanned: ScannedSlopes, codes: torch.Tensor, slopes: torch.Tensor
) -> Iterator[torch.Tensor]:
    """d phi / d energies of bases, then of pairs, then of spacers of each site, from those by terms (n_terms, n).

    ``codes``: bases 0..3 of the variants, shape (n, length). The order is that of the flat vector.
    """
    spec, of_term, spacers = network.spec, dict(zip(network.spec.terms, slopes, strict=False)), []
    for site in spec.originals:
        if site.scan is not None:
            own = scanned.site(site, of_term)
            spacers.append(own[:, site.length * len(ALPHABET) :])
            yield own[:, : site.length * len(ALPHABET)]
        else:
            places = [(site_codes(place, codes).long(), of_term[place.name]) for place in spec.places(site)]
            yield _sum_of_one_hot(places, len(ALPHABET))
    for site in (one for one in spec.originals if one.pairs):
        members = [pair_codes(place, codes.cpu().numpy()) for place in spec.places(site)]
        found = (torch.from_numpy(one).to(slopes.device) for one in members)
        slope = (of_term[place.name] for place in spec.places(site))
        yield _sum_of_one_hot(list(zip(found, slope, strict=True)), len(ALPHABET) ** 2)
    yield from spacers


def _sum_of_one_hot(places: Sequence[tuple[torch.Tensor, torch.Tensor]], width: int) -> torch.Tensor:
    """One-hot members (n, n_groups) of each place times its slope (n,), added up, shape (n, n_groups * width)."""
    parts = [torch.nn.functional.one_hot(members, width).flatten(1) * slope[:, None] for members, slope in places]
    return torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]


def _phenotype_slopes(network: Network, g: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """d phi / d term energies (1, n_terms, n_variants) and phi (1, n_variants)."""
    leaf = g.detach().requires_grad_()
    phi = network.phenotype_of_energies(leaf)
    (slopes,) = torch.autograd.grad(phi.sum(), leaf)
    return slopes, phi.detach()
