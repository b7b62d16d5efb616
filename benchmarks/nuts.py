"""What draws from the posterior say of the lac fit, beside its profile likelihood and its curvature.

Fits lac_thermodynamic to MAVE-NN's sort-seq table (columns set, ct_0 to ct_9, x), profiles the interaction, and draws
with the No-U-Turn sampler. The tanh units' slopes and offsets are held where the fit has them, all else is drawn: the
units can stand in for each other in too many ways, and holding them leaves the curvature's errors as they are. The
prior leaves the scale of each matrix open (training/scale_prior.py); ``--priors own`` draws under the fit's own priors.
The scale, and the interaction with it, moves little from draw to draw: r_hat and ess in the table tell how far to trust
its tails, and more --samples improve them.

    pip install kcalseq[sampling]
    PYTHONPATH=scripts python benchmarks/nuts.py --table sortseq_data.csv.gz --output benchmarks/nuts.tsv
"""

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from lac_truth import REPOSITORY
from numpy.typing import NDArray

from kcalseq.models.gauge import observed_bases
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.chains import summarise
from kcalseq.training.draws import CanonicalDraws, canonical_draws
from kcalseq.training.fitting import fit_problem, prepare, reference_codes
from kcalseq.training.laplace import GaugeFixed, gauge_fixed_errors
from kcalseq.training.objective import LogPosterior
from kcalseq.training.problem import Problem, build_problem
from kcalseq.training.profile import Profile, profile_scalars
from kcalseq.training.sampling import Samples, sample_posterior
from kcalseq.training.scale_prior import ScalePrior

HELD = ("mpa.c", "mpa.d")
SCALARS = ("interaction", "CRP.mu")
# Priors of the draws, and what the table calls them.
METHODS = {"open": "draws, open scale", "own": "draws, fit's priors"}
_Z_68, _Z_95 = 0.994458, 1.959964
_QUANTILES = (0.16, 0.84, 0.025, 0.975)
COLUMNS = ["quantity", "method", "value", "sd", "lower_68", "upper_68", "lower_95", "upper_95", "r_hat", "ess"]
Row = dict[str, str | float | None]


class Length(NamedTuple):
    """How many draws: kept of each chain, before these, and how many chains."""

    samples: int
    warmup: int
    chains: int


def read_sortseq(spec: ModelSpec, path: Path) -> Problem:
    """The table's variants and their bins; ct_0 is the library before sorting."""
    table = pd.read_csv(path).rename(columns={"x": "variant_sequence"})
    table = table.assign(library="lac", variant=table["variant_sequence"]).sort_values("variant", ignore_index=True)
    bins = [column for column in table.columns if column.startswith("ct_")]
    counts = table.melt(["library", "variant"], bins, "bin", "n_reads").query("n_reads > 0")
    counts["bin"] = counts["bin"].str.removeprefix("ct_").astype("int64")
    fraction = np.where(counts["bin"] == 0, "input", "bin")
    counts = counts.assign(condition="full-wt", replicate="1", fraction=fraction)
    return build_problem(spec, table, counts, "presence")


def draw_chain(
    spec: ModelSpec, problem: Problem, flat: NDArray[np.float64], length: Length, open_scale: bool, seed: int
) -> tuple[Samples, float]:
    """One chain, and its CPU seconds."""
    clock, done = time.process_time(), 0

    def progress(n: int) -> None:
        nonlocal done
        done += n
        if done % 50 == 0:
            print(f"chain {seed}: {done} draws, {time.process_time() - clock:.0f} CPU s", file=sys.stderr, flush=True)

    posterior = prepare(spec, problem).posterior
    layout, mode = posterior.network.layout, torch.from_numpy(flat)
    held = torch.full_like(mode, torch.nan)
    for name in HELD:
        held[layout.blocks[name].slice] = mode[layout.blocks[name].slice]
    posterior = LogPosterior(posterior.network, posterior.training, held[None])
    observed = observed_bases(problem.codes[problem.rows("training")])
    prior = ScalePrior(spec, layout, observed) if open_scale else None
    found = sample_posterior(posterior, mode, length.samples, length.warmup, 1, seed, progress, prior)
    return found, time.process_time() - clock


def draw(
    spec: ModelSpec, problem: Problem, flat: NDArray[np.float64], length: Length, open_scale: bool
) -> tuple[Samples, float]:
    """All chains, two at a time in processes of their own, and their CPU seconds together.

    ``prepare`` binds each to one core.
    """
    one = partial(draw_chain, spec, problem, flat, length, open_scale)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(one, range(length.chains)))
    chains, seconds = zip(*found, strict=True)
    return Samples(*(np.concatenate(items) for items in zip(*chains, strict=True))), sum(seconds)


def quick_rows(places: dict[str, int], fixed: GaugeFixed, profile: Profile) -> list[Row]:
    """The interaction by its profile, and all named numbers by curvature."""
    (low_68, high_68), (low_95, high_95) = profile.interval(0.68), profile.interval(0.95)
    ends = {"lower_68": low_68, "upper_68": high_68, "lower_95": low_95, "upper_95": high_95}
    rows: list[Row] = [{"quantity": "interaction", "method": "profile", "value": profile.estimate, **ends}]
    for name, place in places.items():
        value, sd = float(fixed.values[place]), float(fixed.errors[place])
        ends = {"lower_68": value - _Z_68 * sd, "upper_68": value + _Z_68 * sd}
        ends |= {"lower_95": value - _Z_95 * sd, "upper_95": value + _Z_95 * sd}
        rows.append({"quantity": name, "method": "curvature", "value": value, "sd": sd, **ends})
    return rows


