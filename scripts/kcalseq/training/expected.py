"""What one more observation of each candidate sequence can be expected to tell about a fitted model's parameters.

The expectation is over outcomes that the model itself predicts, p(bin | phi), not over observed counts. Slopes are
taken by central differences over members, since a candidate's phenotype depends on every energy in two ways: directly,
and through mean and standard deviation of the training variants that it is standardised by.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.bins import SortBins
from kcalseq.models.design import build_design
from kcalseq.models.network import standardise
from kcalseq.training.fisher import information
from kcalseq.training.objective import LogPosterior

# Half the width of a central difference: the error is about 1e-8 of the slope.
_STEP = 1e-4
# Members whose phenotypes are held in memory at a time.
_MEMBERS = 16


def posterior_precision(posterior: LogPosterior, flat: torch.Tensor) -> NDArray[np.float64]:
    """Fisher information of the observations plus prior precision at one member, shape (size, size)."""
    precision = information(posterior, flat) + torch.diag(posterior.precision_at(flat))
    return np.asarray(precision.cpu().numpy())


def variant_information(
    posterior: LogPosterior,
    flat: torch.Tensor,
    codes: NDArray[np.uint8],
    experiment: int = 0,
    n_observations: float = 1.0,
) -> NDArray[np.float64]:
    """Square roots R of the expected Fisher information of sequences, as ``next_library`` takes them.

    R_y = sqrt(n p_y) d log p_y / d theta for each bin y, so that R^T R = n sum_y p_y s_y s_y^T (s_y the score of y).

    Args:
        posterior: of the fit; gives network and training variants.
        flat: one member's vector, shape (size,).
        codes: bases 0..3 of the candidates, shape (n_candidates, length).
        experiment: number of the experiment that would measure them.
        n_observations: independent observations that each candidate will get.

    Returns:
        per unit of each parameter, shape (n_candidates, n_bins, size).

    Raises:
        ValueError: the experiment does not sort into bins.
    """
    network = posterior.network
    process, training = network.processes[experiment], posterior.training[experiment]
    if not isinstance(process, SortBins):
        raise ValueError(f"experiment {experiment} has no sort bins, so its outcomes cannot be listed")
    design = build_design(network.spec, codes, network.device)

    def log_p(members: torch.Tensor) -> torch.Tensor:  # shape: (n_members, n_bins, n_candidates)
        scale = network.scale(network.phenotype(members, training.design, experiment), experiment)
        z = standardise(network.phenotype(members, design, experiment), scale)
        return process.log_probabilities(z, network.weights(members, experiment))

    with torch.no_grad():
        p = log_p(flat[None])[0].exp()
        roots = torch.empty(*p.T.shape, len(flat), dtype=flat.dtype, device=flat.device)
        for steps in torch.split(_STEP * torch.eye(len(flat), dtype=flat.dtype, device=flat.device), _MEMBERS):
            slopes = (log_p(flat + steps) - log_p(flat - steps)) / (2 * _STEP)
            roots[:, :, steps.argmax(1)] = slopes.permute(2, 1, 0)
        roots *= (n_observations * p.T).sqrt()[:, :, None]
    return np.asarray(roots.cpu().numpy())
