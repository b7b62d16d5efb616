"""Draws from the posterior by the No-U-Turn sampler (Hoffman & Gelman 2014), to hold the quicker intervals against.

Profiles and curvature take the likelihood for normal, the one along one number and the other everywhere; draws do not.
They cost as much as some forty fits, so no step of the workflow makes them. The sampler is Pyro's, an optional package;
it sees coordinates u with x = x0 + u T in which the posterior is about a standard normal, so that it can begin with
the identity as its mass matrix.
"""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.training.fisher import information
from kcalseq.training.lbfgs import Objective
from kcalseq.training.objective import LogPosterior

_SITE = "u"
# At most 2^7 - 1 steps a trajectory: in whitened coordinates half a turn takes pi over the step size, and only the
# small steps tried early in the warm-up would take more.
_MAX_TREE_DEPTH = 7
_TARGET_ACCEPTANCE = 0.8
_LIFT = 1e-10


class Samples(NamedTuple):
    """Draws, and how the sampler fared.

    Attributes:
        draws: shape (n_chains, n_samples, size), in the copy and the gauge in which each was drawn.
        divergent: whether the trajectory to a draw left the energy surface, shape (n_chains, n_samples); more than a
            few say that a region is missing from the draws.
        n_gradients: evaluations spent on each draw, shape (n_chains, n_samples).
        acceptance: mean acceptance probability, shape (n_chains,).
        step_size: of the last trajectory, in whitened coordinates, shape (n_chains,).
    """

    draws: NDArray[np.float64]
    divergent: NDArray[np.bool_]
    n_gradients: NDArray[np.int64]
    acceptance: NDArray[np.float64]
    step_size: NDArray[np.float64]


