"""The lac model with a polymerase that may shift: its -35 and -10 boxes bind wherever they bind best.

Box energies are those of the fixed register; what a register costs more than the fixed one is one energy each. Shifts
change the spacer between the boxes, which is 18 bases in the lac promoter and 17 in most.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pair_fits import Fitted
from scipy.optimize import minimize

from kcalseq.models.network import Standardisation, standardise
from kcalseq.training.metrics import bin_log_probabilities

# First position of the variant and length of the -35 box, and of the extended -10 and -10 box together.
_BOXES = ((39, 6), (60, 9))
# Prior of what a register costs more than the fixed one, kcal/mol.
_COST, _COST_SD = 3.0, 3.0
_ITERATIONS = 600


class Registers(NamedTuple):
    """A fit.

    Attributes:
        fitted: the model with the predictions of the shifting polymerase; its ``flat`` holds the energies.
        costs: energy of each register (shift of the -35 box, shift of the -10 box) above the fixed one, kcal/mol.
    """

    fitted: Fitted
    costs: dict[tuple[int, int], float]


def fit_registers(base: Fitted, furthest: int) -> Registers:
    """Fit the model with shifts of each box by up to ``furthest`` bases either way, from where the fixed one ended."""
    network, observations = base.setup.posterior.network, base.setup.posterior.training[0]
    reach = range(-furthest, furthest + 1)
    shifts = [(one, two) for one, two in product(reach, reach) if one or two]
    precision = torch.from_numpy(network.layout.prior_precision())
    (process,), size = network.processes, network.layout.size
    training = _OneHot(base, observations.codes.cpu().numpy(), shifts)

    def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        leaf = torch.from_numpy(x.copy()).requires_grad_()
        raw = training.phenotype(leaf)
        z = standardise(raw, network.scale(raw, 0))
        fit = process.negative_log_likelihood(z, network.weights(leaf[None, :size], 0), observations.data)[0]
        prior = 0.5 * ((leaf[:size].square() * precision).sum() + ((leaf[size:] - _COST) / _COST_SD).square().sum())
        (gradient,) = torch.autograd.grad(fit + prior, leaf)
        return float((fit + prior).detach()), gradient.numpy()

    start = np.concatenate([base.flat, np.full(len(shifts), _COST)])
    options = {"maxiter": _ITERATIONS, "maxfun": 2 * _ITERATIONS, "maxcor": 50}
    x = minimize(objective, start, jac=True, method="L-BFGS-B", options=options).x
    with torch.no_grad():
        scale: Standardisation = network.scale(training.phenotype(torch.from_numpy(x)), 0)
        raw = _OneHot(base, base.problem.codes, shifts).phenotype(torch.from_numpy(x))
    weights = network.weights(torch.from_numpy(x[None, :size]), 0)
    log_p = bin_log_probabilities(process, weights, standardise(raw, scale)[0].numpy())  # type: ignore[arg-type]
    costs = dict(zip(shifts, x[size:].tolist(), strict=True))
    return Registers(base._replace(flat=x[:size], log_p=log_p), costs)


class _OneHot:
    """Variants as the energies of boxes and flanks multiply them."""

    def __init__(self, base: Fitted, codes: NDArray[np.uint8], shifts: list[tuple[int, int]]) -> None:
        self.network, self.shifts = base.setup.posterior.network, [(0, 0), *shifts]
        self.crp, self.rnap = base.spec.sites
        hot = torch.from_numpy(np.eye(4)[codes])
        self.bound = hot[:, self.crp.start : self.crp.stop].flatten(1)
        rows = [range(first - self.rnap.start, first - self.rnap.start + length) for first, length in _BOXES]
        self.box_rows = [list(own) for own in rows]
        self.flank_rows = [row for row in range(self.rnap.length) if not any(row in own for own in rows)]
        self.flanks = hot[:, [self.rnap.start + row for row in self.flank_rows]].flatten(1)
        self.boxes = [
            {
                shift: hot[:, first + shift : first + shift + length].flatten(1)
                for shift in {one[box] for one in self.shifts}
            }
            for box, (first, length) in enumerate(_BOXES)
        ]

    def phenotype(self, x: torch.Tensor) -> torch.Tensor:
        """Log odds of transcription, shape (1, n_variants), at parameters and costs of registers (size + n_shifts,)."""
        network, kt = self.network, self.network.kt
        flat, costs = x[None, : network.layout.size], torch.cat([x.new_zeros(1), x[network.layout.size :]])
        theta = network.block(flat, f"{self.rnap.name}.theta")[0].reshape(-1, 4)
        of_box = [
            {shift: hot @ theta[rows].flatten() for shift, hot in own.items()}
            for own, rows in zip(self.boxes, self.box_rows, strict=True)
        ]
        energies = [of_box[0][one] + of_box[1][two] + cost for (one, two), cost in zip(self.shifts, costs, strict=True)]
        shifting = -kt * torch.logsumexp(torch.stack(energies) / -kt, 0)
        rnap = self.flanks @ theta[self.flank_rows].flatten() + network.block(flat, f"{self.rnap.name}.mu") + shifting
        crp = self.bound @ network.block(flat, f"{self.crp.name}.theta")[0] + network.block(flat, f"{self.crp.name}.mu")
        interaction = network.block(flat, network.spec.interactions[0].name).expand(len(crp))
        return network.phenotype_of_energies(torch.stack([crp, rnap, interaction])[None])
