"""Fisher information from the scores of single variants: preconditioner of the fit and covariance of its result.

The scores of a variant follow from the chain rule: one backward pass through the (small) map from term energies
to phenotype; everything else is a product with the one-hot sequence or with the tanh units. The outer products
of the scores estimate the information (Berndt, Hall, Hall & Hausman 1974).
"""

import torch

from kcalseq.models.measurement import hidden_units
from kcalseq.models.network import Network, standardisation, standardise
from kcalseq.training.objective import LogPosterior


def scores(posterior: LogPosterior, flat: torch.Tensor, one_hot: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Gradient of each variant's negative log-likelihood at one member, with phi's standardisation held fixed.

    Args:
        posterior: gives network and training observations.
        flat: one member's vector, shape (size,).
        one_hot: dense one-hot of the training variants, shape (n_variants, length * 4).
        stride: take every stride-th variant only.

    Returns:
        nats per unit of each parameter, shape (ceil(n_variants / stride), size).
    """
    network, member, counts = posterior.network, flat[None], posterior.training.counts[:, ::stride]
    with torch.no_grad():
        g = network.term_energies(member, posterior.training.design)
    scale = standardisation(network.phenotype_of_energies(g))
    slopes, phi = _phenotype_slopes(network, g[:, :, ::stride])
    z = standardise(phi, scale)
    weights = network.layout.measurement(member)
    units = hidden_units(z, weights)[0]  # shape: (n_units, n_variants)
    expected = counts.sum(0) * network.log_probabilities(member, phi, scale)[0].exp()
    residual = expected - counts  # shape: (n_bins, n_variants); derivative by the logits
    by_input = (weights.b[0].T @ residual) * (1.0 - units.square())
    by_phi = (weights.c[0] @ by_input) / scale.sd[0]
    by_term = by_phi * slopes[0]  # shape: (n_terms, n_variants)
    by_b = (residual[:, None] * units[None]).flatten(0, 1)
    columns = [
        by_term[number][:, None] * one_hot[::stride, 4 * site.start : 4 * site.stop]
        for number, site in enumerate(network.spec.sites)
    ]
    columns += [item.T for item in (by_term, residual, by_b, by_input * z, by_input)]
    return torch.cat(columns, 1)


def information(posterior: LogPosterior, flat: torch.Tensor, one_hot: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Fisher information of the observations at one member, the prior left out, shape (size, size).

    With a stride it is estimated from every stride-th variant and scaled up: good enough to precondition with.
    """
    rows = scores(posterior, flat, one_hot, stride)
    return (rows.T @ rows) * (len(one_hot) / len(rows))


def _phenotype_slopes(network: Network, g: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """d phi / d term energies (1, n_terms, n_variants) and phi (1, n_variants)."""
    leaf = g.detach().requires_grad_()
    phi = network.phenotype_of_energies(leaf)
    (slopes,) = torch.autograd.grad(phi.sum(), leaf)
    return slopes, phi.detach()
