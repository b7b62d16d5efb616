"""Rounds of L-BFGS in whitened coordinates, and the record of every step.

The likelihood of a promoter model has long flat valleys (the energy scale, the interaction energy and a chemical
potential slide along together), along which plain L-BFGS crawls. A round therefore measures in units of the
Fisher information where the last one ended.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch

from kcalseq.training.fisher import information
from kcalseq.training.lbfgs import Listener, minimise
from kcalseq.training.objective import LogPosterior

# Variants behind the preconditioner: many times the number of parameters, a fraction of a second's work.
_PRECONDITIONER_VARIANTS = 8000

_LIFT = 1e-10

# Nats: what is left of a round's gains where it may be the measurement process alone that still moves.
_LITTLE = 0.5


@dataclass(frozen=True)
class FitSettings:
    """How long to look for the optimum.

    Attributes:
        first_iterations: steps of plain L-BFGS before the first whitened round.
        round_iterations: most steps of a round.
        max_rounds: most rounds.
        tolerance: converged when a whole round gains less than this, nats.
        rest: or when it gains little and moves the energies by less than this, standard errors (``Round.moved``).
    """

    first_iterations: int = 150
    round_iterations: int = 100
    max_rounds: int = 8
    tolerance: float = 0.1
    rest: float = 0.05

    def at_rest(self, gain: torch.Tensor, moved: torch.Tensor) -> torch.Tensor:
        """Which members came to rest in a round, from what each gained (nats) and how far its energies moved.

        The curves of a measurement process with many numbers go on gaining tenths of a nat for hundreds of steps that
        change no energy.
        """
        return (gain < self.tolerance) | ((gain < _LITTLE) & (moved < self.rest))


class HistoryRow(NamedTuple):
    """One step of one member: objective in nats and largest absolute component of its gradient."""

    member: int
    iteration: int
    objective: float
    gradient_norm: float


Progress = Callable[[int], None]


class Recorder:
    """Keeps every step of every member for the training history and moves the progress bar.

    Args:
        progress: called with the number of steps newly done.
        history: steps that members have behind them.
    """

    def __init__(self, progress: Progress, history: list[HistoryRow] | None = None) -> None:
        self.rows: list[HistoryRow] = list(history or [])
        self._progress = progress
        self._steps = Counter(row.member for row in self.rows)

    def of(self, numbers: list[int]) -> Listener:
        """A listener for a call of ``minimise`` whose members have these numbers in the history."""

        def note(_: int, members: torch.Tensor, value: torch.Tensor, gradient_norm: torch.Tensor) -> None:
            for member, objective, norm in zip(members.tolist(), value.tolist(), gradient_norm.tolist(), strict=True):
                number = numbers[member]
                self.rows.append(HistoryRow(number, self._steps[number], objective, norm))
                self._steps[number] += 1
            self._progress(len(members))

        return note


class Round(NamedTuple):
    """What one round gave.

    Attributes:
        flat: shape (n, size).
        value: objective, nats, shape (n,).
        n_evaluations: shape (n,).
        moved: how far energies, chemical potentials and rates moved, in standard errors, shape (n,): root mean square
            over all directions of their space, or, if that is more, any interaction or rate alone. Infinite where no
            coordinates were made.
        sound: whether the slope where it ended is finite, shape (n,); else no step could be taken, and that nothing
            was gained means nothing.
    """

    flat: torch.Tensor
    value: torch.Tensor
    n_evaluations: torch.Tensor
    moved: torch.Tensor
    sound: torch.Tensor


def whitened_round(
    posterior: LogPosterior,
    flat: torch.Tensor,
    rows: torch.Tensor,
    settings: FitSettings,
    listener: Listener | None = None,
    metric: torch.Tensor | None = None,
) -> Round:
    """L-BFGS in coordinates u with x = x0 + u T, T^T T the inverse of Fisher information plus prior at x0.

    Args:
        posterior: the objective; what it holds stays where it is.
        flat: all members' vectors, shape (n_members, size).
        rows: the members to move, shape (n,).
        settings: the longest a round may be.
        listener: told of every step; the members' numbers are their places in ``rows``.
        metric: T for all members, shape (size, size), as from ``whitening``; None makes one for each where it stands.
    """
    origin = flat[rows]
    if metric is None:
        transforms = torch.stack([whitening(posterior, flat[row], int(row)) for row in rows])
    else:
        transforms = metric.expand(len(rows), -1, -1)

    def objective(u: torch.Tensor, members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        transform = transforms[members] if metric is None else metric
        x = origin[members] + (u[:, None] @ transform)[:, 0]
        value, gradient = posterior.value_and_gradient(x, rows[members])
        return value, (gradient[:, None] @ transform.mT)[:, 0]

    minimum = minimise(
        objective,
        torch.zeros_like(origin),
        max_iterations=settings.round_iterations,
        tolerance=settings.tolerance / 10,
        patience=20,
        listener=listener,
    )
    step = (minimum.x[:, None] @ transforms)[:, 0]
    moved = torch.stack([_moved(posterior, one, transform) for one, transform in zip(step, transforms, strict=True)])
    return Round(origin + step, minimum.value, minimum.n_evaluations, moved, minimum.gradient.isfinite().all(1))


def _moved(posterior: LogPosterior, step: torch.Tensor, transform: torch.Tensor) -> torch.Tensor:
    """``Round.moved`` of a step (size,) in coordinates T (size, size)."""
    layout, spec = posterior.network.layout, posterior.network.spec
    n, own = layout.n_energies, transform[:, : layout.n_energies]
    if n == 0:
        return step.new_zeros(())
    covariance = own.T @ own
    units = covariance.diagonal().sqrt()
    identity = torch.eye(n, dtype=step.dtype, device=step.device)
    lower = torch.linalg.cholesky(covariance / torch.outer(units, units) + _LIFT * identity)
    errors = step[:n] / units
    whole = torch.linalg.solve_triangular(lower, errors[:, None], upper=False).square().mean().sqrt()
    names = [*spec.interaction_energies, *(f"{rate}.log_rate" for rate in spec.free_rates)]
    single = [errors[layout.blocks[name].slice].abs() for name in names]
    return torch.cat([whole[None], *single]).max()


def whitening(posterior: LogPosterior, flat: torch.Tensor, member: int) -> torch.Tensor:
    """T with T^T T the inverse of Fisher information plus prior, shape (size, size).

    Args:
        posterior: the objective; a number that it holds keeps its unit.
        flat: where, shape (size,).
        member: number of the member whose data count.
    """
    own = posterior.only(torch.tensor([member], device=flat.device))
    stride = max(1, own.n_variants // _PRECONDITIONER_VARIANTS)
    precision = information(own, flat, stride) + torch.diag(own.precision_at(flat))
    free = own.free(torch.zeros(1, dtype=torch.long, device=flat.device))
    if free is not None:
        held = ~free[0]
        precision[held, :] = 0.0
        precision[:, held] = 0.0
        precision[held, held] = 1.0
    # In units of its own diagonal, and lifted a little: rounding must not make a flat direction negative.
    units = precision.diagonal().sqrt()
    identity = torch.eye(len(flat), dtype=flat.dtype, device=flat.device)
    lower = units[:, None] * torch.linalg.cholesky(precision / torch.outer(units, units) + _LIFT * identity)
    inverse: torch.Tensor = torch.linalg.solve_triangular(lower, identity, upper=False)
    return inverse
