"""Starts of a fit as one leading tensor dimension, or each in a thread of its own: which is cheaper on this machine?

Both ways do the same 60 steps of L-BFGS on the lac example's true observations, in turn, several times; the table
gives the median and range of CPU time and the median wall time per way, and the objective both reach.

    PYTHONPATH=scripts python benchmarks/fit_members.py --threads 2 --output benchmarks/fit_members.tsv
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from lac_truth import REPOSITORY, true_observations

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.spec import read_model
from kcalseq.training.fit import single_threaded_pool
from kcalseq.training.fitting import prepare
from kcalseq.training.lbfgs import minimise
from kcalseq.training.objective import LogPosterior

STEPS = 60


def as_batch(posterior: LogPosterior, start: torch.Tensor, threads: int) -> torch.Tensor:
    """All members in one tensor; torch spreads its loops over the cores."""
    torch.set_num_threads(threads)
    return minimise(posterior.value_and_gradient, start, max_iterations=STEPS, tolerance=0.0).value


def as_threads(posterior: LogPosterior, start: torch.Tensor, threads: int) -> torch.Tensor:
    """Each member by itself on one core."""
    torch.set_num_threads(1)

    def fit(member: torch.Tensor) -> torch.Tensor:
        return minimise(posterior.value_and_gradient, member[None], max_iterations=STEPS, tolerance=0.0).value

    with single_threaded_pool(threads) as pool:
        return torch.cat(list(pool.map(fit, start)))


def measure(work: Callable[[], torch.Tensor]) -> tuple[float, float, torch.Tensor]:
    """CPU seconds, wall seconds and result of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=4, help="starts to fit (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="CPU cores to use (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of each way (default %(default)s)")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    spec = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    posterior = prepare(spec, true_observations(spec)).posterior
    start = torch.from_numpy(np.stack([initial_parameters(posterior.network, 1, n) for n in range(options.members)]))
    rows = []
    for repeat in range(options.repeats):
        for way, run in (("one batch", as_batch), ("a thread each", as_threads)):
            cpu, wall, value = measure(lambda run=run: run(posterior, start, options.threads))
            rows.append((way, repeat, cpu, wall, float(value.min())))
    frame = pd.DataFrame(rows, columns=["way", "repeat", "cpu_s", "wall_s", "best_objective_nats"])
    table = frame.groupby("way").agg(
        cpu_s_median=("cpu_s", "median"),
        cpu_s_min=("cpu_s", "min"),
        cpu_s_max=("cpu_s", "max"),
        wall_s_median=("wall_s", "median"),
        best_objective_nats=("best_objective_nats", "median"),
    )
    table.insert(0, "threads", options.threads)
    table.insert(0, "members", options.members)
    text = table.round(3).to_csv(sep="\t", lineterminator="\n")
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
