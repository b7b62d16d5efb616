"""The objective of a fit: negative log posterior in nats, for many members at once."""

from copy import copy
from typing import NamedTuple, Self

import torch

from kcalseq.models.design import Design
from kcalseq.models.network import Network, standardise
from kcalseq.models.process import Data


class Observations(NamedTuple):
    """The variants of one experiment and what was measured of them.

    Attributes:
        design: of the variants.
        data: what was measured, as the experiment's measurement process takes it.
        codes: bases 0..3 of the variants, shape (n_variants, length).
    """

    design: Design
    data: Data
    codes: torch.Tensor

    @property
    def n_variants(self) -> int:
        """How many variants."""
        return self.design.n_variants


class LogPosterior:
    """Negative log posterior, nats: -sum over experiments of log p(data | phi) + sum of (theta - mean)^2 / (2 sd^2).

    The phenotype is standardised over each experiment's training variants at every evaluation, so that the prior on the
    measurement process means the same whatever the energies' scale.

    Args:
        network: the model.
        training: what each experiment is fitted to.
        held: values at which single numbers of each member's vector are held, shape (n_members, size), NaN where
            free; None holds nothing.
    """

    def __init__(self, network: Network, training: tuple[Observations, ...], held: torch.Tensor | None = None) -> None:
        self.network, self.training, self.held = network, training, held
        self._mean = torch.from_numpy(network.layout.prior_mean(network.spec)).to(network.device)
        self._precision = torch.from_numpy(network.layout.prior_precision()).to(network.device)
        self._site = torch.from_numpy(network.layout.sites_of_pairs(network.spec)).to(network.device)

    @property
    def n_variants(self) -> int:
        """Variants of all experiments, one that is in two of them counted twice."""
        return sum(observations.n_variants for observations in self.training)

    def only(self, members: torch.Tensor) -> Self:
        """The same objective for some of the members, by number: their data, and what they hold."""
        own = copy(self)
        own.held = None if self.held is None else self.held[members]
        own.training = tuple(item._replace(data=item.data.of_members(members)) for item in self.training)
        return own

    def on(self, training: tuple[Observations, ...]) -> Self:
        """The same objective for other observations: a batch of them, say."""
        own = copy(self)
        own.training = training
        return own

    def value(self, flat: torch.Tensor) -> torch.Tensor:
        """Objective of each member, nats, shape (n_members,); as many members as there are data or held numbers for."""
        fit, prior = self.parts(flat)
        return fit + prior

    def parts(self, flat: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Negative log-likelihood and negative log prior of each member, nats, shape (n_members,) each."""
        energies, total = [], torch.zeros_like(flat[:, 0])
        for experiment, (design, data, _) in enumerate(self.training):
            phi, g = self.network.phenotype_and_energies(flat, design, experiment)
            z = standardise(phi, self.network.scale(phi, experiment))
            weights = self.network.weights(flat, experiment)
            total = total + self.network.processes[experiment].negative_log_likelihood(z, weights, data)
            energies.append(g)
        distance = (flat - self._mean) / self._prior_units(energies)
        return total, 0.5 * (distance.square() * self._precision).sum(1)

    def precision_at(self, flat: torch.Tensor) -> torch.Tensor:
        """1 / variance of the prior of each number of one member's vector, shape (size,)."""
        with torch.no_grad():
            energies = [
                self.network.term_energies(flat[None], observations.design, experiment)
                for experiment, observations in enumerate(self.training)
            ]
            return self._precision / self._prior_units(energies)[0].square()

    def _prior_units(self, energies: list[torch.Tensor]) -> torch.Tensor:
        """What each number's prior is told in, (n_members, size or 1): for pairs the sd of their site's energy.

        ``energies``: of the terms in each experiment, shape (n_members, n_terms, n_variants); the variance is the mean
        over experiments.
        """
        if not (self._site >= 0).any():
            return energies[0].new_ones(len(energies[0]), 1)
        # Bounded before the root: that of a constant, as an interaction is, has no finite slope.
        sd = torch.stack([g.var(2) for g in energies]).mean(0).clamp_min(1e-24).sqrt()
        return torch.where(self._site >= 0, sd[:, self._site.clamp_min(0)], 1.0)

    def free(self, members: torch.Tensor) -> torch.Tensor | None:
        """Which numbers of these members' vectors may move, bool (n_active, size); None if all may."""
        return None if self.held is None else torch.isnan(self.held[members])

    def hold(self, flat: torch.Tensor) -> torch.Tensor:
        """The vectors with the held numbers put in their places, shape (n_members, size)."""
        return flat if self.held is None else torch.where(torch.isnan(self.held), flat, self.held)

    def value_and_gradient(self, flat: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Objective (n_active,) and its gradient (n_active, size), the latter 0 where a number is held.

        ``members``: numbers of the members that these vectors belong to, shape (n_active,).
        """
        x = flat.detach().requires_grad_()
        value = self.only(members).value(x)
        (gradient,) = torch.autograd.grad(value.sum(), x)
        free = self.free(members)
        return value.detach(), gradient if free is None else gradient * free
