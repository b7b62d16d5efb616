"""Fit a model from several random starts: plain L-BFGS first, then whitened rounds, then a polish of the best.

On a CUDA device all starts go as one batch; on a CPU each start has its own thread and one core, so that its numbers
do not depend on how many run beside it.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import torch

from kcalseq.training.keeping import Keeper, Kept
from kcalseq.training.lbfgs import Listener, minimise
from kcalseq.training.members import Fit, Standing, joined
from kcalseq.training.objective import LogPosterior
from kcalseq.training.rounds import FitSettings, Progress, Recorder, Round, whitened_round

_POLISH = FitSettings(tolerance=0.005, max_rounds=12)


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
    keeper: Keeper | None = None,
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
        keeper: keeps where members stand after every stage, and lets them go on from what it kept of this very fit.
    """
    if start.device.type != "cpu":
        return fit_batch(posterior, start, settings, progress, first_member, metric, keeper)

    def task(member: int) -> Fit:
        own = posterior.only(torch.tensor([member]))
        return fit_batch(own, start[member : member + 1], settings, progress, first_member + member, metric, keeper)

    with single_threaded_pool(n_threads) as pool:
        return joined(list(pool.map(task, range(len(start)))))


def polish(posterior: LogPosterior, fit: Fit, member: int, progress: Progress, keeper: Keeper | None = None) -> Fit:
    """Go on from one member until a round gains next to nothing; the others stay as they ended.

    Along the flat valley a tenth of a nat still moves the interaction energy by a third of its standard error.
    The member counts as converged only if it comes to rest here.

    Args:
        posterior: as in ``fit_members``.
        fit: what ``fit_members`` gave.
        member: which to polish.
        progress: called with 1 after every step.
        keeper: as in ``fit_members``.
    """
    row = torch.tensor([member], device=fit.flat.device)
    before = [step for step in fit.history if step.member == member]
    own, resting = posterior.only(row), torch.zeros_like(fit.converged[row])
    begun = Fit(fit.flat[row], fit.value[row], fit.n_evaluations[row], resting, before, fit.cpu_seconds[[member]])
    kept = None
    if keeper is not None:
        kept = keeper.named(f"polish of {keeper.what}").of([member], own, begun.flat, begun.value, _POLISH)
    standing = None if kept is None else kept.load(fit.flat.device)
    if standing is None:
        standing = Standing(0, begun)
    else:
        progress(len(standing.fit.history) - len(before))
    ended = _rounds(own, standing, _POLISH, progress, [member], kept)
    found = joined([fit])
    found.flat[row], found.value[row], found.n_evaluations[row] = ended.flat, ended.value, ended.n_evaluations
    found.converged[row], found.cpu_seconds[member] = ended.converged, ended.cpu_seconds[0]
    return found._replace(history=[*fit.history, *ended.history[len(before) :]])


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
    keeper: Keeper | None = None,
) -> Fit:
    """Fit all members as one batch in this thread.

    Args:
        posterior, start, settings, progress, metric, keeper: see ``fit_members``.
        first_member: number of the first member in the history.
    """
    numbers = list(range(first_member, first_member + len(start)))
    kept = None if keeper is None else keeper.of(numbers, posterior, start, settings, metric)
    standing = None if kept is None else kept.load(start.device)
    if standing is not None:
        progress(len(standing.fit.history))
    else:
        clock, recorder = time.thread_time(), Recorder(progress)
        begun = _first_stage(posterior, start, settings, recorder.of(numbers), metric)
        converged = torch.zeros(len(start), dtype=torch.bool, device=start.device)
        cpu_seconds = torch.full((len(start),), (time.thread_time() - clock) / len(start), dtype=torch.float64)
        standing = Standing(0, Fit(*begun[:3], converged, recorder.rows, cpu_seconds))
        if kept is not None:
            kept.save(standing)
    return _rounds(posterior, standing, settings, progress, numbers, kept)


def _rounds(
    posterior: LogPosterior,
    standing: Standing,
    settings: FitSettings,
    progress: Progress,
    numbers: list[int],
    kept: Kept | None,
) -> Fit:
    """Whitened rounds from where members stand until each came to rest; ``numbers`` are theirs in the history."""
    n_rounds, fit = standing
    recorder = Recorder(progress, fit.history)
    while n_rounds < settings.max_rounds and not fit.converged.all():
        clock, rows = time.thread_time(), (~fit.converged).nonzero()[:, 0]
        listener = recorder.of([numbers[row] for row in rows.tolist()])
        step = whitened_round(posterior, fit.flat, rows, settings, listener)
        gain = fit.value[rows] - step.value
        fit.flat[rows], fit.value[rows] = step.flat, step.value
        fit.n_evaluations[rows] += step.n_evaluations
        fit.converged[rows] = settings.at_rest(gain, step.moved) & step.sound
        fit.cpu_seconds[rows.cpu()] += (time.thread_time() - clock) / len(rows)
        n_rounds, fit = n_rounds + 1, fit._replace(history=list(recorder.rows))
        if kept is not None:
            kept.save(Standing(n_rounds, fit))
    return fit


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
    nowhere, sound = torch.full_like(minimum.value, torch.inf), minimum.gradient.isfinite().all(1)
    return Round(minimum.x, minimum.value, minimum.n_evaluations, nowhere, sound)