def sample_posterior(
    posterior: LogPosterior,
    flat: torch.Tensor,
    n_samples: int,
    n_warmup: int,
    n_chains: int,
    seed: int,
    progress: Callable[[int], None],
    prior: Objective | None = None,
) -> Samples:
    """Draw from the posterior in coordinates whitened by the Fisher information at its mode.

    Args:
        posterior: of one member; numbers that it holds stay where they are.
        flat: the mode, shape (size,).
        n_samples, n_warmup, n_chains, seed, progress: as in ``sample_whitened``.
        prior: a further negative log prior and its gradient, for example a ``ScalePrior``: the posterior's own priors
            are made for modes.

    Raises:
        KcalseqError: Pyro is not installed.
    """

    def objective(x: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        value, gradient = posterior.value_and_gradient(x, members)
        if prior is None:
            return value, gradient
        more, slope = prior(x, members)
        return value + more, gradient + slope

    origin = posterior.hold(flat[None])[0]
    transform = whitening(posterior, origin)
    return sample_whitened(objective, origin, transform, n_samples, n_warmup, n_chains, seed, progress)


def whitening(posterior: LogPosterior, flat: torch.Tensor) -> torch.Tensor:
    """T of x = flat + u T with T^T T the inverse of Fisher information plus prior precision, shape (n_free, size).

    Its columns of held numbers are 0.
    """
    free = posterior.free(torch.zeros(1, dtype=torch.long, device=flat.device))
    rows = torch.arange(len(flat), device=flat.device) if free is None else free[0].nonzero()[:, 0]
    precision = (information(posterior, flat) + torch.diag(posterior.precision_at(flat)))[rows][:, rows]
    # In units of its own diagonal, and lifted a little: rounding must not make a flat direction negative.
    units = precision.diagonal().sqrt()
    identity = torch.eye(len(rows), dtype=flat.dtype, device=flat.device)
    lower = units[:, None] * torch.linalg.cholesky(precision / torch.outer(units, units) + _LIFT * identity)
    transform = torch.zeros(len(rows), len(flat), dtype=flat.dtype, device=flat.device)
    transform[:, rows] = torch.linalg.solve_triangular(lower, identity, upper=False)
    return transform


def sample_whitened(
    objective: Objective,
    origin: torch.Tensor,
    transform: torch.Tensor,
    n_samples: int,
    n_warmup: int,
    n_chains: int,
    seed: int,
    progress: Callable[[int], None],
) -> Samples:
    """Draw from the density exp(-objective) in coordinates u with x = origin + u T.

    Each chain begins at u of its own from the standard normal. Chains run one after the other: the sampler draws from
    torch's one generator, so that chains side by side would draw each other's numbers. torch's generator is left as it
    was.

    Args:
        objective: negative log density of x (1, size), nats, and its gradient, as for ``minimise``.
        origin: shape (size,).
        transform: T, shape (n_free, size); the better it whitens, the fewer steps a draw takes.
        n_samples: draws kept of each chain.
        n_warmup: draws before these, in which the step size and a diagonal mass matrix are found.
        n_chains: how many.
        seed: chain number k has the same draws whatever the number of chains.
        progress: called with 1 after every draw, warm-up included.

    Raises:
        KcalseqError: Pyro is not installed.
    """
    pyro = _pyro()
    chains = []
    for chain in range(n_chains):
        with torch.random.fork_rng(devices=[origin.device] if origin.is_cuda else []):
            torch.manual_seed(int(np.random.SeedSequence([seed, chain]).generate_state(1)[0]))
            chains.append(_chain(pyro, objective, origin, transform, n_samples, n_warmup, progress))
    return Samples(*(np.stack(items) for items in zip(*chains, strict=True)))


def _pyro() -> Any:
    """Pyro's samplers, loaded only when draws are asked for."""
    if importlib.util.find_spec("pyro") is None:
        raise KcalseqError(
            "draws from the posterior",
            "the package pyro-ppl is not installed",
            "this optional package",
            "pip install kcalseq[sampling]",
        )
    return importlib.import_module("pyro.infer.mcmc")


class _Potential:
    """Negative log density at the sampler's coordinates, and how often it was asked for."""

    def __init__(self, objective: Objective, origin: torch.Tensor, transform: torch.Tensor) -> None:
        self.objective, self.origin, self.transform = objective, origin, transform
        self.member, self.n_calls = torch.zeros(1, dtype=torch.long, device=origin.device), 0

    def __call__(self, coordinates: dict[str, torch.Tensor]) -> torch.Tensor:
        self.n_calls += 1
        u = coordinates[_SITE]
        here = u.detach()
        value, gradient = self.objective((self.origin + here @ self.transform)[None], self.member)
        # A plane in u with this value and this slope: all that the sampler takes from it.
        plane: torch.Tensor = value[0] + (self.transform @ gradient[0]) @ (u - here)
        return plane


def _chain(
    pyro: Any,
    objective: Objective,
    origin: torch.Tensor,
    transform: torch.Tensor,
    n_samples: int,
    n_warmup: int,
    progress: Callable[[int], None],
) -> Samples:
    """One chain; the fields are as those of ``Samples`` without the dimension of chains."""
    potential = _Potential(objective, origin, transform)
    kernel = pyro.NUTS(potential_fn=potential, target_accept_prob=_TARGET_ACCEPTANCE, max_tree_depth=_MAX_TREE_DEPTH)
    n_calls: list[int] = [0]
    fared: dict[str, Any] = {}

    def note(kernel: Any, *_: Any) -> None:
        n_calls.append(potential.n_calls)
        if len(n_calls) > n_warmup + 1:
            fared["divergences"] = list(kernel.diagnostics()["divergences"])
        fared["acceptance"] = float(kernel.logging()["acc. prob"])
        fared["step_size"] = float(kernel.step_size)
        progress(1)

    beginning = torch.randn(len(transform), dtype=origin.dtype).to(origin.device)
    sampler = pyro.MCMC(
        kernel,
        num_samples=n_samples,
        warmup_steps=n_warmup,
        initial_params={_SITE: beginning},
        disable_progbar=True,
        hook_fn=note,
    )
    sampler.run()
    draws = origin + sampler.get_samples()[_SITE] @ transform
    divergent = np.zeros(n_samples, dtype=bool)
    divergent[fared["divergences"]] = True
    return Samples(
        draws.cpu().numpy(),
        divergent,
        np.diff(n_calls)[n_warmup:],
        np.array(fared["acceptance"]),
        np.array(fared["step_size"]),
    )
