"""Fit a model from several random starts: plain L-BFGS first, then whitened rounds, then a polish of the best.

On a CUDA device all starts go as one batch; on a CPU each start has its own thread and one core, so that its numbers
do not depend on how many run beside it.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import torch

from kcalseq.training.lbfgs import Listener, minimise
from kcalseq.training.objective import LogPosterior
from kcalseq.training.rounds import FitSettings, HistoryRow, Progress, Recorder, Round, whitened_round

_POLISH = FitSettings(tolerance=0.005, max_rounds=12)


class Fit(NamedTuple):
    """Where the members ended.

    Attributes:
        flat: shape (n_members, size).
        value: negative log posterior, nats, shape (n_members,).
        n_evaluations: shape (n_members,).
        converged: shape (n_members,).
        history: every step of every member.
        cpu_seconds: CPU time per member, shape (n_members,).
    """

    flat: torch.Tensor
    value: torch.Tensor
    n_evaluations: torch.Tensor
    converged: torch.Tensor
    history: list[HistoryRow]
    cpu_seconds: torch.Tensor


def choose_device() -> torch.device:
    """The CUDA device if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit_members(
    posterior: LogPosterior,
    start: torch.Tensor,
    settings: FitSettings,
    n_threads: int,
    progress: Progress,
    metric: torch.Tensor | None = None,
    first_member: int = 0,
) -> Fit:
    """Fit every member from its own beginning.

    Args:
        posterior: the objective.
        start: shape (n_members, size).
        settings: when to stop.
        n_threads: CPU cores to use.
        progress: called with 1 after every step of every member (steps of a batch count one each).
        metric: where all begin near one optimum, the whitening there (``rounds.whitening``), shape (size, size): the
            first steps are then taken in it, and not in plain coordinates. It is worked out once and not for each.
        first_member: number of the first member in the history.
    """
    if start.device.type != "cpu":
        return fit_batch(posterior, start, settings, progress, first_member, metric)

    def task(member: int) -> Fit:
        own = posterior.only(torch.tensor([member]))
        return fit_batch(own, start[member : member + 1], settings, progress, first_member + member, metric)

    with single_threaded_pool(n_threads) as pool:
        return joined(list(pool.map(task, range(len(start)))))


def polish(posterior: LogPosterior, fit: Fit, member: int, progress: Progress) -> Fit:
    """Go on from one member until a round gains next to nothing; the others stay as they ended.

    Along the flat valley a tenth of a nat still moves the interaction energy by a third of its standard error.
    The member counts as converged only if it comes to rest here.

    Args:
        posterior: as in ``fit_members``.
        fit: what ``fit_members`` gave.
        member: which to polish.
        progress: called with 1 after every step.
    """
    clock = time.thread_time()
    flat, value, n_evaluations = fit.flat.clone(), fit.value.clone(), fit.n_evaluations.clone()
    cpu_seconds, converged = fit.cpu_seconds.clone(), fit.converged.clone()
    recorder = Recorder(progress, fit.history)
    row = torch.tensor([member], device=flat.device)
    converged[member] = False
    for _ in range(_POLISH.max_rounds):
        found = whitened_round(posterior, flat, row, _POLISH, recorder.of([member]))
        converged[member] = float(value[member] - found.value) < _POLISH.tolerance
        flat[row], value[row] = found.flat, found.value
        n_evaluations[row] += found.n_evaluations
        if converged[member]:
            break
    cpu_seconds[member] += time.thread_time() - clock
    return Fit(flat, value, n_evaluations, converged, recorder.rows, cpu_seconds)


def single_threaded_pool(n_threads: int) -> ThreadPoolExecutor:
    """Workers that each compute on one core; torch releases Python's lock while it computes."""
    return ThreadPoolExecutor(max_workers=max(1, n_threads), initializer=torch.set_num_threads, initargs=(1,))


def fit_batch(
    posterior: LogPosterior,
    start: torch.Tensor,
    settings: FitSettings,
    progress: Progress,
    first_member: int = 0,
    metric: torch.Tensor | None = None,
) -> Fit:
    """Fit all members as one batch in this thread.

    Args:
        posterior, start, settings, progress, metric: see ``fit_members``.
        first_member: number of the first member in the history.
    """
    clock = time.thread_time()
    numbers = list(range(first_member, first_member + len(start)))
    recorder = Recorder(progress)
    flat, value, n_evaluations = _first_stage(posterior, start, settings, recorder.of(numbers), metric)
    converged = torch.zeros(len(start), dtype=torch.bool, device=start.device)
    for _ in range(settings.max_rounds):
        rows = (~converged).nonzero()[:, 0]
        if len(rows) == 0:
            break
        listener = recorder.of([numbers[row] for row in rows.tolist()])
        step = whitened_round(posterior, flat, rows, settings, listener)
        gain = value[rows] - step.value
        flat[rows], value[rows] = step.flat, step.value
        n_evaluations[rows] += step.n_evaluations
        converged[rows] = gain < settings.tolerance
    cpu_seconds = torch.full((len(start),), (time.thread_time() - clock) / len(start), dtype=torch.float64)
    return Fit(flat, value, n_evaluations, converged, recorder.rows, cpu_seconds)


def _first_stage(
    posterior: LogPosterior, start: torch.Tensor, settings: FitSettings, listener: Listener, metric: torch.Tensor | None
) -> Round:
    if metric is not None:
        rows, stage = torch.arange(len(start), device=start.device), settings.first_iterations
        return whitened_round(posterior, start, rows, replace(settings, round_iterations=stage), listener, metric)
    minimum = minimise(
        posterior.value_and_gradient,
        start,
        max_iterations=settings.first_iterations,
        tolerance=settings.tolerance,
        listener=listener,
    )
    return Round(minimum.x, minimum.value, minimum.n_evaluations)


def joined(fits: list[Fit]) -> Fit:
    """Members of several fits as one, in order."""
    return Fit(
        torch.cat([fit.flat for fit in fits]),
        torch.cat([fit.value for fit in fits]),
        torch.cat([fit.n_evaluations for fit in fits]),
        torch.cat([fit.converged for fit in fits]),
        [row for fit in fits for row in fit.history],
        torch.cat([fit.cpu_seconds for fit in fits]),
    )
