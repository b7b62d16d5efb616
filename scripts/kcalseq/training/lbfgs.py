"""Full-batch L-BFGS for many members at once, each with its own line search and its own end.

Members (starts, bootstraps, profile points) are rows of one tensor; none sees another, so a member ends at the
same numbers whatever company it keeps, up to rounding. The inverse Hessian is kept in compact form (Byrd,
Nocedal & Schnabel 1994, Eq. 3.1): two products with the history and two small triangular solves instead of a
loop over it. The line search is Lewis & Overton's (2013) bracketing for the weak Wolfe conditions, which keeps
every curvature pair positive.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch

Objective = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
Listener = Callable[[int, torch.Tensor, torch.Tensor, torch.Tensor], None]

_SUFFICIENT_DECREASE = 1e-4
_CURVATURE = 0.9
_MAX_TRIALS = 30


class Minimum(NamedTuple):
    """Where each member ended.

    Attributes:
        x: shape (n_members, size).
        value: objective there, shape (n_members,).
        gradient: shape (n_members, size).
        n_evaluations: evaluations that the member took part in, shape (n_members,).
        converged: whether it fell by less than the tolerance over its last ``patience`` steps, shape (n_members,).
    """

    x: torch.Tensor
    value: torch.Tensor
    gradient: torch.Tensor
    n_evaluations: torch.Tensor
    converged: torch.Tensor


class _History:
    """Steps and gradient changes of the active members, oldest first, with their inner products."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.s = self.y = self.sy = self.yy = torch.empty(0)

    def append(self, s: torch.Tensor, y: torch.Tensor) -> None:
        """Add one pair per member, each of shape (n_members, size)."""
        s, y = s[:, None], y[:, None]
        if self.s.numel() == 0:
            self.s, self.y = s, y
            self.sy, self.yy = s @ y.mT, y @ y.mT
            return
        first = 1 if self.s.shape[1] == self.capacity else 0
        self.s, self.y = torch.cat([self.s[:, first:], s], 1), torch.cat([self.y[:, first:], y], 1)
        self.sy = _bordered(self.sy[:, first:, first:], self.s[:, :-1] @ y.mT, s @ self.y[:, :-1].mT, s @ y.mT)
        yy_column = self.y[:, :-1] @ y.mT
        self.yy = _bordered(self.yy[:, first:, first:], yy_column, yy_column.mT, y @ y.mT)

    def keep(self, rows: torch.Tensor) -> None:
        """Forget the members that are not in ``rows`` (bool or index)."""
        if self.s.numel():
            self.s, self.y, self.sy, self.yy = self.s[rows], self.y[rows], self.sy[rows], self.yy[rows]

    def direction(self, gradient: torch.Tensor) -> torch.Tensor:
        """Minus the inverse Hessian estimate times the gradient, shape (n_members, size)."""
        if self.s.numel() == 0:
            return -gradient / gradient.abs().sum(1, keepdim=True).clamp_min(1.0)
        g = gradient[:, :, None]
        scale = (self.sy[:, -1, -1] / self.yy[:, -1, -1])[:, None, None]
        upper = torch.triu(self.sy)
        diagonal = torch.diagonal(self.sy, dim1=1, dim2=2)[:, :, None]
        u = torch.linalg.solve_triangular(upper, self.s @ g, upper=True)
        inner = diagonal * u + scale * (self.yy @ u - self.y @ g)
        top = torch.linalg.solve_triangular(upper.mT, inner, upper=False)
        step = scale * g + self.s.mT @ top - scale * (self.y.mT @ u)
        direction: torch.Tensor = -step[:, :, 0]
        return direction


def _bordered(old: torch.Tensor, column: torch.Tensor, row: torch.Tensor, corner: torch.Tensor) -> torch.Tensor:
    return torch.cat([torch.cat([old, column], 2), torch.cat([row, corner], 2)], 1)


class _Point(NamedTuple):
    x: torch.Tensor
    value: torch.Tensor
    gradient: torch.Tensor


def minimise(
    objective: Objective,
    start: torch.Tensor,
    *,
    max_iterations: int,
    tolerance: float,
    patience: int = 50,
    history: int = 100,
    listener: Listener | None = None,
) -> Minimum:
    """Minimise a smooth objective for every member.

    Args:
        objective: takes x (n_active, size) and the member numbers (n_active,); gives values (n_active,) and
            gradients (n_active, size).
        start: shape (n_members, size).
        max_iterations: most steps a member takes.
        tolerance: a member has converged when its objective fell by less than this over ``patience`` steps.
        patience: see ``tolerance``.
        history: curvature pairs kept.
        listener: called after every step with the step number, the active member numbers, their values and the
            largest absolute component of their gradients.
    """
    members = torch.arange(len(start), device=start.device)
    value, gradient = objective(start, members)
    result = Minimum(
        start.clone(),
        value.clone(),
        gradient.clone(),
        torch.ones_like(members),
        torch.zeros_like(members, dtype=torch.bool),
    )
    point, pairs, past = _Point(start, value, gradient), _History(history), [value]
    for iteration in range(max_iterations):
        direction = pairs.direction(point.gradient)
        found, n_evaluations, moved = _line_search(objective, point, direction, members)
        result.n_evaluations[members] += n_evaluations
        result.x[members], result.value[members], result.gradient[members] = found
        if listener is not None:
            listener(iteration, members, found.value, found.gradient.abs().amax(1))
        past.append(found.value)
        settled = torch.zeros_like(moved)
        if len(past) > patience:
            settled = past[-1 - patience] - found.value < tolerance
        result.converged[members] = settled
        active = moved & ~settled
        if not active.any():
            break
        pairs.keep(active)
        pairs.append((found.x - point.x)[active], (found.gradient - point.gradient)[active])
        point, members = _Point(*(item[active] for item in found)), members[active]
        past = [item[active] for item in past[-patience:]]
    return result


def _line_search(
    objective: Objective, origin: _Point, direction: torch.Tensor, members: torch.Tensor
) -> tuple[_Point, torch.Tensor, torch.Tensor]:
    """Weak Wolfe point along each member's direction.

    Returns:
        the points, evaluations spent by each member, and whether each member moved downhill.
    """
    slope = (direction * origin.gradient).sum(1)
    step = torch.ones_like(slope)
    low, high = torch.zeros_like(slope), torch.full_like(slope, torch.inf)
    best = _Point(origin.x.clone(), origin.value.clone(), origin.gradient.clone())
    pending = slope < 0
    n_evaluations = torch.zeros_like(members)
    for _ in range(_MAX_TRIALS):
        rows = pending.nonzero()[:, 0]
        if len(rows) == 0:
            break
        x = origin.x[rows] + step[rows, None] * direction[rows]
        value, gradient = objective(x, members[rows])
        n_evaluations[rows] += 1
        # A non-finite value compares as False, so the step counts as too long and is halved.
        falls = value <= origin.value[rows] + _SUFFICIENT_DECREASE * step[rows] * slope[rows]
        flat = (gradient * direction[rows]).sum(1) >= _CURVATURE * slope[rows]
        kept = rows[falls]
        best.x[kept], best.value[kept], best.gradient[kept] = x[falls], value[falls], gradient[falls]
        high[rows[~falls]] = step[rows[~falls]]
        low[rows[falls & ~flat]] = step[rows[falls & ~flat]]
        pending[rows[falls & flat]] = False
        bounded = torch.isfinite(high)
        step = torch.where(pending, torch.where(bounded, (low + high) / 2, step * 2), step)
    return best, n_evaluations, best.value < origin.value
