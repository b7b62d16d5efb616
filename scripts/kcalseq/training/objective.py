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
        self.precision = torch.from_numpy(network.layout.prior_precision()).to(network.device)

    def value(self, flat: torch.Tensor) -> torch.Tensor:
        """Objective of each member, nats, shape (n_members,)."""
        phi = self.network.phenotype(flat, self.training.design)
        z = standardise(phi, standardisation(phi))
        fit = negative_log_likelihood(z, self.network.measurement(flat), self.training.counts)
        return fit + 0.5 * (flat.square() * self.precision).sum(1)

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
