"""Minibatch Adam for many members at once, for data that do not fit into memory; each member has its own end.

Members (starts, bootstraps) are rows of one tensor; Adam (Kingma & Ba 2015, Algorithm 1) works number by number, so
none sees another. An epoch goes once over batches that the caller makes one at a time. A member stops when its
validation value has not fallen for some epochs, and gets back the weights at which that value was lowest.
"""

import dataclasses
import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.training.checkpoint import Checkpoint

Batch = TypeVar("Batch")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class AdamSettings:
    """How fast and how long to train.

    Attributes:
        n_epochs: most epochs.
        first_rate, last_rate: learning rate of the first and the last epoch, with half a cosine between them.
        patience: a member stops after so many epochs without a lower validation value.
        first_decay, second_decay: of the running means of the gradient and of its square.
        epsilon: added to the root of the latter.

    Raises:
        ValueError: no epochs, no patience, rates that are not positive, or decays outside [0, 1).
    """

    n_epochs: int = 200
    first_rate: float = 1e-2
    last_rate: float = 1e-4
    patience: int = 20
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        """Check the ranges."""
        if min(self.n_epochs, self.patience) < 1 or min(self.first_rate, self.last_rate, self.epsilon) <= 0:
            raise ValueError(f"{self}: at least one epoch and one of patience, and rates above 0")
        if not (0 <= self.first_decay < 1 and 0 <= self.second_decay < 1):
            raise ValueError(f"{self}: decays from 0 to less than 1")

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 0 (Loshchilov & Hutter 2017, Eq. 5, without restarts)."""
        done = epoch / max(self.n_epochs - 1, 1)
        return self.last_rate + 0.5 * (self.first_rate - self.last_rate) * (1.0 + math.cos(math.pi * done))


class AdamFit(NamedTuple):
    """Where the members were at their best.

    Attributes:
        flat: weights of the lowest validation value, shape (n_members, size).
        validation: that value, float64, shape (n_members,); infinite where it was never a number.
        best_epoch: epochs done by then, shape (n_members,); 0 for a member that never got better than its start.
        stopped: whether the member stopped before the last epoch, shape (n_members,).
        training_history: mean over the batches of each epoch of the objective, shape (n_epochs, n_members); NaN for
            members that have stopped.
        validation_history: at the start and after each epoch, shape (n_epochs + 1, n_members); NaN likewise.
    """

    flat: torch.Tensor
    validation: torch.Tensor
    best_epoch: torch.Tensor
    stopped: torch.Tensor
    training_history: torch.Tensor
    validation_history: torch.Tensor


def shuffled_batches(n: int, size: int, seed: int) -> Callable[[int], Iterator[NDArray[np.int64]]]:
    """Shuffle n observations anew in every epoch.

    Args:
        n: observations, at least 1.
        size: most observations in a batch, at least 1; batches of an epoch differ by one observation at most, since
            a short last batch would weigh its observations more than the others.
        seed: the order depends on it and on the epoch, and on nothing else.

    Returns:
        a function of the epoch that yields the numbers of the observations in each batch, shape (n_batch,); together
        they hold each of 0..n-1 once.

    Raises:
        ValueError: no observations, or batches of none.
    """
    if min(n, size) < 1:
        raise ValueError(f"batches of {size} out of {n} observations: at least 1 of each")
    return shuffled_parts(n, -(-n // size), (seed,))


def shuffled_parts(n: int, n_batches: int, seed: tuple[int, ...]) -> Callable[[int], Iterator[NDArray[np.int64]]]:
    """As ``shuffled_batches``, with the number of batches in the place of their size."""

    def batches(epoch: int) -> Iterator[NDArray[np.int64]]:
        order = np.random.default_rng([*seed, epoch]).permutation(n)
        for batch in range(n_batches):
            yield order[batch * n // n_batches : (batch + 1) * n // n_batches]

    return batches


def minimise_batches(
    objective: Callable[[torch.Tensor, Batch], torch.Tensor],
    start: torch.Tensor,
    batches: Callable[[int], Iterator[Batch]],
    validation: Callable[[torch.Tensor], torch.Tensor],
    settings: AdamSettings,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> AdamFit:
    """Minimise an objective that is told batch by batch, for every member.

    Args:
        objective: takes weights (n_members, size), of all members in every call, and a batch; gives the values to be
            differentiated (n_members,), the mean over the batch per observation with its share of the prior. Whatever
            is random in it must follow from the batch, or a run that goes on from a checkpoint takes another way.
        start: float32 or float64, shape (n_members, size).
        batches: takes the epoch, counted from 0; yields its batches. One is kept at a time.
        validation: takes weights (n_members, size), gives the values to be watched (n_members,).
        settings: how fast and how long.
        progress: called with 1 after every epoch, and with those that a checkpoint has behind it.
        checkpoint: where to keep the state; if the file is there, the run goes on from it, to the same last bit.

    Raises:
        KcalseqError: the checkpoint is of another run: other settings, start, size, precision or name.
        ValueError: an epoch without batches.
    """
    described = {**dataclasses.asdict(settings), **_description(start)}
    found = checkpoint.load(described) if checkpoint else None
    state = _beginning(start, settings.n_epochs)
    if found is None:
        _note_validation(state, validation, settings.patience)
    else:
        for name, tensor in state._asdict().items():
            tensor.copy_(found[name])
        progress(int(state.epoch))
    while not _is_over(state, settings):
        _train_epoch(state, objective, batches(int(state.epoch)), settings)
        _note_validation(state, validation, settings.patience)
        if checkpoint and (int(state.epoch) % checkpoint.every == 0 or _is_over(state, settings)):
            checkpoint.save(state._asdict(), described)
        progress(1)
    done = int(state.epoch)
    return AdamFit(
        state.best_flat,
        state.best_value,
        state.best_epoch,
        state.stopped,
        state.training_history[:done],
        state.validation_history[: done + 1],
    )


class _State(NamedTuple):
    """All that the rest of a run depends on; tensors that are changed in place."""

    flat: torch.Tensor
    first_moment: torch.Tensor
    second_moment: torch.Tensor
    n_steps: torch.Tensor
    epoch: torch.Tensor
    best_flat: torch.Tensor
    best_value: torch.Tensor
    best_epoch: torch.Tensor
    stopped: torch.Tensor
    training_history: torch.Tensor
    validation_history: torch.Tensor


def _beginning(start: torch.Tensor, n_epochs: int) -> _State:
    n_members = len(start)
    start = start.detach().contiguous()
    none, values = torch.zeros((), dtype=torch.int64), torch.zeros(n_members, dtype=torch.float64, device=start.device)
    return _State(
        flat=start.clone(),
        first_moment=torch.zeros_like(start),
        second_moment=torch.zeros_like(start),
        n_steps=none.clone(),
        epoch=none.clone(),
        best_flat=start.clone(),
        best_value=torch.full_like(values, torch.inf),
        best_epoch=torch.zeros(n_members, dtype=torch.int64, device=start.device),
        stopped=torch.zeros(n_members, dtype=torch.bool, device=start.device),
        training_history=values.new_full((n_epochs, n_members), torch.nan),
        validation_history=values.new_full((n_epochs + 1, n_members), torch.nan),
    )


def _description(start: torch.Tensor) -> dict[str, object]:
    """What a start is known by."""
    digest = hashlib.sha256(start.detach().cpu().contiguous().numpy().tobytes()).hexdigest()
    return {"start_shape": list(start.shape), "precision": str(start.dtype), "start": digest}


def _is_over(state: _State, settings: AdamSettings) -> bool:
    return int(state.epoch) >= settings.n_epochs or bool(state.stopped.all())


def _note_validation(state: _State, validation: Callable[[torch.Tensor], torch.Tensor], patience: int) -> None:
    """Keep the weights of members that were never better, and stop those that have not been for too long."""
    with torch.no_grad():
        value = validation(state.flat).double()
    epoch = int(state.epoch)
    # Not a number compares as False: it is never better.
    better = (value < state.best_value) & ~state.stopped
    state.validation_history[epoch] = torch.where(state.stopped, torch.nan, value)
    state.best_flat[better], state.best_value[better] = state.flat[better], value[better]
    state.best_epoch[better] = epoch
    # Weights that are not numbers never become numbers again.
    lost = ~torch.isfinite(state.flat).all(1)
    state.stopped.logical_or_(lost | (epoch - state.best_epoch >= patience))


def _train_epoch(
    state: _State,
    objective: Callable[[torch.Tensor, Batch], torch.Tensor],
    batches: Iterator[Batch],
    settings: AdamSettings,
) -> None:
    epoch = int(state.epoch)
    rate, total, n_batches = settings.rate(epoch), torch.zeros_like(state.best_value), 0
    for batch in batches:
        flat = state.flat.detach().requires_grad_()
        value = objective(flat, batch)
        (gradient,) = torch.autograd.grad(value.sum(), flat)
        _step(state, gradient, rate, settings)
        total += value.detach()
        n_batches += 1
    if n_batches == 0:
        raise ValueError(f"epoch {epoch} has no batches: they must be made anew for every epoch")
    state.training_history[epoch] = torch.where(state.stopped, torch.nan, total / n_batches)
    state.epoch.add_(1)


def _step(state: _State, gradient: torch.Tensor, rate: float, settings: AdamSettings) -> None:
    """One step of Adam for the members that have not stopped."""
    first, second = settings.first_decay, settings.second_decay
    steps = int(state.n_steps.add_(1))
    state.first_moment.mul_(first).add_(gradient, alpha=1.0 - first)
    state.second_moment.mul_(second).addcmul_(gradient, gradient, value=1.0 - second)
    size = (state.second_moment / (1.0 - second**steps)).sqrt_().add_(settings.epsilon)
    step = (state.first_moment / size).mul_(rate / (1.0 - first**steps))
    # By choice, not by a factor of 0: what a stopped member's gradient holds may not be a number.
    state.flat.copy_(torch.where(state.stopped[:, None], state.flat, state.flat - step))