def scalar_rows(method: str, places: dict[str, int], draws: NDArray[np.float64]) -> list[Row]:
    """Named numbers by draws (n_chains, n_draws, size)."""
    found = summarise(draws[:, :, list(places.values())])
    rows: list[Row] = []
    for number, (name, place) in enumerate(places.items()):
        ends = np.quantile(draws[:, :, place], _QUANTILES)
        row: Row = {"quantity": name, "method": method}
        row |= {field: float(getattr(found, field)[number]) for field in ("sd", "r_hat", "ess")}
        row |= dict(zip(("lower_68", "upper_68", "lower_95", "upper_95"), map(float, ends), strict=True))
        rows.append(row | {"value": float(found.mean[number])})
    return rows


def matrix_rows(
    method: str, name: str, place: slice, free: NDArray[np.bool_], draws: NDArray[np.float64], fixed: GaugeFixed
) -> list[Row]:
    """A site's matrix: sd of the draws against curvature, and how much probability the curvature's intervals hold.

    The last row is the root mean square of the entries, whose scale the fit takes from far fewer numbers.
    """
    entries, values, errors = draws[:, :, place][:, :, free], fixed.values[place][free], fixed.errors[place][free]
    found = summarise(entries)
    worst: Row = {"method": method, "r_hat": float(found.r_hat.max()), "ess": float(found.ess.min())}
    rows: list[Row] = [worst | {"quantity": f"{name}: median of sd / sd by curvature"}]
    rows[0]["value"] = float(np.median(found.sd / errors))
    inside = {"68": _Z_68, "95": _Z_95}
    for level, z in inside.items():
        held = float((np.abs(entries - values) < z * errors).mean())
        rows.append(worst | {"quantity": f"{name}: probability in the {level} % intervals by curvature", "value": held})
    spread = np.sqrt((entries**2).mean(2, keepdims=True))
    scale = scalar_rows(method, {f"{name}: root mean square": 0}, spread)
    fitted: Row = {
        "quantity": f"{name}: root mean square",
        "method": "fit",
        "value": float(np.sqrt((values**2).mean())),
    }
    return [*rows, *scale, fitted]


def run_rows(method: str, samples: Samples, canonical: CanonicalDraws, cpu_seconds: float) -> list[Row]:
    """How the sampler fared."""
    numbers = {
        "chains": samples.draws.shape[0],
        "draws of a chain": samples.draws.shape[1],
        "draws in another copy of the labels": canonical.exchanged.sum(),
        "divergent trajectories": samples.divergent.sum(),
        "mean acceptance probability": samples.acceptance.mean(),
        "median gradients a draw": np.median(samples.n_gradients),
        "largest gradients a draw": samples.n_gradients.max(),
        "smallest step size (whitened)": samples.step_size.min(),
        "CPU seconds": cpu_seconds,
    }
    return [{"quantity": name, "method": method, "value": float(value)} for name, value in numbers.items()]


def main() -> None:
    """Fit, profile, draw, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, required=True, help="MAVE-NN's sort-seq table")
    parser.add_argument("--samples", type=int, default=500, help="draws of a chain (default %(default)s)")
    parser.add_argument("--warmup", type=int, default=300, help="draws before these (default %(default)s)")
    parser.add_argument("--chains", type=int, default=2, help="under each prior (default %(default)s)")
    parser.add_argument("--priors", nargs="+", choices=METHODS, default=["open"], help="(default %(default)s)")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    spec = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    problem = read_sortseq(spec, options.table)
    flat = fit_problem(spec, problem, seed=1, n_starts=4, n_threads=2, progress=lambda _: None).flat
    setup = prepare(spec, problem)
    layout = setup.posterior.network.layout
    fixed = gauge_fixed_errors(spec, setup, problem, flat)
    profile = profile_scalars(spec, setup, flat, fixed, 0.95, 2, lambda _: None)["interaction"]
    places = {name: layout.blocks[name].start for name in SCALARS}
    rows, observed = quick_rows(places, fixed, profile), observed_bases(problem.codes[problem.rows("training")])
    length = Length(options.samples, options.warmup, options.chains)
    for prior in options.priors:
        method = METHODS[prior]
        samples, cpu_seconds = draw(spec, problem, flat, length, prior == "open")
        canonical = canonical_draws(spec, layout, samples.draws, reference_codes(spec, problem), observed)
        rows += scalar_rows(method, places, canonical.draws)
        for site in spec.sites:
            place, free = layout.blocks[f"{site.name}.theta"].slice, observed[site.start : site.stop].ravel()
            rows += matrix_rows(method, f"{site.name} matrix", place, free, canonical.draws, fixed)
        rows += run_rows(method, samples, canonical, cpu_seconds)
        table = pd.DataFrame(rows, columns=COLUMNS).drop_duplicates()
        text = table.to_csv(sep="\t", index=False, float_format="%.4g", lineterminator="\n")
        print(text, flush=True)
        if options.output:
            options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
