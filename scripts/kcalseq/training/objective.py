"""The objective of a fit: negative log posterior in nats, for many members at once."""

from typing import NamedTuple

import torch

from kcalseq.models.design import Design
from kcalseq.models.measurement import negative_log_likelihood
from kcalseq.models.network import Network, standardisation, standardise


class Observations(NamedTuple):
    """Variants and how often each was seen in each bin.

    Attributes:
        design: of the variants.
        counts: independent observations, shape (n_bins, n_variants), float.
        codes: bases 0..3 of the variants, shape (n_variants, length).
    """

    design: Design
    counts: torch.Tensor
    codes: torch.Tensor


class LogPosterior:
    """Negative log posterior: -sum_m sum_y c_my log p(y | phi_m) + sum of theta^2 / (2 sd^2), in nats.

    The phenotype is standardised over the training variants at every evaluation, so that the prior on the
    measurement process means the same whatever the energies' scale.

    Args:
        network: the model.
        training: what it is fitted to.
        held: values at which single numbers of each member's vector are held, shape (n_members, size), NaN where
            free; None holds nothing.
    """

    def __init__(self, network: Network, training: Observations, held: torch.Tensor | None = None) -> None:
        self.network, self.training, self.held = network, training, held
        self._precision = torch.from_numpy(network.layout.prior_precision()).to(network.device)
        self._site = torch.from_numpy(network.layout.sites_of_pairs(network.spec)).to(network.device)

    def value(self, flat: torch.Tensor) -> torch.Tensor:
        """Objective of each member, nats, shape (n_members,)."""
        g = self.network.term_energies(flat, self.training.design)
        phi = self.network.phenotype_of_energies(g)
        z = standardise(phi, standardisation(phi))
        fit = negative_log_likelihood(z, self.network.measurement(flat), self.training.counts)
        return fit + 0.5 * ((flat / self._prior_units(g)).square() * self._precision).sum(1)

    def precision_at(self, flat: torch.Tensor) -> torch.Tensor:
        """1 / variance of the prior of each number of one member's vector, shape (size,)."""
        with torch.no_grad():
            g = self.network.term_energies(flat[None], self.training.design)
            return self._precision / self._prior_units(g)[0].square()

    def _prior_units(self, g: torch.Tensor) -> torch.Tensor:
        """What each number's prior is told in, (n_members, size or 1): for pairs the sd of their site's energy."""
        if not (self._site >= 0).any():
            return torch.ones_like(g[:, :1, 0])
        sd = g.std(2).clamp_min(1e-12)
        return torch.where(self._site >= 0, sd[:, self._site.clamp_min(0)], 1.0)

    def free(self, members: torch.Tensor) -> torch.Tensor | None:
        """Which numbers of these members' vectors may move, bool (n_active, size); None if all may."""
        return None if self.held is None else torch.isnan(self.held[members])

    def hold(self, flat: torch.Tensor) -> torch.Tensor:
        """The vectors with the held numbers put in their places, shape (n_members, size)."""
        return flat if self.held is None else torch.where(torch.isnan(self.held), flat, self.held)

    def value_and_gradient(self, flat: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Objective (n_active,) and its gradient (n_active, size), the latter 0 where a number is held."""
        x = flat.detach().requires_grad_()
        value = self.value(x)
        (gradient,) = torch.autograd.grad(value.sum(), x)
        free = self.free(members)
        return value.detach(), gradient if free is None else gradient * free
