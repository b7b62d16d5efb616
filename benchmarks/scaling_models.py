"""What a model costs against variants, their length, states and members of a batch; in memory and in batches.

Every row is a process of its own, so that its peak memory is its own. Sequences and bins are random, since their cost
does not depend on what they say; the last row fits a simulated lac library both ways, in batches and all at once.

    PYTHONPATH=scripts python benchmarks/scaling_models.py --folder /tmp/scaling --output benchmarks/scaling_models.tsv
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from coverage_truths import lac_energies
from lac_truth import REPOSITORY

from kcalseq.models.beginnings import beginnings
from kcalseq.models.bins import BinData, TanhBins
from kcalseq.models.design import build_design
from kcalseq.models.network import Network
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import SortingExperiment, simulate_sorting
from kcalseq.training.adam import AdamSettings
from kcalseq.training.batched import batching, fit_in_batches
from kcalseq.training.fitting import fit_problem
from kcalseq.training.objective import LogPosterior, Observations
from kcalseq.training.problem import build_problem
from kcalseq.training.streaming import BATCH, Stream, fit_stream

N_BINS = 10
LAC = REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml"
TWO_SITES = """\
description: Two sites that take up the whole variant
kind: thermodynamic
sequence: {{length: {length}}}
sites:
  A: {{start: 0, length: {half}}}
  P: {{start: {half}, length: {half}}}
interactions: {{a_p: {{between: [A, P]}}}}
states: auto
transcribing: {{P: t_sat}}
"""


def random_codes(n: int, length: int, seed: int) -> np.ndarray:
    """Sequences that differ from AAA... in 12 % of their bases."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, length)) < 0.12, rng.integers(1, 4, (n, length)), 0).astype(np.uint8)


def many_sites(n_sites: int) -> str:
    """A model of 2^n_sites states: sites of five bases side by side, the last of which transcribes."""
    sites = "".join(f"  s{number}: {{start: {5 * number}, length: 5}}\n" for number in range(n_sites))
    head = f"description: Many sites\nkind: thermodynamic\nsequence: {{length: {5 * n_sites}}}\nsites:\n{sites}"
    return f"{head}states: auto\ntranscribing: {{s{n_sites - 1}: t_sat}}\n"


def network_of(spec: ModelSpec) -> Network:
    """The model with ten bins."""
    process = TanhBins(tuple(range(N_BINS)), spec.measurement.hidden_units, spec.measurement.weight_sd)
    return Network(spec, [process], ["all"], torch.device("cpu"))


def one_bin_each(n: int, seed: int) -> np.ndarray:
    """A random bin for each variant."""
    return np.random.default_rng(seed).integers(0, N_BINS, n).astype(np.uint8)


def counts_of_bins(bins: np.ndarray) -> BinData:
    """Data of variants that were seen once each."""
    return BinData(torch.from_numpy((bins[None] == np.arange(N_BINS)[:, None]).astype(float))[None])


def evaluate(spec: ModelSpec, n: int, members: int) -> dict[str, float]:
    """CPU seconds of one objective with its gradient: the median of five."""
    network, codes = network_of(spec), random_codes(n, spec.length, 1)
    data = counts_of_bins(one_bin_each(n, 2))
    training = Observations(build_design(spec, codes, torch.device("cpu")), data, torch.from_numpy(codes))
    posterior = LogPosterior(network, (training,))
    flat = torch.from_numpy(beginnings(network, 1, members))
    seconds = []
    for _ in range(5):
        clock = time.process_time()
        posterior.value_and_gradient(flat, torch.arange(members))
        seconds.append(time.process_time() - clock)
    return {"cpu_s": float(np.median(seconds))}


