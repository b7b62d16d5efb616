"""A prior that leaves the scale of energy matrices open, for draws from a posterior.

Independent normal priors on the entries of a matrix look weak and are not: they fix the root mean square of n entries
to within 1 / sqrt(2 n) of itself, 6 % for a site of 40 bases. A mode hardly feels it, since near 0 every entry costs
little. A posterior does: where all energies, and with them all their errors, are twice as large, it has 2^n times the
volume, and draws go there until the normal prior or the likelihood forbids it. With the standard deviation of a site's
entries unknown, and all orders of magnitude of it alike before the data, that volume cancels, and what is left of the
scale is what the likelihood says.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.gauge import observed_of
from kcalseq.models.parameters import ParameterLayout
from kcalseq.models.spec import ModelSpec


class ScalePrior:
    """Negative log density of: entries normal with sd tau, d tau / tau; tau integrated out, n ln |theta| of each site.

    theta is a site's matrix in the zero-mean gauge and n how many of its entries are free there: three a position where
    all four bases occur. What adds to all four energies of a position does not matter. Sites with published energies
    are left out: those fix the scale.

    Args:
        spec, layout: the model.
        observed: which bases occur at each position, shape (length, 4).
    """

    def __init__(self, spec: ModelSpec, layout: ParameterLayout, observed: NDArray[np.bool_]) -> None:
        self.sites = [
            (layout.blocks[f"{site.name}.theta"].slice, torch.from_numpy(observed_of(spec, site, observed)))
            for site in spec.originals
            if site.published is None
        ]

    def __call__(self, flat: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Nats (n_active,), up to a constant, and gradient (n_active, size) at vectors (n_active, size)."""
        value, gradient = torch.zeros_like(flat[:, 0]), torch.zeros_like(flat)
        for place, observed in self.sites:
            seen = observed.to(flat)
            theta = flat[:, place].reshape(len(flat), -1, len(ALPHABET))
            mean = (theta * seen).sum(2, keepdim=True) / seen.sum(1, keepdim=True)
            theta = (theta - mean) * seen
            n, square = seen.sum() - len(seen), theta.square().sum((1, 2))
            value += 0.5 * n * square.log()
            gradient[:, place] = (n * theta / square[:, None, None]).flatten(1)
        return value, gradient
