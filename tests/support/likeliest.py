"""Where a likelihood of few numbers is greatest."""

from collections.abc import Callable

import torch


def likeliest(
    log_likelihood: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, least_change: float = 1e-10
) -> torch.Tensor:
    """The maximum that L-BFGS comes to.

    Args:
        log_likelihood: of the numbers, shape (size,), summed over the data.
        start: where to begin, shape (size,).
        least_change: of the numbers in a step, where it stops.
    """
    flat = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([flat], max_iter=200, line_search_fn="strong_wolfe", tolerance_change=least_change)

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = -log_likelihood(flat)
        loss.backward()
        return loss

    optimiser.step(closure)
    assert flat.grad is not None and float(flat.grad.abs().max()) < 0.05
    return flat.detach()