def stream_epoch(spec: ModelSpec, n: int, folder: Path) -> dict[str, float]:
    """CPU seconds of an epoch in batches from files that are mapped, not read."""
    codes_file, bins_file = folder / f"codes_{n}.npy", folder / f"bins_{n}.npy"
    codes = np.lib.format.open_memmap(codes_file, "w+", np.uint8, (n, spec.length))
    for first in range(0, n, 100_000):
        codes[first : first + 100_000] = random_codes(min(100_000, n - first), spec.length, first)
    codes.flush()
    np.save(bins_file, one_bin_each(n, 2))
    del codes
    mapped, bins = np.load(codes_file, mmap_mode="r"), np.load(bins_file, mmap_mode="r")

    def codes_of(rows: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(mapped[rows])

    def data_of(rows: np.ndarray) -> BinData:
        return counts_of_bins(np.asarray(bins[rows]))

    clock = time.process_time()
    network, all_of_them, few = network_of(spec), *(Stream(size, codes_of, data_of) for size in (n, min(n, BATCH)))
    start = beginnings(network, 1, 1)
    fit_stream(network, [all_of_them], [few], start, 1, AdamSettings(n_epochs=1), lambda _: None)
    seconds = time.process_time() - clock
    codes_file.unlink()
    bins_file.unlink()
    return {"cpu_s": seconds}


def both_ways(spec: ModelSpec, n: int) -> dict[str, float]:
    """How far batches stop short of all variants at once: objective in nats per variant, and what each costs."""
    library = simulate_sorting("simulated", spec, lac_energies(spec), SortingExperiment(n, noise_sd=0.6), seed=1)
    problem = build_problem(spec, library.variants, library.counts, "presence")
    clock = time.process_time()
    how = batching(spec, problem, batches_above=0)
    streamed = fit_in_batches(spec, problem, how, 1, 1, lambda _: None)
    cpu = time.process_time() - clock
    clock = time.process_time()
    whole = fit_problem(spec, problem, 1, 1, 1, lambda _: None)
    whole_cpu = time.process_time() - clock
    short = (streamed.objective - whole.objective) / len(problem.rows("training"))
    return {"cpu_s": cpu, "cpu_s_at_once": whole_cpu, "nats_short": short}


def tasks(folder: Path) -> dict[str, tuple[str, int, Callable[[], dict[str, float]]]]:
    """What is measured, what it grows with, and how much of that."""

    def model(text: str) -> ModelSpec:
        path = folder / "model.yaml"
        path.write_text(text, encoding="utf-8")
        return read_model(path)

    lac = read_model(LAC)
    found: dict[str, tuple[str, int, Callable[[], dict[str, float]]]] = {}
    for n in (10**4, 10**5, 10**6):
        found[f"variants-{n}"] = ("variants, lac model", n, lambda n=n: evaluate(lac, n, 1))
    for length in (20, 80, 320):
        text = TWO_SITES.format(length=length, half=length // 2)
        found[f"length-{length}"] = (
            "length, nt (30,000 variants)",
            length,
            lambda t=text: evaluate(model(t), 30_000, 1),
        )
    for sites in (2, 4, 8, 12):
        text = many_sites(sites)
        found[f"states-{2**sites}"] = (
            "states (10,000 variants)",
            2**sites,
            lambda t=text: evaluate(model(t), 10_000, 1),
        )
    for members in (1, 4, 16):
        found[f"members-{members}"] = (
            "members of a batch, lac model (30,000 variants)",
            members,
            lambda m=members: evaluate(lac, 30_000, m),
        )
    for n in (10**5, 10**6, 10**7):
        found[f"stream-{n}"] = (
            "variants in batches, lac model, one epoch",
            n,
            lambda n=n: stream_epoch(lac, n, folder),
        )
    found["both-100000"] = ("batches against all at once, lac model", 10**5, lambda: both_ways(lac, 10**5))
    return found


def main() -> None:
    """Measure each task in its own process and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for files of sequences, about 1 GB")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.task:
        torch.set_num_threads(1)
        found = tasks(options.folder)[options.task][2]()
        print(json.dumps({**found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    rows: list[dict[str, Any]] = []
    for name, (what, size, _) in tasks(options.folder).items():
        command = [sys.executable, __file__, "--folder", str(options.folder), "--task", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append({"grows_with": what, "size": size, **json.loads(done.stdout)})
        print(rows[-1], flush=True)
    if options.output:
        pd.DataFrame(rows).round(4).to_csv(options.output, sep="\t", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
